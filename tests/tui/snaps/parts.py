"""Shared by the tests of snapshots."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.screens.snapshots import SnapshotsScreen
from tests.tui.harness import Stage

ROOT = "/usr/local/jails"


def run(machine: Machine, *argv: str) -> None:
    done = machine.now_run(argv)
    assert done.status == 0, done


def with_children(machine: Machine) -> None:
    """app0 has a dataset below it, snapshots of both, a hold, and a clone of the first."""
    run(machine, "zfs", "create", "zroot/jails/app0/data")
    run(machine, "zfs", "snapshot", "-r", "zroot/jails/app0@both")
    run(machine, "zfs", "snapshot", "zroot/jails/app0@auto-daily-20261126T0000Z")
    run(machine, "zfs", "hold", "keep", "zroot/jails/app0@both")
    run(machine, "zfs", "snapshot", "zroot/jails/app0/data@below")
    run(machine, "zfs", "clone", "zroot/jails/app0@both", "zroot/jails/other")
    machine.state.now += 3600


async def snapshots(it: Stage, key: str = "") -> SnapshotsScreen:
    """The tab, with the cursor on a row."""
    await it.press("3")
    screen = it.app.screen
    assert isinstance(screen, SnapshotsScreen)
    await look(it)
    if key:
        screen.pane.grid.move_to_key(key)
        await it.settle()
        assert screen.pane.grid.key == key, [row.key for row in screen.pane.grid.rows]
    return screen


async def look(it: Stage) -> None:
    """Read the snapshots once more."""
    await it.refresh()


def told(it: Stage, text: str) -> None:
    """A message that goes away on its own says so."""
    said = [one.message for one in it.app._notifications]
    assert any(text in one for one in said), said
