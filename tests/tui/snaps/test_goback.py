"""Rollback by keys: its effects are shown first, the newer state is in the trash afterwards."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from tests.tui.harness import Stage, opened
from tests.tui.snaps.parts import ROOT, look, run, snapshots, told, with_children

NOTE = f"{ROOT}/app0/root/note"


def changed(machine: Machine) -> None:
    """app0 has more now than at @prod, and a child that @prod does not know."""
    with_children(machine)
    machine.files.write(NOTE, b"newer")


async def back_to_prod(it: Stage) -> None:
    await it.go_to("app0")
    await it.press("b")
    await it.until(lambda: it.dialog == "RollbackDialog", "the dialog")
    await it.press("j", "j")


async def test_what_it_would_mean() -> None:
    async with opened("small", change=changed) as it:
        await back_to_prod(it)
        it.sees(
            "nothing is lost",
            "zroot/jails/app0  is rolled back",
            "has no @prod: unchanged",
            "@both",
            "zroot/jails/other is a clone of a newer snapshot",
        )
        await it.compare_sizes("goback")


async def test_back_and_the_newer_state_is_in_the_trash() -> None:
    async with opened("small", change=changed) as it:
        await back_to_prod(it)
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Roll app0 back to @prod", "zroot/jails/app0/data")
        await it.press("y")
        await it.at_rest()
        it.sees("Done")
        assert not it.machine.files.exists(NOTE)
        assert it.jail("app0").running
        await it.press("escape", "Z")
        it.sees("app0", "earlier state", "before going back to @prod", "Restore undoes that")
        it.compare("trash-earlier-80")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        assert it.machine.files.read(NOTE) == b"newer"


async def test_the_other_way_destroys_and_asks_for_the_name() -> None:
    def change(machine: Machine) -> None:
        run(machine, "zfs", "snapshot", "zroot/jails/app0@later")
        machine.files.write(NOTE, b"newer")

    async with opened("small", change=change) as it:
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("b", "d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("@later", "To continue, type")
        await it.press("escape")
        assert it.dialog == "RollbackDialog"
        assert it.machine.files.exists(NOTE)


async def test_the_dialog_can_be_left() -> None:
    async with opened("small") as it:
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("b")
        await it.until(lambda: it.dialog == "RollbackDialog", "the dialog")
        await it.press("escape")
        assert it.dialog == "SnapshotsScreen"


async def test_without_a_snapshot_there_is_no_way_back() -> None:
    def change(machine: Machine) -> None:
        run(machine, "zfs", "destroy", "zroot/jails/www0@base")

    async with opened("small", change=change) as it:
        await it.go_to("www0")
        await it.press("b")
        await it.until(lambda: bool(it.app._notifications), "the message")
        told(it, "no snapshot to go back to")


async def test_what_went_to_the_trash_is_no_clone_in_the_way() -> None:
    async with opened("small", change=changed) as it:
        await back_to_prod(it)
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        await snapshots(it, "zroot/jails/app0@prod")
        await look(it)
        it.sees("trash", "In trash   app0-")
        await it.press("d")
        told(it, "a later state in the trash depends on it")
