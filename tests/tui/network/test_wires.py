"""Bridges and addresses by keys alone, at 80x24."""

from __future__ import annotations

import os

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.screens.network import NetworkScreen
from tests.tui.harness import HOME, RENEW, SNAPSHOTS, WIDE, Stage, opened

SIZES = [(HOME, "80"), (WIDE, "160")]


def with_vlan(machine: Machine) -> None:
    argv = ("ifconfig", "vlan10", "create", "vlan", "10", "vlandev", "vtnet0")
    assert machine.now_run(argv).status == 0


async def network(it: Stage) -> NetworkScreen:
    await it.press("4")
    await it.refresh()
    screen = it.app.screen
    assert isinstance(screen, NetworkScreen)
    return screen


async def cursor(it: Stage, words: str) -> None:
    """The cursor on the row with these words."""
    screen = it.app.screen
    assert isinstance(screen, NetworkScreen)
    key = next(key for key in screen.pane.items if key.split("/")[-1] == words)
    screen.pane.grid.move_to_key(key)
    await it.settle()


def told(it: Stage, words: str) -> bool:
    """Whether a message that goes away on its own says so."""
    return any(words in one.message for one in it.app._notifications)


async def done(it: Stage) -> None:
    """Run what is shown, see that it worked, close it."""
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    it.sees("✓ Done")
    await it.press("escape")
    await it.refresh()


async def test_a_bridge_is_made_a_jail_moves_there_and_back_and_it_goes() -> None:
    async with opened() as it:
        await network(it)
        await it.press("c")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.press("tab", "tab")
        await it.type("next")
        it.sees("takes fd00:0:0:2::1/64")
        await it.press("f10")
        await done(it)
        it.sees("├─bridge1", "10.0.1.1/24 +1")

        await cursor(it, "epair2a")
        await it.press("A")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.press("right")
        it.sees("10.0.1.2, fd00:0:0:2::2 on bridge1", "it will be restarted")
        await it.press("f10")
        await done(it)
        it.sees("10.0.1.2/24 +1")
        assert it.machine.state.interfaces["bridge1"].members == ["epair2a"]

        await cursor(it, "bridge1")
        await it.press("d")
        await it.until(lambda: told(it, "app1 uses bridge1"), "the reason")
        await it.press("escape")

        await cursor(it, "epair2a")
        await it.press("e", "left", "tab")
        await it.type("10.0.0.12")
        await it.press("f10")
        await done(it)

        await cursor(it, "bridge1")
        await it.press("d")
        await done(it)
        assert "bridge1" not in it.text
        assert "bridge1" not in it.machine.files.read("/etc/rc.conf").decode()


async def test_a_member_goes_in_and_out_and_a_bridge_with_one_is_destroyed() -> None:
    async with opened(change=with_vlan) as it:
        await network(it)
        await cursor(it, "bridge0")
        await it.press("m")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("vlan10", "epair2a, epair1a")
        await it.press("f10")
        await done(it)
        assert "vlan10" in it.machine.state.interfaces["bridge0"].members
        await cursor(it, "vlan10")
        await it.press("M")
        await done(it)
        assert "vlan10" not in it.machine.state.interfaces["bridge0"].members

        assert it.machine.now_run(("ifconfig", "bridge7", "create")).status == 0
        assert it.machine.now_run(("ifconfig", "bridge7", "addm", "vlan10")).status == 0
        await it.refresh()
        await cursor(it, "bridge7")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the other way")
        it.sees("After removing its members")
        await done(it)
        assert "bridge7" not in it.machine.state.interfaces


async def test_a_card_with_an_address_is_refused_while_it_is_chosen() -> None:
    async with opened() as it:
        await network(it)
        await cursor(it, "bridge0")
        await it.press("m")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.press("f10")
        it.sees("vtnet0 has its own address")
        assert it.dialog == "FormDialog"


async def test_what_a_row_cannot_do_is_said() -> None:
    async with opened() as it:
        await network(it)
        await cursor(it, "vtnet0")
        for key, why in (
            ("m", "this row is not a bridge"),
            ("M", "this row is not a bridge member"),
            ("d", "this row is neither a bridge nor a rule"),
            ("e", "neither a bridge nor a jail"),
        ):
            await it.press(key)
            assert told(it, why), why


async def test_change_a_bridge() -> None:
    async with opened() as it:
        await network(it)
        await cursor(it, "bridge0")
        await it.press("e")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("10.0.0.1/24", "app0, app1")
        await it.press("end", "ctrl+u")
        await it.type("10.0.0.254/24")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("must now use 10.0.0.254 as")
        await done(it)
        rc = it.machine.files.read("/etc/rc.conf").decode()
        assert 'ifconfig_bridge0="inet 10.0.0.254/24 up"' in rc


def box(it: Stage, name: str) -> None:
    """The form is as it was kept, whatever lies behind it."""
    lines = it.text.splitlines()
    first = next(at for at, line in enumerate(lines) if "╭" in line)
    last = next(at for at, line in enumerate(lines) if "╰" in line)
    left, right = lines[first].index("╭"), lines[first].index("╮") + 1
    text = "".join(f"{line[left:right]}\n" for line in lines[first : last + 1])
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(RENEW):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{RENEW}=1 keeps the new picture"


@pytest.mark.parametrize(("size", "name"), SIZES)
async def test_the_forms(size: tuple[int, int], name: str) -> None:
    async with opened(size=size) as it:
        await network(it)
        await it.press("c")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        box(it, f"wires-bridge-{name}")
        await it.press("escape", "1")
        await it.go_to("app1")
        await it.press("A")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        box(it, f"wires-address-{name}")
