"""Pools, what uses their space, and what destroying snapshots frees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.facts.vitals import StorageReader, frees, space
from jailer_core.model import Dataset
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.actions import BY_ID
from jailer_tui.presenters.retention import frees as frees_of
from jailer_tui.screens.snapshot_space import SnapshotSpaceScreen
from jailer_tui.screens.storage import StorageScreen
from tests.tui.harness import Stage, opened


async def storage(it: Stage) -> StorageScreen:
    await it.press("f4")
    screen = it.app.screen
    assert isinstance(screen, StorageScreen)
    await it.until(lambda: bool(screen.pane.grid.rows))
    return screen


async def snapshots_of(it: Stage, name: str) -> SnapshotSpaceScreen:
    screen = await opened_space(it, name)
    await it.until(lambda: len(screen.pane.ranges) == 5)
    return screen


async def opened_space(it: Stage, name: str) -> SnapshotSpaceScreen:
    screen = await storage(it)
    key = next(key for key in (row.key for row in screen.pane.grid.rows) if key.endswith(name))
    screen.pane.grid.move_to_key(key)
    await it.press("enter")
    space_screen = it.app.screen
    assert isinstance(space_screen, SnapshotSpaceScreen)
    return space_screen


async def test_pictures() -> None:
    async with opened("trouble") as it:
        it.machine.state.pools["zroot"].health = "DEGRADED"
        await it.refresh()
        await storage(it)
        await it.compare_sizes("storage")


async def test_a_scrub_shows_how_far_it_is() -> None:
    async with opened("trouble") as it:
        it.machine.state.pools["zroot"].scrub = it.machine.state.now - 10
        await storage(it)
        assert "scrub in progress: " in it.text
        assert "% done" in it.text
        await it.press("o", "down", "enter")
        await it.press("escape", "f4")  # the order is kept
        await it.until(lambda: "TOTAL▼" in it.text)
        it.sees("by TOTAL▼")


async def test_what_snapshots_hold_alone_and_together() -> None:
    async with opened("trouble") as it:
        screen = await snapshots_of(it, "app1")
        it.compare("snapshot-space-80")
        newest = screen.pane.grid.rows[0]
        assert newest.key == "daily-5"
        ranges = screen.pane.ranges
        alone = {one.name: one.used for one in screen.pane.snapshots or ()}
        assert (ranges["daily-5"] or 0) > (ranges["daily-1"] or 0) >= alone["daily-1"]
        await it.press("enter")  # a gigabyte is freed
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("app1@daily-5", "1.14G")
        await it.type("daily-5")
        await it.press("enter")
        await it.at_rest()
        await it.press("escape")
        await it.until(lambda: len(screen.pane.grid.rows) == 4)
        assert alone["daily-5"] > 1 << 30


async def test_enter_goes_down_to_the_dataset_that_uses_the_space() -> None:
    async with opened("busy") as it:
        for name in ("data", "data/pg", "logs"):
            await it.host.run(("zfs", "create", f"zroot/jails/app0/{name}"))
        await it.host.run(("zfs", "snapshot", "zroot/jails/app0/data/pg@before"))
        await it.refresh()
        screen = await storage(it)
        screen.pane.grid.move_to_key("jail zroot/jails/app0")
        await it.press("enter")
        await it.until(lambda: "Storage of app0" in it.text and "(itself)" in it.text)
        inner = it.app.screen
        assert isinstance(inner, StorageScreen)
        assert {user.name for user in inner.pane.items.values()} == {"(itself)", "data", "logs"}
        inner.pane.grid.move_to_key("data zroot/jails/app0/data")
        await it.press("enter")
        await it.until(lambda: "Storage of app0/data" in it.text and "pg" in it.text)
        deepest = it.app.screen
        assert isinstance(deepest, StorageScreen)
        deepest.pane.grid.move_to_key("data zroot/jails/app0/data/pg")
        await it.press("enter")
        await it.until(lambda: "Space held by the snapshots of app0/data/pg" in it.text)
        await it.until(lambda: "before" in it.text)
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("zroot/jails/app0/data/pg@before")
        await it.press("escape", "escape", "escape", "escape", "escape")
        await it.until(lambda: it.dialog == "JailsScreen")


async def test_the_plan_that_frees_space() -> None:
    async with opened("trouble") as it:
        screen = await snapshots_of(it, "app1")
        screen.pane.grid.move_to_key("daily-4")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert "Destroy 3 snapshots" in it.text
        it.sees("not included, because held or cloned: daily-2")
        assert "frees" in it.text
        await it.press("escape")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert "app1@daily-4" in it.text


async def test_sorting_and_help_name_the_columns() -> None:
    async with opened("trouble") as it:
        await snapshots_of(it, "app1")
        await it.press("o")
        it.sees("Name", "Age", "Held alone", "Held with older ones")
        await it.press("escape", "question_mark", "end")
        it.sees("WITH OLDER", "settings.toml")
        await it.press("escape", "escape", "question_mark", "end")
        it.sees("SHARED", "what it shares with its image")


async def test_nothing_can_be_destroyed_where_no_snapshot_is() -> None:
    async with opened("trouble") as it:
        screen = await opened_space(it, "app0")
        await it.until(lambda: "It has no snapshots" in it.text)
        assert "Destroy" not in it.text
        assert screen.why_not(BY_ID["space_older"]) == "no snapshot is selected"


async def test_a_dataset_without_snapshots_and_the_trash() -> None:
    async with opened("trouble") as it:
        screen = await storage(it)
        keys = [row.key for row in screen.pane.grid.rows]
        screen.pane.grid.move_to_key(next(key for key in keys if key.startswith("trash")))
        await it.press("enter")
        await it.until(lambda: it.dialog == "TrashDialog")


@pytest.mark.parametrize("scenario", ["small", "large"])
async def test_two_commands_whatever_the_number_of_jails(scenario: str) -> None:
    host = SimulatedHost(scenarios.build(scenario))
    read = await StorageReader().read(host)
    assert sorted(argv[0] for argv in host.log) == ["zfs", "zpool"]
    assert read.pools is not None
    assert read.use is not None
    assert read.problems == ()


async def test_what_is_not_known() -> None:
    host = SimulatedHost(scenarios.build("small"))
    assert await frees(host, "zroot/jails/www0", "nosuch", "nosuch") is None
    assert space("a b\t1\t2\t3\t4\t5\t6\n").value["a b"].shared == 3
    assert space("odd\na\t1\t2\t3\t4\t5\t6\n").unread


async def destroy(it: Stage, name: str) -> None:
    await it.go_to(name)
    await it.press("d")
    await it.until(lambda: it.dialog == "PreviewDialog")
    await it.type(name)
    await it.press("enter")
    await it.at_rest()
    await it.press("escape")
    await it.refresh()


async def test_what_purging_frees_and_its_plan() -> None:
    async with opened("trouble") as it:
        screen = await storage(it)
        key = next(row.key for row in screen.pane.grid.rows if row.key.startswith("trash"))
        screen.pane.grid.move_to_key(key)
        await it.settle()
        it.sees("purging frees up to 0B", "d Purge")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("Destroy mail0-20260901T081500 permanently", "This frees up to")


async def test_all_of_the_trash_in_one_row() -> None:
    async with opened("busy") as it:
        await destroy(it, "app0")
        await destroy(it, "www0")
        screen = await storage(it)
        rows = [row.key for row in screen.pane.grid.rows]
        screen.pane.grid.move_to_key(rows[-1])
        await it.settle()
        it.sees("all 2 entries", "purging frees ")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("Purge the trash", "This frees up to ")
        await it.type("2 jails")
        await it.press("enter")
        await it.at_rest()
        await it.refresh()
        assert it.inventory.trash == ()


async def test_what_depends_on_the_trash_is_named() -> None:
    async with opened("busy") as it:
        await destroy(it, "app0")
        (entry,) = it.inventory.trash
        assert frees_of(it.inventory, [entry]).startswith("purging frees ")
        clone = Dataset("zroot/x", "1", 0, 0, 0, "", f"{entry.dataset}@base", 0, mounted=False)
        inventory = replace(it.inventory, datasets=(*(it.inventory.datasets or ()), clone))
        said = frees_of(inventory, [entry])
        assert said.startswith("purging frees up to ")
        assert said.endswith("; first promote zroot/x")


async def test_an_entry_that_cannot_be_purged_is_named() -> None:
    async with opened("trouble") as it:
        await destroy(it, "app1")
        screen = await storage(it)
        screen.pane.grid.move_to_key(screen.pane.grid.rows[-1].key)
        await it.settle()
        it.sees("all 2 entries")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog")
        entry = next(entry for entry in it.inventory.trash if entry.name == "app1")
        it.sees(f"{entry.id}: ", "@daily-2 is", "Destroy mail0-20260901T081500 permanently")
