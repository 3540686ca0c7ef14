"""Every plan case fails at every step in every way: the host is as before, or the user is told.

The plan runs on a copy of the case's host. `fail`: the command does nothing and says so; `late`:
it does its work and says that it failed; `hang`: it does nothing and does not end; `stuck`: it
does its work and does not end; `die`: it is killed after its first sign of life. `abort`: someone
wants to stop before a step, while its command hangs before or after its work, or after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from jailer_core.errors import HostError
from jailer_core.execution.perform import ActionContext, perform
from jailer_core.execution.plan_run import PlanRun
from jailer_core.execution.run_steps import run_steps
from jailer_core.execution.unwind import NOT_OURS
from jailer_core.plan import (
    AwaitConfirmation,
    Event,
    Outcome,
    OutcomeStatus,
    Pipe,
    Plan,
    Run,
    StepEnded,
    StepStarted,
)
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import same
from tests.core.changing.covering import Covered
from tests.core.changing.faulted import matches
from tests.core.changing.prepared import everything, prepared
from tests.core.changing.reported import said
from tests.core.changing.unwritten import Unwritten

COMMAND_WAYS = ("fail", "late", "hang", "stuck", "die")
FILE_WAYS = ("fail", "late")
ABORTS = ("abort before", "abort hang", "abort stuck", "abort after")
AGAIN = ("fail", "late", "abort after", "unseen")
"""Ways in which a step fails wherever in a plan it stands."""
USUALLY = (*AGAIN, "die", "abort before")
"""Ways in which one step of each kind fails; that of each program fails in every way."""
EFFECT = ("late", "stuck", "die", "abort stuck")
"""Ways in which a command has its effect although it does not succeed."""


def ways(plan: Plan) -> Iterator[tuple[int, str]]:
    for index, step in enumerate(plan.steps):
        if isinstance(step.action, AwaitConfirmation):
            yield from ((index, way) for way in ("unseen", "abort hang"))
            continue
        command = isinstance(step.action, Run | Pipe)
        for way in COMMAND_WAYS if command else FILE_WAYS:
            yield index, way
        for way in ABORTS if command else ("abort after",):
            if way != "abort before" or index == 0:
                # before any other step is after the one before it
                yield index, way


async def carry_out(machine: Machine, case_id: str, index: int, way: str) -> Outcome:
    _, plan, _, _ = prepared(case_id)
    host = SimulatedHost(machine)
    abort = asyncio.Event()
    wanted = matches(plan.steps[index].action)
    kind = way.removeprefix("abort ")
    if kind in COMMAND_WAYS:
        earlier = [matches(step.action) for step in plan.steps[:index]].count(wanted)
        machine.faults.append(Fault(kind, lambda argv: argv == wanted, skip=earlier))

    def hear(event: Event) -> None:
        hangs = way in ("abort hang", "abort stuck")
        if hangs and isinstance(event, StepStarted) and event.index == index:
            asyncio.get_running_loop().call_soon(abort.set)
        if not (hangs or way == "unseen") or getattr(event, "index", -1) != index:
            confirm(machine, plan, event)
        if way == "abort after" and isinstance(event, StepEnded) and event.index == index:
            abort.set()

    if way == "abort before":
        abort.set()
    return await run_steps(PlanRun(host, plan, Unwritten(host, ""), hear), abort, 0)


def confirm(machine: Machine, plan: Plan, event: Event) -> None:
    """Someone sees what waits to be confirmed."""
    if isinstance(event, StepStarted) and not event.undoing:
        action = plan.steps[event.index].action
        if isinstance(action, AwaitConfirmation):
            machine.files.remove(action.plan_hash)


async def check(case_id: str, index: int, way: str) -> list[str]:
    """What is wrong with the host, or with what is said of it, after that."""
    mould, plan, _, before = prepared(case_id)
    copy = mould.cast()
    outcome = await carry_out(copy, case_id, index, way)
    where = f"{case_id} step {index + 1} ({plan.steps[index].title}) {way}"
    if outcome.ok:
        return [] if may_succeed(plan, index, way) else [f"{where}: it says that all went well"]
    if outcome.status is not (
        OutcomeStatus.ABORTED if way.startswith("abort") else OutcomeStatus.FAILED
    ):
        return [f"{where}: ended {outcome.status}: {outcome.message}"]
    if not outcome.message:
        return [f"{where}: without a reason"]
    lasting = any(step.irreversible_because and not step.undo for step in plan.steps[: index + 1])
    # a command that had its effect and did not live to say so: it may have been someone else's
    doubt = way in EFFECT and any(NOT_OURS in sentence for sentence in outcome.leftovers)
    if not outcome.undone and not lasting and not doubt:
        return [f"{where}: not all was undone: {outcome.leftovers}"]
    if doubt:
        await by_hand(copy, plan, outcome.leftovers)
    return [
        f"{where}: not said: {line}\n    said: {outcome.leftovers}"
        for line in same(before, everything(copy))
        if not said(line, outcome.leftovers)
    ]


async def by_hand(machine: Machine, plan: Plan, left: tuple[str, ...]) -> None:
    """Someone looked at what was left, saw that the change made it, and takes it back."""
    for step in reversed(plan.steps):
        for undo in step.undo:
            if any(sentence.startswith(f"{undo.title}: ") for sentence in left):
                with suppress(HostError):
                    await perform(
                        SimulatedHost(machine), undo.action, 60.0, ActionContext(lambda *_: None)
                    )


def may_succeed(plan: Plan, index: int, way: str) -> bool:
    """What had its effect counts when its goal decides, or when it was the last anyway."""
    step = plan.steps[index]
    if step.skip_if:  # it may not have been done at all
        return True
    last = index == len(plan.steps) - 1
    decides = bool(step.postconditions) and (
        len(step.ok_statuses) > 1 or bool(step.irreversible_because and not step.undo)
    )
    if way in EFFECT:
        return decides
    return way == "abort after" and last


def test_every_step_in_every_way(covered: Covered) -> None:
    case = covered.case
    _, plan, _, _ = prepared(case.id)

    async def check_all() -> list[str]:
        chosen = [
            (index, way)
            for index, way in ways(plan)
            if index in covered.once
            or (index in covered.fully and way in USUALLY)
            or (index in covered.steps and way in AGAIN)
        ]
        return [line for index, way in chosen for line in await check(case.id, index, way)]

    wrong = asyncio.run(check_all())
    assert not wrong, "\n".join(wrong[:20])
