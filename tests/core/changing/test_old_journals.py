"""What version 0.1.0 wrote can still be read and undone.

old/state-0.1.0.json.gz is a state file of that version: on the demo host `small`, app0 was renamed
to app9, a bridge was added, and fd1dafdc was destroyed.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from jailer_core import journal
from jailer_core.model import Layout
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import load
from tests.core.changing.workbench import There

LAYOUT = Layout("zroot/jails")
OLD = Path(__file__).parent / "old" / "state-0.1.0.json.gz"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    path = tmp_path / "state.json"
    path.write_bytes(gzip.decompress(OLD.read_bytes()))
    return load(path)


async def test_its_changes_are_listed(machine: Machine) -> None:
    entries = await journal.entries(SimulatedHost(machine), LAYOUT)
    assert [(entry.op, entry.state) for entry in entries] == [
        ("rename", "done"),
        ("bridge", "done"),
        ("destroy", "done"),
    ]
    assert all(entry.plan is not None and entry.plan.steps for entry in entries)


async def test_its_changes_are_undone(machine: Machine) -> None:
    host = There(machine)
    for entry in reversed(await journal.entries(SimulatedHost(machine), LAYOUT)):
        await host.do(UndoChange(entry.id, "20261130T120000"))

    assert {jail.name for jail in machine.state.jails.values() if not jail.dying} == {
        "99d6c13c",
        "app0",
        "fd1dafdc",
        "www0",
    }
    assert machine.now_run(("ifconfig", "bridge1")).status == 1
