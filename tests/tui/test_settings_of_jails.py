"""Limits and parameters of a jail by keys: seen, set, and undone."""

from __future__ import annotations

from jailer_core.operations.settings.limit_catalog import BY_WORD
from jailer_core.operations.settings.usage import Usage
from jailer_tui.presenters import settings_parts
from jailer_tui.theme import ASCII
from tests.tui.harness import Stage, opened


async def run(it: Stage) -> None:
    """Preview, run and close."""
    await it.press("f10")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    await it.settle()


async def undo(it: Stage) -> None:
    await it.press("z")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    await it.settle()


async def part(it: Stage, name: str, has: str) -> None:
    """Turn to a part of the opened jail, and wait until it was read."""
    while it.app.screen.pane.part != name:  # type: ignore[attr-defined]
        await it.press("right")
    await it.until(lambda: has in it.text, has)


async def test_the_memory_of_a_jail_is_limited_and_its_bar_is_seen() -> None:
    async with opened("busy") as it:
        await it.go_to("www0")
        await it.press("Q")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("Limits of www0", "uses 11.5M", "Reservation")
        await it.type("20X")
        await it.press("f10")
        it.sees("is not a size")
        await it.press("backspace")
        await it.type("M")
        await run(it)
        assert it.machine.state.rctl == ["jail:www0:memoryuse:deny=20971520"]
        await it.press("enter")
        await part(it, "Limits", "20M")
        it.sees("Memory", "57%")
        it.compare("opened-limits")
        await undo(it)
        await it.until(lambda: "57%" not in it.text, "the bar is gone")
        assert it.machine.state.rctl == []


async def test_a_parameter_is_chosen_set_and_undone() -> None:
    async with opened("busy") as it:
        await it.go_to("www0")
        await it.press("enter")
        await part(it, "Parameters", "allow.raw_sockets")
        it.compare("opened-parameters")
        await it.press("E")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the list")
        it.sees("ping and traceroute", "preset", "Raw sockets: ping, trac…", "/ Search")
        await it.press(*["down"] * 10, "enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("allow.raw_sockets of www0", "Risk:")
        await it.press("right")
        await run(it)
        assert it.machine.jail_named("www0").params["allow.raw_sockets"] == ["false"]  # type: ignore[union-attr]
        await undo(it)
        assert it.machine.jail_named("www0").params["allow.raw_sockets"] == ["true"]  # type: ignore[union-attr]


async def test_a_preset_is_one_choice() -> None:
    async with opened("busy") as it:
        await it.go_to("www0")
        await it.press("E")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the list")
        await it.press("down", "down", "enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("allow.mlock=yes")
        await it.press("escape")


async def test_the_use_of_all_jails_leads_to_their_limits() -> None:
    async with opened("busy") as it:
        it.machine.now_run(("rctl", "-a", "jail:www0:memoryuse:deny=20M"))
        await it.press("percent_sign")
        await it.until(lambda: it.dialog == "UseDialog", "the table")
        lines = [line for line in it.text.splitlines() if "www0" in line or "app0" in line]
        assert "11.5M/20M" in next(line for line in lines if "www0" in line)
        it.compare("use-of-all")
        await it.press("enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("Limits of www0")


async def test_why_limits_cannot_be_set() -> None:
    async with opened("busy") as it:
        it.machine.state.sysctl["kern.racct.enable"] = "0"
        await it.refresh()
        await it.go_to("www0")
        await it.press("enter")
        await part(it, "Limits", "(racct) is off")
        it.sees("limits enable")
        await it.press("Q")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.type("20M")
        await it.press("f10")
        it.sees("(racct) is off")


def test_a_bar_shows_that_something_is_used() -> None:
    assert settings_parts.bar(0.0, 10, ASCII) == ASCII.empty * 10
    assert settings_parts.bar(0.001, 10, ASCII).count(ASCII.full) == 1
    assert settings_parts.bar(3.0, 10, ASCII) == ASCII.full * 10


def test_the_fullest_come_first() -> None:
    memory = BY_WORD["memory"]
    shares = [Usage(memory, used, "100").share for used in (10, 95, None)]
    assert shares == [0.1, 0.95, None]
    assert [settings_parts.tone(share) for share in shares] == ["ok", "bad", "text"]
    assert Usage(memory, 10, "").share is None
    assert Usage(BY_WORD["cpuset"], None, "0-1").share is None


async def test_limits_of_marked_jails() -> None:
    async with opened("busy") as it:
        it.machine.now_run(("zfs", "set", "quota=5G", "zroot/jails/www0"))
        await it.refresh()
        for name in ("app0", "www0"):
            await it.go_to(name)
            await it.press("space")
        await it.press("Q")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("Limits of 2 jails", "differ; none removes them")
        await it.type("20X")
        await it.press("f10")
        it.sees("is not a size")
        await it.press("backspace")
        await it.type("M")
        await run(it)
        rules = [f"jail:{name}:memoryuse:deny=20971520" for name in ("app0", "www0")]
        assert sorted(it.machine.state.rctl) == rules
        dataset = it.machine.state.datasets["zroot/jails/www0"]
        assert dataset.props["quota"] == "5368709120"


async def test_a_parameter_and_a_preset_of_marked_jails() -> None:
    async with opened("busy") as it:
        for name in ("app0", "www0"):
            await it.go_to(name)
            await it.press("space")
        await it.press("E")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the list")
        it.sees("Parameters of 2 jails", "differs")
        await it.press(*["down"] * 10, "enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("allow.raw_sockets of 2 jails")
        await it.press("right")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Parameters of 2 jails")
        await it.press("y")
        await it.at_rest()
        it.sees("app0", "www0", "nothing to do")
        for name in ("app0", "www0"):
            assert it.machine.jail_named(name).params["allow.raw_sockets"] == ["true"]  # type: ignore[union-attr]
