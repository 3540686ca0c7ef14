"""All fields of a new jail on one screen, checked while they are typed."""

from __future__ import annotations

import secrets

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.dialogs.wizard import WizardDialog
from jailer_tui.widgets.search import Field
from tests.tui.changes import hold
from tests.tui.harness import HOME, WIDE, Stage, opened


@pytest.fixture(autouse=True)
def _same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda size: bytes(range(10, 10 + size)))


def form(it: Stage) -> WizardDialog:
    assert isinstance(it.app.screen, WizardDialog), it.text
    return it.app.screen


async def opened_form(it: Stage) -> None:
    await it.press("c", "f2")
    await it.until(lambda: form(it).inventory.snapshots is not None, "the snapshots")


async def write(it: Stage, text: str) -> None:
    """As if it had been pasted into the field."""
    assert isinstance(it.app.focused, Field)
    it.app.focused.value = text
    await it.settle()


def planned(it: Stage) -> str:
    """All of the preview."""
    assert isinstance(it.app.screen, PreviewDialog), it.text
    return "\n".join(text for line in it.app.screen.text.lines for text, _ in line)


async def go_to(it: Stage, key: str) -> None:
    form(it).form.go_to(key)
    await it.settle()


@pytest.mark.parametrize("size", [HOME, WIDE])
async def test_pictures(size: tuple[int, int]) -> None:
    async with opened("small", size) as it:
        await opened_form(it)
        it.compare(f"form-top-{size[0]}")
        await go_to(it, "boot")
        await it.press("space")
        it.compare(f"form-end-{size[0]}")


async def test_enters_alone_end_at_the_preview() -> None:
    async with opened("small") as it:
        await opened_form(it)
        for _ in range(30):
            if it.dialog == "WizardDialog" and not form(it).busy:
                await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")


async def test_switching_keeps_what_was_filled_in() -> None:
    async with opened("small") as it:
        await opened_form(it)
        await write(it, "web01")
        await go_to(it, "network")
        await it.press("right")
        it.sees("own address", "vtnet0")
        await it.press("f2")
        it.sees("1 of 5", "web01")
        await it.press("enter", "enter")
        choices = form(it).grid
        assert choices.key == "new"
        await it.press("k", "f2")
        it.sees("own network", "bridge0")


async def test_fields_that_make_no_sense_say_why() -> None:
    async with opened("small") as it:
        await opened_form(it)
        await go_to(it, "network")
        await it.press("left")
        rows = {one.key: one for one in form(it)._items}
        assert rows["address"].off == "uses the host's"
        assert rows["bridge"].off
        assert rows["mac"].off
        await it.press("down")
        assert form(it).form.item_of(it.app.focused).key == "domain"  # type: ignore[union-attr]


WRONG = (
    ("name", "image", "the name image is reserved for images"),
    ("name", "a.b", "must be letters"),
    ("address", "10.0.2.15", "10.0.2.15 is in use by the host's vtnet0"),
    ("address", "10.0.0.10", "10.0.0.10 is in use by the jail fd1dafdc"),
    ("address", "10.1.0.5", "is not in 10.0.0.0/24"),
    ("address", "10.0.0", "is not an IPv4 address"),
    ("gateway", "10.9.0.1", "gateway 10.9.0.1 is not in 10.0.0.0/24"),
    ("netmask", "255.0.255.0", "is not contiguous"),
    ("address6", "fd00::zz", "is not an IPv6 address"),
    ("resolver", "nowhere", "is not an IPv4 address"),
    ("domain", "-bad-", "must be letters, digits and hyphens"),
    ("memory", "lots", "is not a size"),
)


async def test_what_is_wrong_stands_beside_and_below() -> None:
    async with opened("small", WIDE) as it:
        await opened_form(it)
        await go_to(it, "how")
        await it.press("right")
        for key, text, said in WRONG:
            await go_to(it, key)
            await write(it, text)
            assert it.text.count(said) == 2, f"{said}\n{it.text}"
            row = form(it).form._rows[key]
            label, *_ = row.render_line(0)
            assert label.style == row.tone("bad"), "the label is red"
            await go_to(it, "note")
            await it.press("f10")
            assert it.dialog == "WizardDialog"
            assert form(it).form.item_of(it.app.focused).key == key  # type: ignore[union-attr]
            await it.press("ctrl+u")
            assert said not in it.text
            label, *_ = row.render_line(0)
            assert label.style == row.tone("dim" if row.item.off else "text")


async def test_ipv6_alone() -> None:
    async with opened("small") as it:
        await opened_form(it)
        await write(it, "six")
        await go_to(it, "how")
        await it.press("left")
        it.sees("IPv6 only")
        await it.press("f10")
        it.sees("needed", "Type one here, or choose IPv4 above")
        await write(it, "fd00::11/64")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        assert [one.address for one in it.jail("six").addresses or ()] == ["fd00::11"]


