"""The record of a running plan: steps begun, jids seen, notes, journal, events.

Progress of a running step, measured by a growing file or by counting lines.

A file that grows beyond the limit of its step ends it: a server may send forever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from jailer_core.errors import HostError, JailerError
from jailer_core.execution.evaluator import Evaluator
from jailer_core.host import Hear, Host, Line, StartedProcess
from jailer_core.journal import Journal
from jailer_core.plan import (
    NEW_GUID,
    Condition,
    DatasetHasGuid,
    Event,
    Output,
    Plan,
    Progress,
    Step,
    StepEnded,
    StepStarted,
    Undo,
    WriteFile,
)
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize


@dataclass(slots=True)
class StepRun:
    """A step that was begun: whether it is known to be finished, and what its output showed.

    `seen` are those of its telling texts (mark, proofs, denials) that its command printed.
    `ended`: the command ended on its own. `made`: it succeeded; False: what it was to
    make existed already; None: not known. `known` is evidence that the journal holds instead.
    """

    index: int
    step: Step
    finished: bool = False
    seen: set[str] = field(default_factory=set)
    ended: bool = False
    made: bool | None = None
    known: Mapping[int, bool] = field(default_factory=dict)

    @property
    def traced(self) -> bool:
        """Whether it got far enough to leave its side effect."""
        step = self.step
        return bool(step.side_effect) and (
            not step.side_effect_if_output or step.side_effect_if_output in self.seen
        )

    def hear(self, line: str) -> None:
        """Note which of the expected texts occur in a line of its output."""
        texts = [self.step.side_effect_if_output]
        for undo in self.step.undo:
            texts += [undo.created_if_output or "", undo.not_created_if_output]
        self.seen.update(text for text in texts if text and text in line)

    def ours(self, number: int) -> bool | None:
        """Whether this step created what the undo removes; None without evidence."""
        undo = self.step.undo[number]
        if undo.created_if_output is None:
            return not (self.made is False and isinstance(self.step.action, WriteFile))
        if number in self.known:
            return self.known[number]
        if not undo.created_if_output:
            return self.made
        if undo.not_created_if_output in self.seen:
            return False
        if undo.created_if_output in self.seen:
            return True
        return False if self.ended else None

    def evidence(self) -> list[tuple[int, bool]]:
        """The evidence for each undo, for the journal."""
        known = ((number, self.ours(number)) for number in range(len(self.step.undo)))
        return [(number, ours) for number, ours in known if ours is not None]


@dataclass(eq=False)
class PlanRun:
    """The execution of one plan on one host."""

    host: Host
    plan: Plan
    journal: Journal
    emit: Callable[[Event], None]
    new: dict[str, int | None] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    ran: list[StepRun] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # --- asking ------------------------------------------------------------------------------

    def judge(self) -> Evaluator:
        """An evaluator for the current state of the host."""
        return Evaluator(self.host, self.new, self.made)

    async def certainly(self, states: tuple[Condition, ...]) -> bool:
        """Whether all conditions certainly hold; an unknown answer counts as no."""
        try:
            return await self.judge().all(states)
        except JailerError:
            return False

    async def see_jail(self, step: Step) -> None:
        """Remember the current jid of the step's jail, for NEW_JID."""
        if step.jail:
            try:
                self.new[step.jail] = await self.judge().jid(step.jail)
            except JailerError:
                self.new[step.jail] = None

    async def learn(self, ran: StepRun) -> dict[str, str]:
        """Remember the guids of the datasets that the step has just made, for NEW_GUID."""
        states = (state for undo in ran.step.undo for state in undo.preconditions)
        names = [
            state.name
            for state in states
            if isinstance(state, DatasetHasGuid) and state.guid == NEW_GUID
        ]
        environment: dict[str, str] = {}
        if names and ran.made:
            with suppress(JailerError):
                environment, _ = await self.judge().guids(tuple(dict.fromkeys(names)))
        self.made |= environment
        return environment

    # --- telling -----------------------------------------------------------------------------

    def publish(self, event: Event) -> None:
        """A failing UI callback must not stop what is under way."""
        try:
            self.emit(event)
        except Exception:  # noqa: BLE001 - whatever a UI callback does, the host comes first
            self.emit = lambda _event: None

    def on_output(self, ran: StepRun) -> Line:
        """Pass on each line that a step prints, or their number if that is its progress."""
        step = ran.step
        if step.counts_lines:
            return self._counting(ran, max(1, step.total // 100))

        def heard(line: str, error: bool) -> None:
            ran.hear(line)
            self.publish(Output(ran.index, line, error))

        return heard

    def record_processes(self, ran: StepRun) -> Hear:
        """Record which processes run a step, so that a later run can look for them."""

        async def heard(processes: tuple[StartedProcess, ...]) -> None:
            await self._try(self.journal.runs(ran.index, processes))

        return heard

    def _counting(self, ran: StepRun, every: int) -> Line:
        count = 0

        def heard(_line: str, _error: bool) -> None:
            nonlocal count
            count += 1
            if count % every == 0:
                self.publish(Progress(ran.index, min(count, ran.step.total), ran.step.total))

        return heard

    def step_started(self, ran: StepRun, what: Step | Undo) -> float:
        """Report that a step or its undo started. Returns the host's uptime."""
        undoing = isinstance(what, Undo)
        wait = what.wait_reason if isinstance(what, Step) else ""
        command = describe(what.action)
        self.publish(StepStarted(ran.index, what.title, command, what.timeout, wait, undoing))
        return self.host.uptime()

    def step_finished(self, ran: StepRun, began: float, message: str, *, undoing: bool) -> None:
        """Report that it ended; `message` is "" on success."""
        seconds = self.host.uptime() - began
        self.publish(StepEnded(ran.index, not message, seconds, sanitize(message), undoing))

    async def write(self, record: str, **values: Any) -> None:
        """Record what happened if possible; continue if not."""
        await self._try(self.journal.write(record, **values))

    async def _try(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except HostError as error:
            note = f"The journal could not be written: {error.message}"
            if note not in self.notes:
                self.notes.append(note)


EVERY = 0.5
"""Seconds between two looks at a file that grows."""


@dataclass(slots=True)
class Growth:
    """Sets `ended` to stop the command: on abort, or (`too_big`) if the file exceeds its limit."""

    ended: asyncio.Event
    too_big: bool = False


@asynccontextmanager
async def watching(course: PlanRun, ran: StepRun, abort: asyncio.Event) -> AsyncIterator[Growth]:
    """Report the size of the file that a step writes, while it runs and at the end."""
    step = ran.step
    if not step.growing_file:
        yield Growth(abort)
        return
    growth = Growth(asyncio.Event())
    tasks = [
        asyncio.ensure_future(_look(course, ran, growth)),
        asyncio.ensure_future(_pass_on(abort, growth.ended)),
    ]
    try:
        yield growth
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await _tell(course, ran, growth)


async def _pass_on(abort: asyncio.Event, ended: asyncio.Event) -> None:
    await abort.wait()
    ended.set()


async def _look(course: PlanRun, ran: StepRun, growth: Growth) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await _tell(course, ran, growth)


async def _tell(course: PlanRun, ran: StepRun, growth: Growth) -> None:
    """fetch(1) prints nothing before its end without a terminal (recording 02)."""
    with suppress(HostError):
        stamps = await course.host.stat([ran.step.growing_file])
        if ran.step.growing_file in stamps:
            size = stamps[ran.step.growing_file].size
            course.publish(Progress(ran.index, size, ran.step.total))
            if ran.step.limit and size > ran.step.limit:
                growth.too_big = True
                growth.ended.set()
