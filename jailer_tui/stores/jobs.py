"""Jobs that run whether or not a screen shows them: plans, one after the other."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from jailer_core.errors import JailerError
from jailer_core.facts import Reader
from jailer_core.operations.spec import Role, spec_of
from jailer_core.text import sanitize

if TYPE_CHECKING:
    from jailer_core.execution.fan_out import FanOut
    from jailer_core.plan import Plan
    from jailer_core.request import Request
    from jailer_tui.stores.job import Job


@dataclass
class Item:
    """One request of a batch; `refused` says why there is no plan for it.

    `already`: there is none because the jail is so already. `where` names its host among several.
    """

    request: Request
    name: str
    plan: Plan | None = None
    refused: str = ""
    already: str = ""
    job: Job | None = None
    where: str = ""

    @property
    def ending(self) -> str:
        """Its status: already, refused, waiting, active, or how its plan ended."""
        if self.plan is None:
            return "nothing to do" if self.already else "refused"
        if self.job is None:
            return "waiting"
        if self.job.outcome is None:
            return "active"
        return self.job.outcome.status.value


def plans_of(items: Iterable[Item]) -> list[Plan]:
    """The plans of the items that have one."""
    return [item.plan for item in items if item.plan is not None]


def _wish(request: Request) -> tuple[object, ...]:
    """What was asked for, without what the program itself filled in."""
    asked = [field for field in spec_of(request).fields if field.role is not Role.PROVIDED]
    return (request.op, *(getattr(request, field.name) for field in asked))


def _plans(work: Work) -> list[Plan]:
    """Of a job; a command in jails has none."""
    return [] if isinstance(work, Batch | FanOutJob) else [work.plan]


class Batch:
    """Several plans, one after the other.

    One that fails does not keep the others back, unless it is to `stop_early`.
    """

    outcome = measure = None  # each of its plans has its own

    def __init__(self, title: str, items: list[Item], *, stop_early: bool = False) -> None:
        self.title = title
        self.stop_early = stop_early
        self.items = items
        self.id = uuid.uuid4().hex if len(plans_of(items)) > 1 else ""
        self.stopped = False
        self.over = False
        self.listeners: list[Callable[[], None]] = []

    @property
    def jails(self) -> tuple[str, ...]:
        """The jails that its plans change."""
        return tuple(plan.jail for plan in plans_of(self.items))

    @property
    def active(self) -> Job | None:
        """The running job."""
        return next((item.job for item in self.items if item.ending == "active"), None)

    def stop(self) -> None:
        """Abort the running job, and skip the rest."""
        self.stopped = True
        if self.active is not None:
            self.active.stop()

    def tell(self) -> None:
        """Something changed."""
        for listener in tuple(self.listeners):
            listener()


class FanOutJob:
    """One command in many jails; runs in parallel with other jobs."""

    outcome = measure = None
    jails = ()

    def __init__(self, many: FanOut) -> None:
        self.many = many
        self.failure = ""

    @property
    def title(self) -> str:
        """Its name."""
        return self.many.title

    @property
    def over(self) -> bool:
        """Whether it has ended in all jails."""
        return self.many.over

    def stop(self) -> None:
        """End it everywhere."""
        self.many.end_all()


Work: TypeAlias = "Job | Batch | FanOutJob"


def new_job(plan: Plan) -> Job:
    """A job for a plan; imported with the first one, which makes the start faster."""
    from jailer_tui.stores.job import Job  # noqa: PLC0415

    return Job(plan)


class Jobs:
    """All jobs of this session, the newest last."""

    def __init__(self, reader: Reader, changed: Callable[[Work], None]) -> None:
        self.reader = reader
        self.all: list[Work] = []
        self._changed = changed
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> list[Work]:
        """Jobs that have not ended."""
        return [work for work in self.all if not work.over]

    def under_way(self, request: Request) -> Work | None:
        """A running job with the same request, or None."""
        wish = _wish(request)
        for work in self.running:
            plans = plans_of(work.items) if isinstance(work, Batch) else _plans(work)
            if any(_wish(plan.request) == wish for plan in plans):
                return work
        return None

    def start(self, plan: Plan) -> Job:
        """Run a plan in the background."""
        job = new_job(plan)
        self._begin(job, self._alone(job))
        return job

    def start_batch(self, batch: Batch) -> None:
        """Run a batch in the background."""
        self._begin(batch, self._many(batch))

    def start_part(self, batch: Batch, items: Sequence[Item]) -> asyncio.Task[None]:
        """Run the part of a batch that belongs to this host."""
        return self._begin(batch, self._in_turn(batch, items))

    def start_crowd(self, crowd: FanOutJob) -> None:
        """Run a command in many jails in the background."""
        self._begin(crowd, self._side_by_side(crowd))

    def abort_all(self) -> None:
        """Abort all running jobs."""
        for work in self.running:
            work.stop()

    async def drain(self) -> None:
        """Wait until nothing is running."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _begin(self, work: Work, running: asyncio._CoroutineLike[None]) -> asyncio.Task[None]:
        self.all.append(work)
        task = asyncio.create_task(running)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _alone(self, job: Job) -> None:
        async with self._turn:
            await self._run(job)
        self._changed(job)

    async def _run(self, job: Job) -> None:
        if job.abort.is_set():
            job.drop()
            return
        job.began, job.since = True, self.reader.host.clock()
        job.tell()
        from jailer_core.execution import execute  # noqa: PLC0415 - long to import, rarely needed

        try:
            job.end(await execute(self.reader, job.plan, job.hear, job.abort))
        except JailerError as error:
            job.fail(sanitize(error.message))
        except Exception as error:  # noqa: BLE001 - work must end with an outcome whatever happens
            job.fail(f"internal error: {sanitize(str(error))}")

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
                item.job = new_job(replace(item.plan, batch=batch.id))
                item.job.listeners.append(batch.tell)
                batch.tell()
                await self._run(item.job)
                await self._again(item, item.job, batch)
                if batch.stop_early and item.job.outcome is not None and not item.job.outcome.ok:
                    batch.stopped = True
                self._changed(item.job)

    async def _again(self, item: Item, job: Job, batch: Batch) -> None:
        """What an earlier one of the batch has done already need not be done again.

        A plan with a step that was not shown does not run: it stays `changed`.
        """
        outcome = job.outcome
        if outcome is None or not outcome.changed or batch.stopped:
            return
        if any(step not in job.plan.steps for step in outcome.plan.steps):
            return
        item.job = new_job(outcome.plan)
        item.job.listeners += job.listeners
        await self._run(item.job)


DOING = {"fetch": "fetching", "imageupdate": "updating"}
"""What is being done to an image, by its operation."""


def images_in_work(running: Iterable[Work]) -> dict[str, tuple[str, Work]]:
    """Running jobs on images, by version."""
    return {
        str(getattr(plan.request, "version", "")): (DOING[plan.request.op], work)
        for work in running
        for plan in _plans(work)
        if plan.request.op in DOING
    }
