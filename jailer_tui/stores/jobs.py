"""Work that goes on whether or not a screen shows it: plans that run, one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jailer_core.errors import JailerError
from jailer_core.facts import Reader
from jailer_core.plan import (
    AwaitConfirmation,
    Event,
    Journaled,
    Outcome,
    OutcomeStatus,
    Output,
    Plan,
    Progress,
    Request,
    StepEnded,
    StepStarted,
)
from jailer_core.text import sanitize
from jailer_tui.stores.progress_rate import ProgressRate

if TYPE_CHECKING:
    from jailer_core.execution.fan_out import FanOut

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

    `entry` is its id in the journal, "" before it has one.
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
        self.listeners: list[Callable[[], None]] = []

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.outcome is not None

    @property
    def active(self) -> StepProgress | None:
        """The step that runs now."""
        return next(
            (
                step_progress
                for step_progress in [*self.undoing, *self.stages]
                if step_progress.state == "active"
            ),
            None,
        )

    @property
    def held(self) -> AwaitConfirmation | None:
        """What it waits for to be confirmed, while it does."""
        for stage, step in zip(self.stages, self.plan.steps, strict=True):
            if stage.state == "active" and isinstance(step.action, AwaitConfirmation):
                return step.action
        return None

    @property
    def measure(self) -> ProgressRate | None:
        """How far the step has come that runs now, when it tells."""
        return self.active.measure if self.active is not None else None

    def tell(self) -> None:
        """Something changed."""
        for listener in tuple(self.listeners):
            listener()

    def end(self, outcome: Outcome) -> None:
        """It is over."""
        self.outcome = outcome
        if outcome.status is OutcomeStatus.DONE:
            for stage in self.stages:
                stage.state = "done"
        self.tell()

    # --- what happens ------------------------------------------------------------------------

    def hear(self, event: Event) -> None:
        """An event of the plan."""
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
            most = KEPT_SIZE - KEPT_SIZE // 10
            gone = 0
            while gone < KEPT_LINES // 10 or self._size > most:
                if gone == len(self.lines) - 1:
                    break
                self._size -= len(self.lines[gone][1])
                gone += 1
            del self.lines[:gone]
            self.cut += gone

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
            stage.measure = ProgressRate(
                time.monotonic, parts=self.plan.steps[event.index].counts_lines
            )
        stage.measure.tell(event.done, event.total)

    def _ended(self, event: StepEnded) -> None:
        stage = self.undoing[-1] if event.undoing and self.undoing else self.stages[event.index]
        stage.state = "done" if event.ok else "failed"
        stage.seconds, stage.message = event.seconds, sanitize(event.message)
        if event.undoing and event.ok:
            stage.state = "undone"
        if event.message:
            self._line("error", stage.message)


@dataclass
class Item:
    """One request of a batch; `refused` says why there is no plan for it.

    `already`: there is none because the jail is so already.
    """

    request: Request
    name: str
    plan: Plan | None = None
    refused: str = ""
    already: str = ""
    job: Job | None = None

    @property
    def ending(self) -> str:
        """How it stands: already, refused, waiting, active, or how its plan ended."""
        if self.plan is None:
            return "nothing to do" if self.already else "refused"
        if self.job is None:
            return "waiting"
        if self.job.outcome is None:
            return "active"
        return self.job.outcome.status.value


def plans_of(items: Iterable[Item]) -> list[Plan]:
    """The plans of those that have one."""
    return [item.plan for item in items if item.plan is not None]


class Batch:
    """Several plans, one after the other; one that fails does not keep the others back."""

    def __init__(self, title: str, items: list[Item]) -> None:
        self.title = title
        self.items = items
        self.stopped = False
        self.over = False
        self.listeners: list[Callable[[], None]] = []

    @property
    def active(self) -> Job | None:
        """The one that runs now."""
        return next((one.job for one in self.items if one.ending == "active"), None)

    def stop(self) -> None:
        """Undo what runs, and do nothing more."""
        self.stopped = True
        if self.active is not None:
            self.active.abort.set()

    def tell(self) -> None:
        """Something changed."""
        for listener in tuple(self.listeners):
            listener()


class FanOutJob:
    """One command in many jails; beside everything else, not in turn with it."""

    def __init__(self, many: FanOut) -> None:
        self.many = many
        self.failure = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return self.many.title

    @property
    def over(self) -> bool:
        """Whether it has ended everywhere."""
        return self.many.over

    def stop(self) -> None:
        """End it everywhere."""
        self.many.end_all()


Work = Job | Batch | FanOutJob


def title_of(work: Work) -> str:
    """What it is called."""
    return work.plan.title if isinstance(work, Job) else work.title


class Jobs:
    """All work of this session, the newest last."""

    def __init__(self, reader: Reader, changed: Callable[[Work], None]) -> None:
        self.reader = reader
        self.all: list[Work] = []
        self._changed = changed
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> list[Work]:
        """What has not ended."""
        return [work for work in self.all if not work.over]

    def start(self, plan: Plan) -> Job:
        """Run a plan in the background."""
        job = Job(plan)
        self.all.append(job)
        self._spawn(self._alone(job))
        return job

    def start_batch(self, batch: Batch) -> None:
        """Run several in the background."""
        self.all.append(batch)
        self._spawn(self._many(batch))

    def start_part(self, batch: Batch, items: Sequence[Item]) -> asyncio.Task[None]:
        """Run those of a batch that belong to this host; others run on other hosts."""
        self.all.append(batch)
        return self._spawn(self._in_turn(batch, items))

    def start_crowd(self, crowd: FanOutJob) -> None:
        """Run a command in many jails in the background."""
        self.all.append(crowd)
        self._spawn(self._side_by_side(crowd))

    def abort_all(self) -> None:
        """Undo everything that runs."""
        for work in self.running:
            if isinstance(work, Job):
                work.abort.set()
            else:
                work.stop()

    async def drain(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _spawn(self, work: asyncio._CoroutineLike[None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _alone(self, job: Job) -> None:
        async with self._turn:
            await self._run(job)
        self._changed(job)

    async def _run(self, job: Job) -> None:
        if job.abort.is_set():
            job.end(
                Outcome(OutcomeStatus.ABORTED, job.plan, "aborted before it started", undone=True)
            )
            return
        job.began = True
        job.tell()
        from jailer_core.execution import execute  # noqa: PLC0415 - long to import, seldom needed

        try:
            job.end(await execute(self.reader, job.plan, job.hear, job.abort))
        except Exception as error:  # noqa: BLE001 - work must end with an outcome whatever happens
            job.end(
                Outcome(OutcomeStatus.FAILED, job.plan, f"internal error: {sanitize(str(error))}")
            )

    async def _side_by_side(self, crowd: FanOutJob) -> None:
        try:
            await crowd.many.run()
        except JailerError as error:
            crowd.failure = error.message
        except Exception as error:  # noqa: BLE001 - work must end whatever happens
            crowd.failure = f"internal error: {error}"
        self._changed(crowd)

    async def _many(self, batch: Batch) -> None:
        await self._in_turn(batch, batch.items)
        batch.over = True
        batch.tell()
        self._changed(batch)

    async def _in_turn(self, batch: Batch, items: Sequence[Item]) -> None:
        async with self._turn:
            for item in items:
                if item.plan is None or batch.stopped:
                    continue
                item.job = Job(item.plan)
                item.job.listeners.append(batch.tell)
                batch.tell()
                await self._run(item.job)
                await self._again(item, item.job, batch)
                self._changed(item.job)

    async def _again(self, item: Item, job: Job, batch: Batch) -> None:
        """What an earlier one of the batch has done already need not be done again.

        A plan with a step that was not shown does not run: it stays `changed`.
        """
        outcome = job.outcome
        if outcome is None or outcome.status is not OutcomeStatus.CHANGED or batch.stopped:
            return
        if any(step not in job.plan.steps for step in outcome.plan.steps):
            return
        item.job = Job(outcome.plan)
        item.job.listeners += job.listeners
        await self._run(item.job)
