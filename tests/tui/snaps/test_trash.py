"""The trash: how old, how large, what bringing it back means."""

from __future__ import annotations

from jailer_core.model import Inventory, TrashEntry
from jailer_core.operations.shared.trash import is_old, since
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.dialogs.trash import more, title, trash_rows, was
from tests.tui.harness import opened
from tests.tui.snaps.parts import run


def bare(machine: Machine) -> None:
    """A dataset that someone moved there by hand."""
    run(machine, "zfs", "create", "-o", "mountpoint=none", "zroot/jails/.trash")
    run(machine, "zfs", "create", "zroot/jails/.trash/thing-20261120T101500")


async def test_ages_sizes_and_what_it_was() -> None:
    async with opened("small", change=bare) as it:
        await it.go_to("www0")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.type("www0")
        await it.press("enter")
        await it.at_rest()
        it.machine.state.now += 3 * 86400
        await it.refresh()
        await it.press("escape", "Z")
        it.sees("Trash: 2", "3d", "running", "and starts it", "thing")
        await it.compare_sizes("trash")
        await it.press("j")
        it.sees("Only the files were kept")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.type("thing")
        await it.press("enter")
        await it.at_rest()
        await it.press("escape")
        it.sees("Trash: 1")


def entry(stamp: str, **meta: object) -> TrashEntry:
    return TrashEntry(f"a-{stamp}", "a", stamp, f"z/.trash/a-{stamp}", "1", 1024, meta)


async def test_what_is_old_is_marked_and_never_purged_by_itself() -> None:
    async with opened("small", change=bare) as it:
        it.machine.state.now += 31 * 86400
        await it.refresh()
        await it.press("Z")
        it.sees("old: 1", "?, old", "In the trash for more than 30 days")
        it.compare("trash-old-80")
        await it.press("escape")
        await it.refresh()
        assert len(it.inventory.trash) == 1


def test_how_long_is_too_long() -> None:
    day = 86400.0
    there = entry("19700101T000000")
    inventory = Inventory(trash=(there,), taken=31 * day)
    assert is_old(there, inventory.taken, 30)
    assert not is_old(there, inventory.taken, 31)
    assert not is_old(there, inventory.taken, 0)
    assert not is_old(entry("S1"), inventory.taken, 1)


def test_a_stamp_that_is_no_time_has_no_age() -> None:
    rows = trash_rows(Inventory(trash=(entry("S1"),), taken=5.0))
    assert [text for text, _ in rows[0].cells] == ["a", "S1", "?", "1K", "?"]
    assert since(entry("S1")) is None
    assert title(Inventory()) == "Trash"


def test_what_was_kept_decides_what_is_said() -> None:
    assert was(entry("S", ran=False))[0] == "stopped"
    gone = entry("S", ran=True, because="before going back to @x\x1b")
    assert was(gone)[0] == "earlier state"
    said = "".join(text for line in more(gone, Inventory()) for text, _ in line)
    assert "The jail no longer exists" in said
    assert "^[" in said
