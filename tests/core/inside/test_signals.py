"""A signal goes to the process that was shown, in the jail in which it was shown."""

from __future__ import annotations

import asyncio
import copy

from jailer_core.execute import execute, prepare
from jailer_core.execute.reasons import not_so
from jailer_core.execute.states import Judge
from jailer_core.host.simulated.host import SimulatedHost
from jailer_core.host.simulated.scenarios import build
from jailer_core.inventory import Reader
from jailer_core.operations.inside.requests import Signal
from jailer_core.plan import Ending, ProcessIs

BUSY = build("busy")
CRON = "/usr/sbin/cron -s"


async def test_a_process_is_that_of_its_jail() -> None:
    judge = Judge(SimulatedHost(copy.deepcopy(BUSY)), {})
    assert await judge.holds(ProcessIs(18498, CRON, jid=75))
    assert await judge.holds(ProcessIs(18498, CRON))
    assert not await judge.holds(ProcessIs(18498, CRON, jid=76))
    assert not_so(ProcessIs(18498, CRON, jid=76)) == (
        "process 18498 is not /usr/sbin/cron -s of the jail with jid 76 any more"
    )


async def test_what_stops_and_goes_on() -> None:
    host = SimulatedHost(copy.deepcopy(BUSY))
    reader = Reader(host)
    for name, state in (("STOP", "TJ"), ("CONT", "SJ")):
        plan = await prepare(reader, Signal("www0", 18498, CRON, name))
        outcome = await execute(reader, plan, lambda _: None, asyncio.Event(), pause=0)
        assert outcome.ending is Ending.DONE
        assert host.machine.state.processes[18498].state == state


async def test_what_ignores_term_is_told_of() -> None:
    host = SimulatedHost(copy.deepcopy(BUSY))
    host.machine.state.processes[18498].stubborn = True
    reader = Reader(host)
    plan = await prepare(reader, Signal("www0", 18498, CRON))
    outcome = await execute(reader, plan, lambda _: None, asyncio.Event(), pause=0)
    assert outcome.ending is Ending.FAILED
    assert outcome.message == "it goes on running"
    assert outcome.hint == "KILL ends it whatever it does."