async def test_ipv6_besides_keeps_the_ipv4_address() -> None:
    async with opened("small", WIDE) as it:
        await opened_form(it)
        await go_to(it, "address6")
        await write(it, "fd00::11/64")
        it.sees("by DHCP")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("f3")
        shown = planned(it)
        assert "SYNCDHCP" in shown
        assert "fd00::11" in shown


async def test_a_list_of_all_options() -> None:
    async with opened("small") as it:
        await opened_form(it)
        await go_to(it, "base")
        await it.press("space")
        assert it.dialog == "ChoiceDialog"
        it.sees("app0@prod", "99d6c13c@base")
        await it.press("down", "down", "down", "enter")
        assert form(it).values["base"] == "app0@prod"
        it.sees("app0@prod")


async def test_limits_where_racct_is_off() -> None:
    def without(machine: Machine) -> None:
        machine.state.sysctl["kern.racct.enable"] = "0"

    async with opened("small", change=without) as it:
        await opened_form(it)
        items = {one.key: one for one in form(it)._items}
        assert "racct is off" in items["memory"].off


async def test_where_in_the_boot_order() -> None:
    def listed(machine: Machine) -> None:
        machine.now_run(("sysrc", "jail_list=www0 app0"))

    async with opened("small", WIDE, change=listed) as it:
        await opened_form(it)
        await write(it, "web01")
        await go_to(it, "boot")
        await it.press("space", "down", "right")
        it.sees("before www0")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        assert it.inventory.boot_list == ("web01", "www0", "app0")


async def test_a_failed_start_leads_back_to_the_form() -> None:
    def broken(argv: tuple[str, ...]) -> bool:
        return argv[0] == "jail" and "-c" in argv

    async with opened("small") as it:
        await opened_form(it)
        await write(it, "web01")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        before = set(it.machine.state.datasets)
        it.machine.faults.append(Fault("fail", broken, message="no such bridge"))
        await it.press("y")
        await it.at_rest()
        it.sees("Failed", "no such bridge", "Everything that was done has been undone")
        await it.press("escape")
        await it.until(lambda: it.dialog == "WizardDialog", "the form again")
        it.sees("It failed", "no such bridge", "web01")
        assert set(it.machine.state.datasets) == before
        it.machine.faults.clear()
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        it.sees("Done")
        await it.press("escape")
        assert it.jail("web01").running


async def test_what_failed_in_the_background_is_kept_for_the_next_time() -> None:
    def broken(argv: tuple[str, ...]) -> bool:
        return argv[0] == "jail" and "-c" in argv

    async with opened("small") as it:
        await opened_form(it)
        await write(it, "web01")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.machine.faults.append(Fault("stuck", broken))
        hold(it)
        await it.press("y")
        await it.until(lambda: bool(it.app.jobs.running), "the start")
        await it.press("escape")
        assert it.dialog == "JailsScreen"
        it.app.jobs.abort_all()
        await it.at_rest()
        assert it.dialog == "JailsScreen"
        await it.press("c")
        it.sees("web01")


async def test_a_form_opened_while_a_jail_is_created_is_for_another_one() -> None:
    def broken(argv: tuple[str, ...]) -> bool:
        return argv[0] == "jail" and "-c" in argv

    async with opened("small") as it:
        await opened_form(it)
        await write(it, "web01")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.machine.faults.append(Fault("stuck", broken))
        hold(it)
        await it.press("y")
        await it.until(lambda: bool(it.app.jobs.running), "the start")
        await it.press("escape", "c")
        await it.until(lambda: it.dialog == "WizardDialog", "the form")
        it.sees("jail1", "suggested")
        assert "web01" not in it.text.partition("Create a jail")[2]
        assert "already exists" not in it.text
        it.app.jobs.abort_all()
        await it.at_rest()


async def test_a_refusal_of_the_plan_is_said_above_the_fields() -> None:
    async with opened("small") as it:
        await opened_form(it)
        await write(it, "web01")
        await it.host.run(("zfs", "create", "zroot/jails/web01"))
        await it.press("f10")
        await it.until(lambda: "already" in it.text, "the refusal")
        assert it.dialog == "WizardDialog"


async def test_read_only_and_not_root_cannot_create() -> None:
    async with opened("small", read_only=True) as it:
        await it.press("c")
        assert it.dialog == "JailsScreen"
        assert any("read-only" in one.message for one in it.app._notifications)
    async with opened("small", user="nobody") as it:
        await it.press("c")
        assert it.dialog == "JailsScreen"
        assert any("root" in one.message for one in it.app._notifications)
