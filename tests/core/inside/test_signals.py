"""A signal goes to the process that was shown, in the jail in which it was shown."""

from __future__ import annotations

import asyncio

from jailer_core.execution import execute, prepare
from jailer_core.execution.evaluator import Evaluator
from jailer_core.facts import Reader
from jailer_core.operations.in_jail.requests import Signal
from jailer_core.plan import OutcomeStatus, ProcessRuns
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import build

CRON = "/usr/sbin/cron -s"


async def test_a_process_is_that_of_its_jail() -> None:
    judge = Evaluator(SimulatedHost(build("busy")), {})
    assert await judge.holds(ProcessRuns(18498, CRON, jid=75))
    assert await judge.holds(ProcessRuns(18498, CRON))
    assert not await judge.holds(ProcessRuns(18498, CRON, jid=76))
    assert ProcessRuns(18498, CRON, jid=76).describe_failure() == (
        "process 18498 is no longer /usr/sbin/cron -s of the jail with jid 76"
    )


async def test_what_stops_and_goes_on() -> None:
    host = SimulatedHost(build("busy"))
    reader = Reader(host)
    for name, state in (("STOP", "TJ"), ("CONT", "SJ")):
        plan = await prepare(reader, Signal("www0", 18498, CRON, name))
        outcome = await execute(reader, plan, lambda _: None, asyncio.Event(), pause=0)
        assert outcome.status is OutcomeStatus.DONE
        assert host.machine.state.processes[18498].state == state


async def test_what_ignores_term_is_told_of() -> None:
    host = SimulatedHost(build("busy"))
    host.machine.state.processes[18498].stubborn = True
    reader = Reader(host)
    plan = await prepare(reader, Signal("www0", 18498, CRON))
    outcome = await execute(reader, plan, lambda _: None, asyncio.Event(), pause=0)
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.message == "it is still running"
    assert outcome.hint == "KILL always terminates it."
