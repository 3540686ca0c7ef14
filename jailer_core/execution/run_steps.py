"""Run a plan step by step; what fails or is aborted is undone (unwind.py).

Confirm a change that is waiting for confirmation, from here or over another connection.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from jailer_core.errors import FileFailed, HostError, JailerError
from jailer_core.execution import evaluator
from jailer_core.execution.perform import Aborted, ActionContext, perform
from jailer_core.execution.plan_run import Growth, PlanRun, StepRun, watching
from jailer_core.execution.unwind import IT_DID_NOT, unwind
from jailer_core.host import Host, Result
from jailer_core.model import Layout
from jailer_core.operations.connection.guard import FOLDER
from jailer_core.operations.shared.paths import VAR
from jailer_core.plan import Outcome, OutcomeStatus, ProcessRuns, Step
from jailer_core.text import human_bytes, sanitize

PATIENCE = 20
"""How often to check again for a goal that takes its time: a process that was told to end."""


class StepFailed(JailerError):  # noqa: N818 - the word says it
    """A step failed; `message` is the reason that the command gave."""


async def run_steps(
    course: PlanRun, abort: asyncio.Event, pause: float, steps: range | None = None
) -> Outcome:
    """Run all steps of a plan, or some, or undo what was done so far.

    `pause` is the time in seconds between two checks of something that comes true in its own time.
    Raises nothing that a host can cause.
    """
    indices = range(len(course.plan.steps)) if steps is None else steps
    try:
        for index in indices:
            await _step(course, StepRun(index, course.plan.steps[index]), abort, pause)
    except Aborted:
        return await aborted(course)
    except StepFailed as error:
        return await _back(course, OutcomeStatus.FAILED, error.message, error.hint)
    except asyncio.CancelledError:
        return await cancelled(course)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not leave half a change
        message = f"internal error: {type(error).__name__}: {error}"
        await _see_last(course)
        return await _back(
            course, OutcomeStatus.FAILED, message, "Please report it, and attach the journal."
        )
    if abort.is_set() and indices.stop == len(course.plan.steps):
        course.notes.append("The abort came too late: everything was already done.")
    return Outcome(OutcomeStatus.DONE, course.plan, notes=tuple(course.notes))


async def aborted(course: PlanRun) -> Outcome:
    """It was aborted: undo everything."""
    return await _back(course, OutcomeStatus.ABORTED, "aborted", "")


async def cancelled(course: PlanRun) -> Outcome:
    """The event loop is about to end: undo everything first."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
    await _see_last(course)
    return await _back(course, OutcomeStatus.ABORTED, "the program was terminated", "")


async def _see_last(course: PlanRun) -> None:
    for ran in course.ran[-1:]:
        await course.see_jail(ran.step)


async def _back(course: PlanRun, ending: OutcomeStatus, message: str, hint: str) -> Outcome:
    unwind_result = await unwind(course)
    return Outcome(
        ending,
        course.plan,
        message=sanitize(message),
        hint=hint,
        undone=unwind_result.undone,
        leftovers=unwind_result.leftovers,
        notes=tuple(course.notes),
    )


async def _step(course: PlanRun, ran: StepRun, abort: asyncio.Event, pause: float) -> None:
    if abort.is_set():
        raise Aborted
    step = ran.step
    if await _needless(course, step):
        await course.write("needless", step=ran.index)
        course.step_finished(ran, course.step_started(ran, step), "", undoing=False)
        return
    await _check_before(course, step)
    try:
        await course.journal.write("begun", step=ran.index)
    except HostError as error:
        raise StepFailed(f"the journal cannot be written: {error.message}") from error
    course.ran.append(ran)
    began = course.step_started(ran, step)
    message = ""
    try:
        await _carry_out(course, ran, abort, pause)
        ran.finished = True
    except (Aborted, StepFailed) as error:
        message = "aborted" if isinstance(error, Aborted) else error.message
        raise
    finally:
        await _record(course, ran, message)
        course.step_finished(ran, began, message if not ran.finished else "", undoing=False)


async def _record(course: PlanRun, ran: StepRun, message: str) -> None:
    """Write down how a step ended, and by what is known again what it made."""
    made = await course.learn(ran)
    jid = course.new.get(ran.step.jail) if ran.step.jail else None
    await course.write(
        "done" if ran.finished else "failed",
        step=ran.index,
        message=message,
        jid=jid,
        made=made,
        ours=ran.evidence(),
    )


