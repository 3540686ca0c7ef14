"""Carry a plan out, step by step, and take it back when it fails or is aborted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jailer_core.errors import HostError, JailerError
from jailer_core.execute import reasons
from jailer_core.execute.states import Judge
from jailer_core.host import Host, Line, Result
from jailer_core.journal import Journal
from jailer_core.plan import (
    Action,
    Ending,
    Event,
    JailIs,
    MakeDir,
    Outcome,
    Output,
    Pipe,
    Plan,
    ProcessIs,
    RemoveDir,
    RemoveFile,
    Run,
    State,
    Step,
    StepEnded,
    StepStarted,
    Undo,
    WriteFile,
)
from jailer_core.preview import describe
from jailer_core.text import visible

PATIENCE = 20
"""How often a goal is asked for again that comes true by itself: a process that was told to end."""


class Aborted(Exception):  # noqa: N818 - it is no error
    """Somebody wants the plan to end and what it did to be taken back."""


class Failed(Exception):  # noqa: N818
    """A step did not do what it had to; `message` is the command's own reason."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(slots=True)
class Ran:
    """A step that was begun: whether it is known to be finished, and what it printed."""

    index: int
    step: Step
    finished: bool = False
    lines: list[str] = field(default_factory=list)

    @property
    def traced(self) -> bool:
        """Whether it got so far that its trace stays."""
        return bool(self.step.trace) and any(self.step.mark in line for line in self._said())

    def _said(self) -> list[str]:
        return self.lines if self.step.mark else ["", *self.lines]


