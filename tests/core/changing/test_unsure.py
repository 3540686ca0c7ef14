"""What is unknown or still in progress is not assumed to be good or bad."""

from __future__ import annotations

import asyncio

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.execution.interrupted import find_interrupted
from jailer_core.facts import Reader
from jailer_core.operations.jails.requests import Destroy, Stop
from jailer_core.operations.setup.requests import MakePool
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.kernel.state import SimProcess
from tests.core.changing.dying import AFTER, LATER, LONG, deaths
from tests.core.changing.workbench import Bench

STAMP = "20261124T101010"


def _without_ps(bench: Bench) -> None:
    bench.machine.faults.append(Fault("fail", lambda argv: argv[0] == "ps", times=99))


async def test_without_ps_nobody_is_taken_for_a_process_of_the_host() -> None:
    bench = Bench()
    _without_ps(bench)
    plan = await prepare(bench.reader, Destroy("www0", STAMP))
    assert any("unknown" in note for note in plan.notes)
    _without_ps(bench)
    with pytest.raises(Refused, match="unknown"):
        await prepare(bench.reader, Destroy("www0", STAMP, kill=True))


async def test_a_process_of_the_host_is_named_when_ps_works() -> None:
    bench = Bench()
    bench.machine.spawn(SimProcess(4711, 1, 0, "sleep 600", cwd="/usr/local/jails/www0/root"))
    with pytest.raises(Refused, match="4711"):
        await prepare(bench.reader, Destroy("www0", STAMP))


async def test_a_dying_jail_holds_its_files() -> None:
    bench = Bench()
    bench.machine.state.counters["linger www0"] = 3600
    bench.run_now("jail", "-f", "/etc/jail.conf.d/www0.conf", "-r", "www0")
    with pytest.raises(Refused, match="dying"):
        await prepare(bench.reader, Destroy("www0", STAMP))
    assert (await prepare(bench.reader, Destroy("www0", STAMP, force=True))).steps


async def test_nothing_is_left_of_a_program_that_is_not_there() -> None:
    bench = Bench(scenario="busy")
    plan = await prepare(bench.reader, Stop("shop"))
    bench.machine.faults.append(Fault("fail", lambda argv: argv[0] == "bastille", times=9))
    outcome = await bench.carry_out(plan)
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.leftovers == ()


@pytest.mark.parametrize("moment", [LATER, AFTER])
def test_the_file_of_a_pool_that_was_exported_since_is_kept(moment: str) -> None:
    """Killed while `zpool create` ran or right after it: its end was not recorded."""
    steps = {2: frozenset({moment})}
    machine = Bench(scenario="fresh").machine
    machine.now_run(("zpool", "destroy", "zroot"))
    _, _, (death,) = deaths(machine, MakePool(size=4 << 30), frozenset({moment}), steps)
    machine = death.machine()
    machine.state.now += 2 * LONG
    # no export is simulated: this leaves the label in the file, too
    assert machine.now_run(("zpool", "destroy", "zroot")).status == 0
    reader = Reader(SimulatedHost(machine))

    async def undo() -> None:
        layout = (await reader.gather(quick=True)).layout
        change = await find_interrupted(reader.host, layout)
        assert change is not None
        await prepare(reader, UndoChange(change.target.id, STAMP))

    with pytest.raises(Refused, match="its file may still contain it"):
        asyncio.run(undo())
