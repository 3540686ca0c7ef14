"""Killed by SIGKILL at every step of every plan case: the next start names it and undoes it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from jailer_core.errors import HostError, Refused
from jailer_core.execution import execute, interrupted, prepare
from jailer_core.execution.perform import ActionContext, perform
from jailer_core.facts import Reader
from jailer_core.journal import Interrupted
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.operations.undo.reverse_plan import DOUBT
from jailer_core.plan import BringOver, Plan, Step
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump, same
from tests.core.changing.covering import Covered
from tests.core.changing.dying import AFTER, BEFORE, CUT, LATER, NEVER, PART, Death, deaths
from tests.core.changing.reported import said

STAMP = "20261126T120000"


async def seen(death: Death, plan: Plan) -> tuple[list[str], Reader, Interrupted | None]:
    """What is wrong with what the next start sees, and the host after it has waited."""
    host = SimulatedHost(death.machine())
    reader = Reader(host)
    where = of(death, plan)
    cut = await interrupted.find_interrupted(host, (await reader.gather(quick=True)).layout)
    if cut is None:
        nothing = death.moment == CUT and death.step == 0
        return [] if nothing else [f"{where}: the next start sees nothing"], reader, None
    if cut.target.title != plan.title:
        return [f"{where}: the next start names {cut.target.title}"], reader, cut
    wrong = await _waited(host, death, cut)
    return [f"{where}: {wrong}"] if wrong else [], reader, cut


def machine_of(reader: Reader) -> Machine:
    assert isinstance(reader.host, SimulatedHost)
    return reader.host.machine


async def same_as(death: Death, plan: Plan, twin: Death) -> list[str]:
    """Once a command that still ran has ended, nothing tells this death from its twin."""
    wrong, reader, _ = await seen(death, plan)
    told = same(timeless(dump(twin.machine())), timeless(dump(machine_of(reader))))
    return wrong + [f"{of(death, plan)}: {line}" for line in told]


async def recovered(death: Death, plan: Plan, before: dict[str, object]) -> list[str]:
    """What is wrong after the next start has undone what was cut off."""
    wrong, reader, cut = await seen(death, plan)
    if wrong or cut is None:
        return wrong
    return await taken_back(death, plan, before, reader, cut)


async def recovered_both_ways(
    death: Death, plan: Plan, before: dict[str, object], after: dict[str, object]
) -> list[str]:
    """What is wrong after the next start has undone or resumed the interrupted change."""
    wrong, reader, cut = await seen(death, plan)
    if wrong or cut is None:
        return wrong
    wrong = await taken_back(death, plan, before, reader, cut)
    return wrong + await gone_on_with(death, plan, after, cut)


async def taken_back(
    death: Death, plan: Plan, before: dict[str, object], reader: Reader, cut: Interrupted
) -> list[str]:
    """What is wrong after what was cut off has been undone on that host."""
    where = of(death, plan)
    try:
        back = await _taken_back(reader, plan.steps[death.step], UndoChange(cut.target.id, STAMP))
    except Refused as error:
        gone = death.moment in (AFTER, PART) and "this cannot be undone" in error.message
        return [] if gone else [f"{where}: refused: {error.message}"]
    done = await execute(reader, back, lambda _event: None, asyncio.Event(), pause=0)
    if not done.ok:
        return [f"{where}: {done.status}: {done.message} {done.leftovers}"]
    if (
        await interrupted.find_interrupted(reader.host, (await reader.gather(quick=True)).layout)
        is not None
    ):
        return [f"{where}: it is still said to be cut off"]
    told = (*back.notes, *done.notes)
    lines = [line for line in same(before, dump(machine_of(reader))) if not said(line, told)]
    lines = [line for line in lines if not line.startswith("tmpfs: /tmp: new")]
    return [f"{where}: {line}\n    said: {told}" for line in lines]


async def _taken_back(reader: Reader, step: Step, request: UndoChange) -> Plan:
    """The plan that undoes it; what may be someone else's is taken away by hand before."""
    try:
        return await prepare(reader, request)
    except Refused as error:
        if DOUBT not in error.message:
            raise
    for undo in step.undo:
        with suppress(HostError):
            await perform(reader.host, undo.action, 60.0, ActionContext(lambda *_: None))
    return await prepare(reader, request)


