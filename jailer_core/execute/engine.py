"""Carry a plan out, step by step; what fails or is aborted is taken back (back.py)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from jailer_core.errors import HostError, JailerError
from jailer_core.execute import evidence, reasons
from jailer_core.execute.back import IT_DID_NOT, back
from jailer_core.execute.course import Course, Ran
from jailer_core.execute.hands import Aborted, Hands, act
from jailer_core.execute.watching import Growth, watching
from jailer_core.host import Result
from jailer_core.plan import Ending, Outcome, ProcessIs, Step
from jailer_core.text import human_bytes, visible

PATIENCE = 20
"""How often a goal is asked for again that comes true by itself: a process that was told to end."""


class Failed(Exception):  # noqa: N818 - the word says it
    """A step did not do what it had to; `message` is the command's own reason."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


async def go(course: Course, abort: asyncio.Event, pause: float) -> Outcome:
    """Run all steps of a plan, or take back what was done. Raises nothing that a host can cause.

    `pause` is how many seconds lie between two looks at something that comes true by itself.
    """
    try:
        for index, step in enumerate(course.plan.steps):
            await _step(course, Ran(index, step), abort, pause)
    except Aborted:
        return await _back(course, Ending.ABORTED, "aborted", "")
    except Failed as error:
        return await _back(course, Ending.FAILED, error.message, error.hint)
    except asyncio.CancelledError:
        return await _cancelled(course)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not leave half a change
        said = f"this program made a mistake: {type(error).__name__}: {error}"
        await _see_last(course)
        return await _back(course, Ending.FAILED, said, "Please report it, with the journal.")
    if abort.is_set():
        course.notes.append("The abort came too late: everything was done already.")
    return Outcome(Ending.DONE, course.plan, notes=tuple(course.notes))


async def _cancelled(course: Course) -> Outcome:
    """The event loop is about to end: take everything back before it does."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
    await _see_last(course)
    return await _back(course, Ending.ABORTED, "the program was ended", "")


async def _see_last(course: Course) -> None:
    for ran in course.ran[-1:]:
        await course.see_jail(ran.step)


async def _back(course: Course, ending: Ending, message: str, hint: str) -> Outcome:
    went = await back(course)
    return Outcome(
        ending,
        course.plan,
        message=visible(message),
        hint=hint,
        undone=went.undone,
        left=went.left,
        notes=tuple(course.notes),
    )


async def _step(course: Course, ran: Ran, abort: asyncio.Event, pause: float) -> None:
    if abort.is_set():
        raise Aborted
    step = ran.step
    if await _needless(course, step):
        await course.write("needless", step=ran.index)
        course.ended(ran, course.began(ran, step), "", undoing=False)
        return
    await _check_before(course, step)
    try:
        await course.journal.write("begun", step=ran.index)
    except HostError as error:
        raise Failed(f"the journal cannot be written: {error.message}") from error
    course.ran.append(ran)
    began = course.began(ran, step)
    message = ""
    try:
        await _carry_out(course, ran, abort, pause)
        ran.finished = True
    except (Aborted, Failed) as error:
        message = "aborted" if isinstance(error, Aborted) else error.message
        raise
    finally:
        await _record(course, ran, message)
        course.ended(ran, began, message if not ran.finished else "", undoing=False)


async def _record(course: Course, ran: Ran, message: str) -> None:
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


async def _needless(course: Course, step: Step) -> bool:
    """Whether what it is for is so already; a question without an answer means no."""
    if not (step.needless or step.or_needless) or await course.surely(step.before):
        return False
    for states in (step.needless, step.or_needless):
        if states and await course.surely(states):
            return True
    return False


async def _check_before(course: Course, step: Step) -> None:
    judge = course.judge()
    with suppress(JailerError):  # then each is asked by itself, and says why not
        await judge.look(step.before)
    for state in step.before:
        try:
            holds = await judge.holds(state)
        except JailerError as error:
            raise Failed(f"{step.title}: not safe to do: {error.message}", error.hint) from error
        if not holds:
            raise Failed(
                f"{step.title}: not done, because {reasons.not_so(state)}",
                "Something changed meanwhile: look again, and repeat.",
            )


async def _carry_out(course: Course, ran: Ran, abort: asyncio.Event, pause: float) -> None:
    """Act, then judge from the host. Raises Failed or Aborted when the step does not count."""
    step = ran.step
    result: Result | None = None
    failure: Failed | Aborted | None = None
    growth: Growth | None = None
    try:
        async with watching(course, ran, abort) as growth:
            hands = Hands(course.hear(ran), course.runs(ran), growth.ended)
            result = await act(course.host, step.action, step.timeout, hands)
        ran.ended = True
        ran.made = evidence.made(result)
        if result is not None and step.counted:
            result = replace(result, stderr=_complaints(result.stderr))
        if result is not None and result.status not in step.ok:
            failure = Failed(_meant(step, reasons.of_result(result), result.stderr), step.hint)
    except HostError as error:
        ran.made = evidence.made_despite(error)
        reason = reasons.of_error(error)
        failure = Failed(_meant(step, reason, reason), step.hint or error.hint)
    except Aborted as error:
        failure = error
    if growth is not None and growth.too_big:
        failure = _too_big(step)
    await course.see_jail(step)
    reached = await _reached(course, step, pause)
    said = reasons.of_result(result) if result is not None and result.stderr.strip() else ""
    said = "" if step.counted or step.grows else said  # what is told as progress is no complaint
    if failure is None and not reached:
        raise Failed(said or step.means or f"{step.title}: {IT_DID_NOT}", step.hint)
    if failure is not None and not (reached and _goal_decides(step, failure)):
        raise failure
    if isinstance(failure, Failed):
        course.notes.append(f"{step.title}: done, but {failure.message}")
    elif said:
        course.notes.append(f"{step.title}: {said}")


def _too_big(step: Step) -> Failed:
    said = human_bytes(step.limit)
    return Failed(_meant(step, f"more than {said} came", "x"), step.hint)


def _complaints(stderr: str) -> str:
    """What tar(1) says besides the names that it is asked to tell: `x ./bin/sh`."""
    return "".join(f"{line}\n" for line in stderr.splitlines() if not line.startswith("x "))


def _meant(step: Step, reason: str, stderr: str) -> str:
    """The command's own words, behind what they mean; without any, the meaning alone."""
    if not step.means:
        return reason
    return f"{step.means}: {reason}" if stderr.strip() else step.means


def _goal_decides(step: Step, failure: Failed | Aborted) -> bool:
    """Whether a step whose goal is reached counts although its command did not end well."""
    if not step.goal:
        return False
    if step.lasting and not step.undo:
        return True
    return len(step.ok) > 1 and isinstance(failure, Failed)


async def _reached(course: Course, step: Step, pause: float) -> bool:
    patient = any(isinstance(one, ProcessIs) for one in step.goal)
    for turn in range(PATIENCE if patient else 1):
        if turn:
            await asyncio.sleep(pause)
        try:
            if await course.judge().all(step.goal):
                return True
        except JailerError as error:
            course.notes.append(f"{step.title}: whether it worked cannot be told: {error.message}")
            return False
    return False
