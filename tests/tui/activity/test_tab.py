"""The tab of changes: listed, opened, undone; and what the commands of the session cost."""

from __future__ import annotations

from typing import Any

from jailer_core.execution import prepare
from jailer_core.operations.snapshots.requests import SnapshotDestroy
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.screens.activity import ActivityScreen
from tests.tui.harness import Stage, opened

THREE = ("app0", "app1", "www0")


async def changed(it: Stage, name: str = "app1") -> None:
    """Stop a jail, and look away again."""
    await it.go_to(name)
    await it.press("S")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")


async def told(it: Stage, words: str) -> None:
    """A message that goes away on its own."""
    await it.until(lambda: any(words in one.message for one in it.app._notifications), words)


async def activity(it: Stage) -> ActivityScreen:
    await it.press("6")
    screen = it.app.screen
    assert isinstance(screen, ActivityScreen)
    await it.until(lambda: it.app.view.changes.entries is not None, "the journal")
    return screen


async def test_a_change_is_listed_with_its_steps() -> None:
    async with opened("busy") as it:
        await changed(it)
        await activity(it)
        it.sees("Stop app1", "done", "1 change")
        await it.compare_sizes("activity")


async def test_nothing_yet() -> None:
    async with opened("busy") as it:
        await activity(it)
        it.sees("No changes yet.")
        await it.press("z")
        await told(it, "no change is selected")


async def test_it_is_undone_by_z_and_a_look() -> None:
    async with opened("busy") as it:
        await changed(it)
        await activity(it)
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Undo: Stop app1", "-c app1")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        await it.until(lambda: len(it.app.view.changes.entries or ()) == 2, "both")
        assert it.jail("app1").running
        it.sees("Undo: Stop app1", "undone", "2 changes")
        await it.press("j", "z")
        await told(it, "it has already been undone")
        await it.press("k", "z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Redo: Stop app1")
        await it.press("escape")


async def test_z_on_any_tab_undoes_the_last_change() -> None:
    async with opened("busy") as it:
        await it.press("z")
        await told(it, "nothing has been changed yet")
        await changed(it)
        await it.press("6")
        await it.until(lambda: "Stop app1" in it.text)
        await it.press("g", "j")  # from a change to its jail
        assert it.dialog == "JailScreen"
        await it.press("2", "z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Undo: Stop app1")
        await it.press("y")
        await it.at_rest()
        assert it.jail("app1").running


async def test_z_takes_no_older_change_in_place_of_one_that_is_for_good() -> None:
    async with opened("busy") as it:
        await changed(it)
        plan = await prepare(it.app.reader, SnapshotDestroy(("zroot/jails/db01@prod",)))
        it.app.jobs.start(plan)
        await it.at_rest()
        await it.press("z")
        await told(it, "the last change cannot be undone: Destroy")
        assert it.dialog == "JailsScreen"


async def test_opened_with_steps_and_commands() -> None:
    async with opened("busy") as it:
        await changed(it)
        await changed(it, "app0")
        it.app.jobs.all.clear()  # as after a new start
        await activity(it)
        await it.press("j", "enter")
        assert it.dialog == "ChangeDetailDialog"
        it.sees("Stop app1", "$ jail -v -f /etc/jail.conf.d/app1.conf -r app1", "done")
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Undo: Stop app1")
        await it.press("escape")
        assert it.dialog == "ChangeDetailDialog"
        await it.press("escape", "escape")
        assert it.dialog == "JailsScreen"


async def test_output_of_this_session() -> None:
    async with opened("busy") as it:
        await changed(it)
        await activity(it)
        await it.press("enter")
        assert it.dialog == "ProgressDialog"
        it.sees("app1: removed")


async def test_filter() -> None:
    async with opened("busy") as it:
        await changed(it)
        await changed(it, "app0")
        screen = await activity(it)
        await it.press("slash")
        await it.type("app0")
        await it.press("enter")
        assert [one.title for one in screen.pane.items.values()] == ["Stop app0"]
        it.sees("1 of 2 changes")
        await it.press("escape", "escape")
        assert it.dialog == "JailsScreen"


async def test_every_command_with_its_cost() -> None:
    async with opened("busy") as it:
        screen = await activity(it)
        await it.press("tab")
        it.sees("COMMAND", "TOOK", "zfs list -Hp", "processes,")
        count = len(it.host.log)
        assert it.app.session.meter.processes == count
        await it.press("slash")
        await it.type("zpool")
        await it.press("enter")
        assert all("zpool" in row.cells[-1][0] for row in screen.pane.grid.rows)
        await it.press("escape", "tab")
        it.sees("No changes yet")


async def test_a_running_one_is_aborted_from_here() -> None:
    def slow(machine: Machine) -> None:
        machine.faults.append(Fault("hang", lambda argv: argv[0] == "jail" and "-r" in argv))

    async with opened("busy", change=slow) as it:
        it.host.pace = 1.0
        await it.go_to("app1")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y", "escape")
        await activity(it)
        await it.until(lambda: "running" in it.text, "it runs")
        it.sees("Stop app1")
        await it.press("z")
        await told(it, "it is running; X aborts it")
        await it.press("X")
        assert it.dialog == "ConfirmDialog"
        await it.press("y")
        await it.at_rest()
        assert it.jail("app1").running


async def test_hidden_it_reads_nothing() -> None:
    async with opened("busy") as it:
        await activity(it)
        await it.press("1")
        seen: list[str] = []
        listdir = it.host.listdir

        async def counted(path: str, **options: Any) -> tuple[str, ...]:
            seen.append(path)
            return await listdir(path, **options)

        it.host.listdir = counted  # type: ignore[method-assign]
        await it.refresh()
        assert not [path for path in seen if "journal" in path]


async def stopped_three(it: Stage) -> None:
    for name in THREE:
        await it.go_to(name)
        await it.press("space")
    await it.press("S")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    assert not any(it.jail(name).running for name in THREE)


async def test_what_was_done_to_several_jails_is_undone_by_one_z() -> None:
    async with opened("busy") as it:
        await stopped_three(it)
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview of the undo")
        it.sees("Undo 3 changes")
        await it.press("y")
        await it.at_rest()
        it.sees(*THREE, "3 undone")
        assert all(it.jail(name).running for name in THREE)
        await it.press("escape", "z")
        await told(it, "there is no change to undo")


async def test_the_undo_of_several_stops_at_the_first_that_is_refused() -> None:
    async with opened("busy") as it:
        await stopped_three(it)
        it.machine.now_run(("rm", "/etc/jail.conf.d/app1.conf"))
        await it.refresh()
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview of the undo")
        it.sees("www0", "app1: ", "app0: not undone, because an earlier undo is refused")
        await it.press("y")
        await it.at_rest()
        it.sees("1 undone, 2 refused")
        assert [it.inventory.jail(name) is not None for name in THREE] == [True, False, True]
        assert (it.jail("www0").running, it.jail("app0").running) == (True, False)