def of(death: Death, plan: Plan) -> str:
    return f"step {death.step + 1} ({plan.steps[death.step].title}) {death.moment}"


async def _waited(host: SimulatedHost, death: Death, cut: Interrupted) -> str:
    """A command that still runs is seen, waited for or ended."""

    async def sleep(seconds: float) -> None:
        host.machine.state.now += seconds

    running = await interrupted.still_running(host, cut)
    if death.moment not in (LATER, NEVER):
        return f"{running} is said to run" if running else ""
    if not running:
        return "the command that still runs is not seen"
    if death.moment == LATER:
        await interrupted.wait(host, cut, sleep)
    elif not await interrupted.terminate(host, cut, sleep):
        return "the command could not be ended"
    return ""


async def gone_on_with(
    death: Death, plan: Plan, wanted: dict[str, object], cut: Interrupted
) -> list[str]:
    """What is wrong after the next start has resumed the interrupted change."""
    machine = death.machine()
    host = SimulatedHost(machine)
    reader = Reader(host)
    where = f"{of(death, plan)}, gone on with"
    try:
        rest = await prepare(reader, Resume(cut.target.id))
    except Refused as error:
        unknown = "it is unknown whether" in error.message or death.moment == PART
        return [] if unknown else [f"{where}: refused: {error.message}"]
    done = await execute(reader, rest, lambda _event: None, asyncio.Event(), pause=0)
    if not done.ok:
        return [f"{where}: {done.status}: {done.message} {done.leftovers}"]
    lines = [line for line in same(wanted, timeless(dump(machine))) if not said(line, rest.notes)]
    return [f"{where}: {line}\n    said: {rest.notes}" for line in lines]


def timeless(told: dict[str, object]) -> dict[str, object]:
    """Without what depends on when a step was run, and how often one was tried."""
    datasets = told["datasets"]
    assert isinstance(datasets, dict)
    plain = {
        name: {
            key: value for key, value in one.items() if key not in ("creation", "guid", "snapshots")
        }
        | {"snapshots": sorted(one["snapshots"])}
        for name, one in datasets.items()
    }
    return told | {"datasets": plain}


MOMENTS = frozenset({BEFORE, CUT, AFTER, PART, LATER, NEVER})
USUALLY = frozenset({BEFORE, AFTER, PART})
"""The others are only about the journal and the process, whatever the step is."""
ELSEWHERE = frozenset({BEFORE, AFTER})
"""When a step dies whose shape was tried in another place of a plan: it is only undone."""


def test_killed_at_every_step(covered: Covered) -> None:
    machine = covered.case.machine()
    before = dump(machine)
    steps = dict.fromkeys(covered.steps, ELSEWHERE)
    steps |= dict.fromkeys(covered.fully, USUALLY) | dict.fromkeys(covered.once, MOMENTS)
    plan, done, found = deaths(machine, covered.case.request, MOMENTS, steps)
    assert done.ok, done
    after = timeless(dump(machine))

    twins = {(death.step, death.moment): death for death in found}

    async def check(death: Death) -> list[str]:
        twin = twins[death.step, BEFORE if death.moment == NEVER else AFTER]
        match death.moment if death.step in covered.fully else BEFORE:
            case "cut":
                return (await seen(death, plan))[0]
            case "later" | "never" if isinstance(plan.steps[death.step].action, BringOver):
                return await recovered(death, plan, before)  # it is more than its command
            case "later" | "never":
                return await same_as(death, plan, twin)
            case "part" if alike(death, twin):
                return (await seen(death, plan))[0]  # a command that is done when it says something
            case "before":
                return await recovered(death, plan, before)
        return await recovered_both_ways(death, plan, before, after)

    async def check_all() -> list[str]:
        return [line for death in found for line in await check(death)]

    wrong = asyncio.run(check_all())
    assert not wrong, "\n".join(wrong[:20])


def alike(death: Death, twin: Death) -> bool:
    """Whether two deaths left the same host, but for the journal."""
    left, other = (timeless(dump(dead.machine())) for dead in (death, twin))
    return not same(left, other)
