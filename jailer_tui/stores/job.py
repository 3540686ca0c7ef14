"""The progress of a step, its rate, and the time that is left.

A plan while it runs: how far each step is, what it prints, and how it ended.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from jailer_core.plan import (
    AwaitConfirmation,
    Event,
    Journaled,
    Outcome,
    OutcomeStatus,
    Output,
    Plan,
    Progress,
    StepEnded,
    StepStarted,
)
from jailer_core.text import sanitize

SPAN = 10.0
"""Seconds over which a speed is taken: long enough not to jump, short enough to be true."""


class ProgressRate:
    """The progress of a step in bytes or parts; `total` 0 if unknown."""

    def __init__(self, clock: Callable[[], float], *, parts: bool) -> None:
        self.parts = parts
        self.done = 0
        self.total = 0
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def tell(self, done: int, total: int) -> None:
        """Report the progress."""
        now = self._clock()
        self.done, self.total = done, total
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > SPAN:
            self._samples.popleft()

    @property
    def speed(self) -> float | None:
        """The rate per second; None if unknown."""
        if len(self._samples) < 2:
            return None
        (began, before), (ended, after) = self._samples[0], self._samples[-1]
        return (after - before) / (ended - began) if ended > began and after >= before else None

    @property
    def percent(self) -> int | None:
        """The percentage; None if unknown."""
        return min(100, self.done * 100 // self.total) if self.total > 0 else None

    @property
    def left(self) -> float | None:
        """The remaining seconds at the current rate."""
        speed = self.speed
        if not speed or self.total <= 0 or self.done > self.total:
            return None
        return (self.total - self.done) / speed


KEPT_LINES, KEPT_SIZE = 5000, 1 << 19
"""Lines of output, and characters in them, that are kept of a plan."""


@dataclass
class StepProgress:
    """A step while it runs; `state` is waiting, active, done, failed or undone."""

    title: str
    state: str = "waiting"
    wait: str = ""
    timeout: float = 0.0
    began: float = 0.0
    seconds: float = 0.0
    message: str = ""
    measure: ProgressRate | None = None


class Job:
    """One plan that runs. Listeners are told of each change.

    `entry` is its id in the journal, "" before it has one. `since` is the time of the host at which
    it was asked for, `ended` the time of this machine at which it was over.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stages = [StepProgress(step.title) for step in plan.steps]
        self.undoing: list[StepProgress] = []
        self.lines: list[tuple[str, str]] = []
        self.cut = 0
        self._size = 0
        self.outcome: Outcome | None = None
        self.abort = asyncio.Event()
        self.began = False
        self.entry = ""
        self.since = self.ended = 0.0
        self.listeners: list[Callable[[], None]] = []

    @property
    def title(self) -> str:
        """Its name."""
        return self.plan.title

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.outcome is not None

    @property
    def jails(self) -> tuple[str, ...]:
        """The jails that it changes; "" means any."""
        return (self.plan.jail,)

    @property
    def active(self) -> StepProgress | None:
        """The running step."""
        stages = [*self.undoing, *self.stages]
        return next((stage for stage in stages if stage.state == "active"), None)

    @property
    def held(self) -> AwaitConfirmation | None:
        """The pending confirmation, if any."""
        for stage, step in zip(self.stages, self.plan.steps, strict=True):
            if stage.state == "active" and isinstance(step.action, AwaitConfirmation):
                return step.action
        return None

    @property
    def measure(self) -> ProgressRate | None:
        """The progress of the running step, if known."""
        return self.active.measure if self.active is not None else None

    def stop(self) -> None:
        """Undo it."""
        self.abort.set()

    def tell(self) -> None:
        """Something changed."""
        for listener in tuple(self.listeners):
            listener()

    def fail(self, message: str) -> None:
        """It ended before it did anything, or because of an internal error."""
        self.end(Outcome(OutcomeStatus.FAILED, self.plan, message))

    def drop(self) -> None:
        """It was dropped before it started."""
        message = "aborted before it started"
        self.end(Outcome(OutcomeStatus.ABORTED, self.plan, message, undone=True))

    def end(self, outcome: Outcome) -> None:
        """It has ended."""
        self.outcome, self.ended = outcome, time.monotonic()
        if outcome.status is OutcomeStatus.DONE:
            for stage in self.stages:
                stage.state = "done"
        self.tell()

    # --- what happens ------------------------------------------------------------------------

    def hear(self, event: Event) -> None:
        """Handle an event of the plan."""
        match event:
            case Journaled():
                self.entry = event.entry
            case StepStarted():
                self._started(event)
            case Output():
                self._line("error" if event.error else "output", sanitize(event.line.expandtabs(8)))
            case StepEnded():
                self._ended(event)
            case Progress():
                self._progress(event)
        self.tell()

    def _line(self, kind: str, text: str) -> None:
        self.lines.append((kind, text))
        self._size += len(text)
        if len(self.lines) > KEPT_LINES or self._size > KEPT_SIZE:
            most, last = KEPT_SIZE - KEPT_SIZE // 10, len(self.lines) - 1
            done = 0
            while done < last and (done < KEPT_LINES // 10 or self._size > most):
                self._size -= len(self.lines[done][1])
                done += 1
            del self.lines[:done]
            self.cut += done

    def _started(self, event: StepStarted) -> None:
        if event.undoing:
            stage = StepProgress(event.title)
            self.undoing.append(stage)
        else:
            stage = self.stages[event.index]
        stage.state = "active"
        stage.wait, stage.timeout, stage.began = event.wait, event.timeout, time.monotonic()
        self._line("undo" if event.undoing else "command", event.command)

    def _progress(self, event: Progress) -> None:
        stage = self.stages[event.index]
        if stage.measure is None:
            parts = self.plan.steps[event.index].counts_lines
            stage.measure = ProgressRate(time.monotonic, parts=parts)
        stage.measure.tell(event.done, event.total)

    def _ended(self, event: StepEnded) -> None:
        stage = self.undoing[-1] if event.undoing and self.undoing else self.stages[event.index]
        stage.state = "done" if event.ok else "failed"
        stage.seconds, stage.message = event.seconds, sanitize(event.message)
        if event.undoing and event.ok:
            stage.state = "undone"
        if event.message:
            self._line("error", stage.message)
