"""A program of its own, its host in a file, killed by SIGKILL; the next one brings it back.

killed_test.py does the same at every step of every plan with forks; this one leaves nothing out:
another interpreter, the state on a disk, the signal from outside.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import execute, interrupted, prepare
from jailer_core.facts import Reader
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Outcome
from jailer_core.simulator import persist
from jailer_core.simulator.host import SimulatedHost
from tests.core.changing.workbench import Bench

pytestmark = pytest.mark.processes()

PROGRAM = """
import asyncio, json, sys, time
from jailer_core.execution import execute, prepare
from jailer_core.simulator import persist
from jailer_core.simulator.host import SimulatedHost
from jailer_core.facts import Reader
from jailer_core.operations.jails.requests import Destroy

path, record, step = sys.argv[1], sys.argv[2], int(sys.argv[3])

class OnDisk(SimulatedHost):
    async def append(self, path_, text, *, mode=0o600):
        one = json.loads(text)
        if (one["record"], one.get("step")) == (record, step) and record == "done":
            self.stop()
        await super().append(path_, text, mode=mode)
        persist.save(self.machine, path)
        if (one["record"], one.get("step")) == (record, step):
            self.stop()

    def stop(self):
        persist.save(self.machine, path)
        print("now", flush=True)
        time.sleep(600)

async def main():
    reader = Reader(OnDisk(persist.load(path)))
    plan = await prepare(reader, Destroy("www0", "20261124T101500"))
    await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("record", "step"), [("begun", 0), ("done", 0), ("begun", 7), ("runs", 8), ("done", 8)]
)
def test_killed(tmp_path: Path, record: str, step: int) -> None:
    state = tmp_path / "host.state"
    machine = Bench().machine
    before = persist.dump(machine)
    persist.save(machine, state)
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(state), record, str(step)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"now\n"
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    if (record, step) == ("done", 0):
        # it made the dataset, but nothing tells that: never a guess whose it is
        with pytest.raises(Refused, match="it is unknown whether this change made it"):
            asyncio.run(recover(state))
        return
    assert asyncio.run(recover(state)).ok
    after = persist.dump(persist.load(state))
    assert not [line for line in persist.same(before, after) if "processes" not in line]


async def recover(state: Path) -> Outcome:
    host = SimulatedHost(persist.load(state))
    reader = Reader(host)
    cut = await interrupted.find_interrupted(host, (await reader.gather(quick=True)).layout)
    assert cut is not None
    assert cut.target.title == "Destroy www0"
    await interrupted.terminate(host, cut, patience=1)
    plan = await prepare(reader, UndoChange(cut.target.id, "20261126T101500"))
    done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
    persist.save(host.machine, state)
    return done
