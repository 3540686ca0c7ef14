"""Undo what a plan did: every step that was begun, in reverse order.

Nothing here depends on how a step ended. Each undo is judged from the host: needed (`when`),
needless (`settled`), or not possible. One that fails does not stop the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import HostError, JailerError
from jailer_core.execution import evaluator
from jailer_core.execution.perform import ActionContext, perform
from jailer_core.execution.plan_run import PlanRun, StepRun
from jailer_core.plan import Undo
from jailer_core.plan.conditions import whatever_jid
from jailer_core.text import sanitize

NOT_OURS = "kept: it is unknown whether this change made it"
NOT_AS_LEFT = "not possible, because the host has changed since"
IT_DID_NOT = "the command reported success, but nothing changed"


@dataclass(frozen=True, slots=True)
class UnwindResult:
    """The result of unwinding: whether everything was undone, and what still differs."""

    undone: bool
    leftovers: tuple[str, ...]


async def unwind(course: PlanRun) -> UnwindResult:
    """Undo all steps of a plan that were started. Never raises what a host can cause."""
    undone = True
    left: list[str] = []
    for ran in reversed(course.ran):
        remains = await _step_back(course, ran)
        undone = undone and not remains
        left += remains
        if ran.traced:
            left.append(ran.step.side_effect)
    return UnwindResult(undone, tuple(dict.fromkeys(map(sanitize, left))))


async def _step_back(course: PlanRun, ran: StepRun) -> list[str]:
    step = ran.step
    if step.irreversible_because and not step.undo:
        return [await _lasting(course, ran)]
    failures: dict[int, str] = {}

    async def take_back(number: int) -> None:
        problem = await _undo(course, ran, number)
        if problem:
            await course.write("not undone", step=ran.index, undo=number, message=problem)
            failures[number] = problem

    for number in range(len(step.undo)):
        await take_back(number)
        if number in failures:
            # it may have made again what those before it removed: a start does that
            for earlier in range(number):
                if earlier not in failures and await _needed_again(course, ran, earlier):
                    await take_back(earlier)
    # a later undo of the same step may have done what an earlier one could not
    remains = [
        f"{undo.title}: {failures[number]}"
        for number, undo in enumerate(step.undo)
        if number in failures and not (undo.done_when and await course.certainly(undo.done_when))
    ]
    if step.undo and not remains:
        await course.write("undone", step=ran.index)
    return remains


async def _needed_again(course: PlanRun, ran: StepRun, number: int) -> bool:
    undo = ran.step.undo[number]
    if not undo.done_when or ran.ours(number) is not True:
        return False
    needed = await course.certainly(undo.preconditions)
    return needed and not await course.certainly(undo.done_when)


async def _lasting(course: PlanRun, ran: StepRun) -> str:
    step = ran.step
    done = ran.finished or (
        bool(step.postconditions) and await course.certainly(step.postconditions)
    )
    word = "this was done" if done else "this may be partly done"
    return f"{step.title}: {word}; {step.irreversible_because}"


async def _undo(course: PlanRun, ran: StepRun, number: int) -> str:
    """Run one undo where it is needed; "" when all is as before, else why not."""
    undo, ours = ran.step.undo[number], ran.ours(number)
    if ours is False:
        return ""  # someone else made it
    try:
        if ours is None or not await course.judge().all(undo.preconditions):
            for needless in (undo.done_when, undo.or_done_when):
                if needless and await course.judge().all(needless):
                    return ""
            return NOT_OURS if ours is None else NOT_AS_LEFT
    except JailerError as error:
        return f"not tried, the host cannot be read: {error.message}"
    except Exception as error:  # noqa: BLE001 - the other steps are still to be taken back
        return f"not tried, internal error: {type(error).__name__}: {error}"
    began = course.step_started(ran, undo)
    problem = await _try(course, ran, undo)
    if problem and undo.done_when and await course.certainly(undo.done_when):
        problem = ""
    course.step_finished(ran, began, problem, undoing=True)
    return problem


async def _try(course: PlanRun, ran: StepRun, undo: Undo) -> str:
    try:
        hands = ActionContext(course.on_output(ran), course.record_processes(ran))
        result = await perform(course.host, undo.action, undo.timeout, hands)
    except HostError as error:
        return evaluator.of_error(error)
    if result is not None and not result.ok:
        return evaluator.of_result(result)
    if undo.done_when and not await course.certainly(whatever_jid(undo.done_when)):
        return IT_DID_NOT
    return ""