async def _needless(course: PlanRun, step: Step) -> bool:
    """Whether what it is for is so already; a question without an answer means no."""
    if not (step.skip_if or step.or_skip_if) or await course.certainly(step.preconditions):
        return False
    for states in (step.skip_if, step.or_skip_if):
        if states and await course.certainly(states):
            return True
    return False


async def _check_before(course: PlanRun, step: Step) -> None:
    judge = course.judge()
    with suppress(JailerError):  # then each is asked separately, and says why not
        await judge.look(step.preconditions)
    for state in step.preconditions:
        try:
            holds = await judge.holds(state)
        except JailerError as error:
            raise StepFailed(f"{step.title}: not safe: {error.message}", error.hint) from error
        if not holds:
            raise StepFailed(
                f"{step.title}: not done, because {state.describe_failure()}",
                "Something has changed in the meantime: check, and try again.",
            )


async def _carry_out(course: PlanRun, ran: StepRun, abort: asyncio.Event, pause: float) -> None:
    """Act, then judge from the host. Raises Failed or Aborted when the step does not count."""
    step = ran.step
    result: Result | None = None
    failure: StepFailed | Aborted | None = None
    growth: Growth | None = None
    try:
        async with watching(course, ran, abort) as growth:
            hands = ActionContext(course.on_output(ran), course.record_processes(ran), growth.ended)
            result = await perform(course.host, step.action, step.timeout, hands)
        ran.ended = True
        ran.made = evaluator.made(result)
        if result is not None and step.counts_lines:
            result = result._replace(stderr=_complaints(result.stderr))
        if result is not None and result.status not in step.ok_statuses:
            failure = StepFailed(
                _meant(step, evaluator.of_result(result), result.stderr), step.hint
            )
    except HostError as error:
        ran.made = evaluator.made_despite(error)
        reason = evaluator.of_error(error)
        failure = StepFailed(_meant(step, reason, reason), step.hint or error.hint)
    except Aborted as error:
        failure = error
    if growth is not None and growth.too_big:
        failure = _too_big(step)
    await course.see_jail(step)
    reached = await _reached(course, step, pause)
    progress = step.counts_lines or step.growing_file  # its output is not an error message
    told = result is not None and result.stderr.strip() and not progress
    message = evaluator.of_result(result) if result is not None and told else ""
    if failure is None and not reached:
        raise StepFailed(message or step.failure_means or f"{step.title}: {IT_DID_NOT}", step.hint)
    if failure is not None and not (reached and _goal_decides(step, failure)):
        raise failure
    if isinstance(failure, StepFailed):
        course.notes.append(f"{step.title}: done, but {failure.message}")
    elif message:
        course.notes.append(f"{step.title}: {message}")


def _too_big(step: Step) -> StepFailed:
    reason = f"more than {human_bytes(step.limit)} of output"
    return StepFailed(_meant(step, reason, reason), step.hint)


def _complaints(stderr: str) -> str:
    """What tar(1) says besides the names that it is asked to tell: `x ./bin/sh`."""
    return "".join(f"{line}\n" for line in stderr.splitlines() if not line.startswith("x "))


def _meant(step: Step, reason: str, stderr: str) -> str:
    """The command's own message after its meaning; without one, the meaning alone."""
    if not step.failure_means:
        return reason
    return f"{step.failure_means}: {reason}" if stderr.strip() else step.failure_means


def _goal_decides(step: Step, failure: StepFailed | Aborted) -> bool:
    """Whether a step whose goal is reached counts although its command did not end well."""
    if not step.postconditions:
        return False
    if step.irreversible_because and not step.undo:
        return True
    return len(step.ok_statuses) > 1 and isinstance(failure, StepFailed)


async def _reached(course: PlanRun, step: Step, pause: float) -> bool:
    patient = any(isinstance(condition, ProcessRuns) for condition in step.postconditions)
    for turn in range(PATIENCE if patient else 1):
        if turn:
            await asyncio.sleep(pause)
        try:
            if await course.judge().all(step.postconditions):
                return True
        except JailerError as error:
            course.notes.append(
                f"{step.title}: whether it worked cannot be determined: {error.message}"
            )
            return False
    return False


async def confirm(host: Host, ticket: str) -> None:
    """Confirm that the host can be reached, to keep the change. Raises HostError."""
    with suppress(FileFailed):
        await host.remove(ticket)


async def waiting(host: Host, layout: Layout) -> tuple[str, ...]:
    """Tickets of changes that wait for confirmation, or did so when the host went down."""
    folders = [f"{state}/{FOLDER}" for state in dict.fromkeys((VAR, layout.state))]
    return tuple([f"{folder}/{name}" for folder in folders for name in await host.listdir(folder)])