class Engine:
    """One plan on one host. `pause` is how long it waits between questions, in seconds."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that a plan needs while it runs
        self,
        host: Host,
        plan: Plan,
        journal: Journal,
        emit: Callable[[Event], None],
        abort: asyncio.Event,
        pause: float,
    ) -> None:
        self.host = host
        self.plan = plan
        self.journal = journal
        self.emit = emit
        self.abort = abort
        self.pause = pause
        self.new: dict[str, int | None] = {}
        self.ran: list[Ran] = []
        self.notes: list[str] = []
        self.left: list[str] = []
        self.failed_undo = False

    async def go(self) -> Outcome:
        """Run all steps; on failure or abort take back what was done. Never raises JailerError."""
        try:
            for index, step in enumerate(self.plan.steps):
                await self._step(index, step)
        except Aborted:
            return await self._back(Ending.ABORTED, "aborted", "")
        except Failed as error:
            return await self._back(Ending.FAILED, error.message, error.hint)
        except asyncio.CancelledError:
            return await self._cancelled()
        if self.abort.is_set():
            self.notes.append("The abort came too late: everything was done already.")
        return Outcome(Ending.DONE, self.plan, notes=tuple(self.notes))

    async def _cancelled(self) -> Outcome:
        """The event loop is about to end: take everything back before it does."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        for ran in self.ran[-1:]:
            await self._see_jail(ran.step)
        return await self._back(Ending.ABORTED, "the program was ended", "")

    # --- forward -----------------------------------------------------------------------------

    async def _step(self, index: int, step: Step) -> None:
        if self.abort.is_set():
            raise Aborted
        await self._check_before(step)
        ran = Ran(index, step)
        try:
            await self.journal.write("begun", step=index)
        except HostError as error:
            raise Failed(f"the journal cannot be written: {error.message}") from error
        self.ran.append(ran)
        self._tell(StepStarted(index, step.title, describe(step.action), step.timeout, step.wait))
        began = self.host.clock()
        try:
            await self._carry_out(ran)
        except (Aborted, Failed) as error:
            said = "aborted" if isinstance(error, Aborted) else error.message
            await self._ended(ran, began, said)
            raise
        ran.finished = True
        await self._ended(ran, began, "")

    async def _check_before(self, step: Step) -> None:
        try:
            for state in step.before:
                if not await self._judge().holds(state):
                    raise Failed(
                        f"not done: {step.title}: {reasons.not_so(state)}",
                        "Something changed meanwhile; look again and repeat.",
                    )
        except JailerError as error:
            raise Failed(f"cannot tell whether {step.title!r} is safe: {error.message}") from error

    async def _carry_out(self, ran: Ran) -> None:
        step = ran.step
        result: Result | None = None
        failure: Failed | Aborted | None = None
        try:
            result = await self._act(step.action, step.timeout, self._hear(ran), abortable=True)
            if result is not None and result.status not in step.ok:
                failure = Failed(reasons.of_result(result))
        except HostError as error:
            failure = Failed(reasons.of_error(error), error.hint)
        except Aborted as error:
            failure = error
        await self._see_jail(step)
        reached = await self._reached(step)
        if failure is None and reached:
            self._remark(step, result)
        elif failure is None or (isinstance(failure, Failed) and not reached):
            raise failure or Failed(self._not_reached(step, result))
        elif not self._goal_decides(step, failure):
            raise failure
        elif isinstance(failure, Failed):
            self.notes.append(f"{step.title}: done, but {failure.message}")

    def _goal_decides(self, step: Step, failure: Failed | Aborted) -> bool:
        """Whether a step that reached its goal counts although its command did not end well."""
        if not step.goal:
            return False
        if not step.undo and step.lasting:
            return True
        return len(step.ok) > 1 and isinstance(failure, Failed)

    async def _reached(self, step: Step) -> bool:
        waits = PATIENCE if any(isinstance(one, ProcessIs) for one in step.goal) else 0
        for turn in range(waits + 1):
            try:
                if await self._judge().all(step.goal):
                    return True
            except JailerError as error:
                self.notes.append(f"cannot tell whether it worked: {error.message}")
                return False
            if turn < waits:
                await asyncio.sleep(self.pause)
        return False

    def _not_reached(self, step: Step, result: Result | None) -> str:
        said = reasons.of_result(result) if result is not None and result.stderr.strip() else ""
        return said or f"{step.title}: the command said that it worked, but it did not"

    def _remark(self, step: Step, result: Result | None) -> None:
        if result is not None and result.stderr.strip():
            self.notes.append(f"{step.title}: {reasons.of_result(result)}")

    async def _see_jail(self, step: Step) -> None:
        if step.jail:
            try:
                self.new[step.jail] = await self._judge().jid(step.jail)
            except JailerError:
                self.new[step.jail] = None

    # --- back --------------------------------------------------------------------------------

    async def _back(self, ending: Ending, message: str, hint: str) -> Outcome:
        for ran in reversed(self.ran):
            await self._undo_step(ran)
        plan = self.plan
        return Outcome(
            ending,
            plan,
            message=visible(message),
            hint=hint,
            undone=not self.failed_undo,
            left=tuple(dict.fromkeys(map(visible, self.left))),
            notes=tuple(self.notes),
        )

    async def _undo_step(self, ran: Ran) -> None:
        failures: list[tuple[Undo, str]] = []
        for number, undo in enumerate(ran.step.undo):
            problem = await self._undo(ran, number, undo)
            if problem:
                failures.append((undo, problem))
        for undo, problem in failures:
            if not (undo.settled and await self._quietly(undo.settled)):
                self._leave(f"{undo.title}: {problem}")
        if not failures and ran.step.undo:
            await self._write("undone", step=ran.index)
        if ran.step.lasting and not ran.step.undo:
            await self._lasting(ran)
        if ran.traced:
            self.left.append(ran.step.trace)

    async def _lasting(self, ran: Ran) -> None:
        step = ran.step
        if ran.finished or (step.goal and await self._quietly(step.goal)):
            self._leave(f"{step.title}: this was done; {step.lasting}")
        else:
            self._leave(f"{step.title}: this may have been done in part; {step.lasting}")

    def _leave(self, text: str) -> None:
        self.failed_undo = True
        self.left.append(text)

    async def _undo(self, ran: Ran, number: int, undo: Undo) -> str:
        """Run one undo where it is necessary; "" when all is as before, else why not."""
        try:
            if not await self._judge().all(undo.when):
                if undo.settled and await self._judge().all(undo.settled):
                    return ""
                return "not possible, the host is not as it was left"
        except JailerError as error:
            return f"not tried, the host cannot be read: {error.message}"
        self._tell(
            StepStarted(ran.index, undo.title, describe(undo.action), undo.timeout, undoing=True)
        )
        began = self.host.clock()
        problem = await self._try_undo(ran, undo)
        if problem and undo.settled and await self._quietly(undo.settled):
            problem = ""
        seconds = self.host.clock() - began
        self._tell(StepEnded(ran.index, not problem, seconds, visible(problem), undoing=True))
        if problem:
            await self._write("not undone", step=ran.index, undo=number, message=problem)
        return problem

    async def _try_undo(self, ran: Ran, undo: Undo) -> str:
        try:
            result = await self._act(undo.action, undo.timeout, self._hear(ran), abortable=False)
        except HostError as error:
            return reasons.of_error(error)
        if result is not None and not result.ok:
            return reasons.of_result(result)
        if undo.settled and not _speaks_of_old_jid(undo) and not await self._quietly(undo.settled):
            return "the command said that it worked, but it did not"
        return ""

    async def _quietly(self, states: tuple[State, ...]) -> bool:
        try:
            return await self._judge().all(states)
        except JailerError:
            return False

    # --- what both share ---------------------------------------------------------------------

    def _judge(self) -> Judge:
        return Judge(self.host, self.new)

    async def _act(
        self,
        action: Action,
        timeout: float,  # noqa: ASYNC109 - the host ends what runs too long
        line: Line,
        *,
        abortable: bool,
    ) -> Result | None:
        match action:
            case Run():
                return await self._command((action.argv,), action.stdin, timeout, line, abortable)
            case Pipe():
                return await self._command(action.commands, None, timeout, line, abortable)
            case WriteFile():
                await self.host.write(
                    action.path, action.text, mode=action.mode, owner=action.owner
                )
            case RemoveFile():
                await self.host.remove(action.path)
            case MakeDir():
                await self.host.mkdir(action.path, action.mode)
            case RemoveDir():
                await self.host.rmdir(action.path)
        return None

    async def _command(
        self,
        commands: tuple[tuple[str, ...], ...],
        stdin: str | None,
        timeout: float,  # noqa: ASYNC109
        line: Line,
        abortable: bool,
    ) -> Result:
        running = asyncio.ensure_future(
            self.host.stream(commands, line, stdin=stdin, timeout=timeout)
        )
        if not abortable:
            return await running
        stop = asyncio.ensure_future(self.abort.wait())
        try:
            await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
        finally:
            stop.cancel()
            if not running.done():
                running.cancel()
                await asyncio.wait({running})
        if not running.cancelled() and running.exception() is None:
            return running.result()
        raise Aborted

    def _hear(self, ran: Ran) -> Line:
        def heard(line: str, error: bool) -> None:
            ran.lines.append(line)
            self._tell(Output(ran.index, line, error))

        return heard

    async def _ended(self, ran: Ran, began: float, message: str) -> None:
        record: dict[str, Any] = {"message": message} if message else {}
        await self._write("failed" if message else "done", step=ran.index, **record)
        seconds = self.host.clock() - began
        self._tell(StepEnded(ran.index, not message, seconds, visible(message)))

    async def _write(self, record: str, **values: Any) -> None:
        """What happened already is written down when possible; it goes on when not."""
        try:
            await self.journal.write(record, **values)
        except HostError as error:
            note = f"The journal could not be written: {error.message}"
            if note not in self.notes:
                self.notes.append(note)

    def _tell(self, event: Event) -> None:
        """A face that is gone must not stop what is under way."""
        try:
            self.emit(event)
        except Exception:  # noqa: BLE001 - whatever a face does, the host comes first
            self.emit = lambda _event: None


def _speaks_of_old_jid(undo: Undo) -> bool:
    """A jail that was started again has another jid than the one that was there before."""
    return any(isinstance(one, JailIs) and one.jid is not None for one in undo.settled)
