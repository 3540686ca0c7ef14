"""The tab of snapshots: one row for what belongs together, and its details."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Fault
from jailer_tui.presenters.snapshots import columns_for, entries
from tests.tui.harness import opened
from tests.tui.snaps.parts import look, run, snapshots, told, with_children

BOTH = "zroot/jails/app0@both"


async def test_all_snapshots() -> None:
    async with opened("small", change=with_children) as it:
        screen = await snapshots(it, BOTH)
        await look(it)
        keys = [row.key for row in screen.pane.grid.rows]
        assert keys.index(BOTH) < keys.index("zroot/jails/app0@prod")
        assert keys[-1] == "zroot/jails/image/15.1-RELEASE@base"
        it.sees("1 clone held", "zroot/jails/other", "Holds      keep", "data")
        await it.compare_sizes("snapshots")


async def test_what_only_lies_below_is_a_row_of_its_own() -> None:
    async with opened("small", change=with_children) as it:
        await snapshots(it, "zroot/jails/app0@below")
        it.sees("the jail itself has no such")
        await it.press("b")
        told(it, "the jail itself has no such snapshot")
        assert it.dialog == "SnapshotsScreen"


async def test_read_only_while_in_sight_and_not_every_time() -> None:
    def listed() -> int:
        return sum("snapshot" in argv for argv in it.host.log if argv[:2] == ("zfs", "list"))

    async with opened("small") as it:
        await it.refresh()
        assert listed() == 0
        await snapshots(it)
        before = listed()
        for _ in range(6):
            it.machine.state.now += 2
            await it.app.session.live.round()
        assert listed() == before + 2
        await it.press("1")
        before = listed()
        it.machine.state.now += 60
        await it.app.session.live.round()
        await it.refresh()
        assert listed() == before


async def test_cursor_marks_and_filter_stay() -> None:
    async with opened("small", change=with_children) as it:
        screen = await snapshots(it, BOTH)
        await it.press("space")
        run(it.machine, "zfs", "snapshot", "zroot/jails/app0@newest")
        await look(it)
        assert screen.pane.grid.marks == {BOTH}
        assert screen.pane.grid.key == "zroot/jails/app0@prod"
        it.sees("1 marked")
        await it.press("slash", *"held", "enter")
        assert [row.key for row in screen.pane.grid.rows] == [BOTH]
        await it.press("escape", "escape")
        assert not screen.pane.grid.marks
        await it.press("a", "i", "escape")
        assert it.dialog == "JailsScreen"


async def test_a_host_without_any() -> None:
    async with opened("fresh") as it:
        await it.press("escape", "3")
        await look(it)
        it.sees("No snapshots yet")


async def test_what_cannot_be_read_is_said() -> None:
    async with opened("small") as it:
        broken = Fault("fail", lambda argv: "snapshot" in argv, times=9, message="pool suspended")
        it.machine.faults.append(broken)
        await snapshots(it)
        it.sees("The snapshots could not be read", "pool suspended")


async def test_a_jail_opens_them_filtered() -> None:
    async with opened("small", change=with_children) as it:
        await it.go_to("app0")
        await it.press("enter", "3")
        await look(it)
        it.sees("[3 Snapshots]", "/app0@")
        screen = it.app.screen
        rows = [row.key for row in screen.pane.grid.rows]  # type: ignore[attr-defined]
        assert rows
        assert all(key.startswith("zroot/jails/app0@") for key in rows)


async def test_names_of_a_stranger_are_harmless() -> None:
    def change(machine: object) -> None:
        from jailer_core.simulator.zfs.store import Zfs  # noqa: PLC0415

        zfs = Zfs(machine)  # type: ignore[arg-type]
        zfs.take(zfs.dataset("zroot/jails/app0"), "a\x1b[2Jb\u202e", zfs.txg(), {})

    async with opened("small", change=change) as it:
        await snapshots(it)
        it.sees("a^[[2Jb\\u202e")


async def test_columns_give_way_by_what_they_tell() -> None:
    async with opened("small", change=with_children) as it:
        screen = await snapshots(it)
        found = entries(it.inventory, screen.pane._read or ())
        keys = [one.key for one in columns_for(79, found)]
        assert keys == ["jail", "name", "age", "used", "ties"]
        assert [one.key for one in columns_for(40, found)] == ["jail", "name"]
        assert len(columns_for(140, found)) == 8
        name = next(one for one in columns_for(79, found) if one.key == "name")
        assert name.width >= len("auto-daily-20261126T0000Z")


async def test_tags_are_read_when_the_cursor_comes_to_one_that_is_held() -> None:
    async with opened("small", change=with_children) as it:
        screen = await snapshots(it, "zroot/jails/www0@base")
        assert not any(argv[:2] == ("zfs", "holds") for argv in it.host.log)
        screen.pane.grid.move_to_key(BOTH)
        await it.settle()
        await it.until(lambda: "Holds      keep" in it.text, "the tags")


async def test_the_last_change_is_undone_from_here_as_well() -> None:
    async with opened("small") as it:
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("c", *"mine", "enter")
        await it.at_rest()
        await it.press("escape", "z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Undo: Take the snapshot app0@mine", "zfs destroy")
        await it.type("mine")
        await it.press("enter")
        await it.at_rest()
        dataset = it.machine.state.datasets["zroot/jails/app0"]
        assert "mine" not in [one.name for one in dataset.snapshots]


@pytest.mark.parametrize("tab", list("123456"))
async def test_undo_is_heard_on_every_tab(tab: str) -> None:
    async with opened("small") as it:
        await it.press(tab, "z")
        await it.until(lambda: bool(it.app._notifications), "the message")


async def test_the_trash_is_opened_from_here_too() -> None:
    async with opened("small") as it:
        await snapshots(it)
        await it.press("Z")
        assert it.dialog == "TrashDialog"
        await it.press("escape")
        assert it.dialog == "SnapshotsScreen"
