"""The whole story by keys alone: snapshot, change, compare, roll back, undo, destroy, restore."""

from __future__ import annotations

from jailer_core.model import Jail
from tests.tui.harness import HOME, Stage, opened
from tests.tui.snaps.parts import ROOT

NOTE = f"{ROOT}/www0/root/note"


async def run(it: Stage) -> None:
    """The preview has come: see it, run it, close it."""
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    it.sees("Done")
    await it.press("escape")


async def test_snapshot_change_compare_back_forth_destroy_restore() -> None:
    async with opened("busy", HOME) as it:
        await it.press("end")
        while it.main.current is None or it.main.current.name != "www0":
            await it.press("k")
        was = it.jail("www0")
        assert was.running

        await take(it)
        await change(it)
        await compare(it)
        await go_back(it)
        await see_and_undo(it)
        await destroy_and_restore(it, was)


async def take(it: Stage) -> None:
    """Two keys, and one that closes."""
    await it.press("B")
    await it.type("good")
    await it.until(lambda: "$ zfs snapshot" in it.text, "the command")
    await it.press("enter")
    await it.at_rest()
    it.sees("Done", "www0@good")
    await it.press("escape")


async def change(it: Stage) -> None:
    """A command inside the jail."""
    await it.press("x")
    await it.type("touch /root/note")
    await it.press("f10")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.until(lambda: it.machine.files.exists(NOTE), "the change")
    await it.until(lambda: not it.app.jobs.running, "its end")
    while it.dialog != "JailsScreen":
        await it.press("escape")


async def compare(it: Stage) -> None:
    """Its snapshots, then what changed since the one under the cursor."""
    await it.press("enter", "3")
    await it.refresh()
    it.sees("[3 Snapshots]", "good")
    await it.press("enter")
    await it.until(lambda: "note" in it.text, "the change")
    it.sees("www0@good compared with now", "1 added")
    await it.press("escape", "escape", "1")
    assert it.main.current is not None
    assert it.main.current.name == "www0"


async def go_back(it: Stage) -> None:
    """To the newest snapshot, which the cursor is on."""
    await it.press("b")
    await it.until(lambda: it.dialog == "RollbackDialog", "the snapshots")
    it.sees("good", "nothing is lost", "is rolled back")
    await it.press("enter")
    await run(it)
    assert not it.machine.files.exists(NOTE)
    assert it.jail("www0").running


async def see_and_undo(it: Stage) -> None:
    """The newer state waits in the trash, and comes back: the going back is undone."""
    await it.press("Z")
    it.sees("www0", "earlier state", "before going back to @good")
    await it.press("escape", "z")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    it.sees("Undo", "www0")
    await run(it)
    assert it.machine.files.exists(NOTE)
    assert it.jail("www0").running


async def destroy_and_restore(it: Stage, was: Jail) -> None:
    """Gone, and back as it was: running, with its address."""
    await it.press("d")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.type("www0")
    await it.press("enter")
    await it.at_rest()
    it.sees("Done")
    await it.press("escape")
    assert it.inventory.jail("www0") is None
    await it.press("Z")
    it.sees("www0", "running", "Restore brings www0 back with its address, and starts it.")
    await it.press("enter")
    await run(it)
    back = it.jail("www0")
    assert back.running
    assert back.addresses == was.addresses
    assert it.machine.files.exists(NOTE)
    it.sees("www0", "running")
