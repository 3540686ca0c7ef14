"""Work on several hosts, and the outcome of changes whose connection broke."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jailer_core import journal_peek
from jailer_core.errors import JailerError
from jailer_core.host import Host
from jailer_core.plan import Outcome, OutcomeStatus
from jailer_tui.stores.fleet_member import Member
from jailer_tui.stores.job import Job
from jailer_tui.stores.jobs import Batch, Item

if TYPE_CHECKING:
    from jailer_core.journal import Entry

MOST = 50
"""Changes of a journal that are looked at for one whose number did not come back."""
SLACK = 60.0
"""Seconds by which the clock of that host may be known wrongly."""
NEVER_BEGAN = 15.0
"""Seconds after which a change that the journal does not have was not started."""


class FleetBatch(Batch):
    """Plans on several hosts. `owners` has the member of each item."""

    def __init__(self, title: str, items: list[Item], owners: Sequence[Member]) -> None:
        super().__init__(title, items)
        self._owners = tuple(owners)

    def pairs(self) -> list[tuple[Item, Member]]:
        """Each item with its host."""
        return list(zip(self.items, self._owners, strict=True))

    def items_on(self, member: Member) -> list[Item]:
        """Those of one host."""
        return [item for item, owner in self.pairs() if owner is member]

    def stop(self) -> None:
        """Undo what runs on each host, and start no more."""
        super().stop()
        for item in self.items:
            if item.job is not None and not item.job.over:
                item.job.abort.set()

    async def run(self) -> None:
        """Until it has ended everywhere."""
        await asyncio.gather(
            *(
                member.session.jobs.start_part(self, self.items_on(member))
                for member in dict.fromkeys(self._owners)
            )
        )
        self.over = True
        self.tell()


def unknown_jobs(member: Member) -> list[Job]:
    """What was done on that host and is not known to have ended."""
    return [
        job
        for job in _jobs(member)
        if job.outcome is not None and job.outcome.status is OutcomeStatus.UNKNOWN
    ]


def _jobs(member: Member) -> list[Job]:
    jobs: list[Job] = []
    for work in member.session.jobs.all:
        if isinstance(work, Job):
            jobs.append(work)
        elif isinstance(work, Batch):
            items = work.items_on(member) if isinstance(work, FleetBatch) else work.items
            jobs += [item.job for item in items if item.job is not None]
    return jobs


async def ending(member: Member, job: Job) -> Outcome | None:
    """How such a change ended, None while that is not known."""
    host = member.session.reader.host
    assert job.outcome is not None  # noqa: S101 - it is unknown_jobs
    try:
        entry = await _entry(member, job)
        over = entry is not None and bool(entry.ending)
        if not over and await host.changing():
            return None
    except JailerError:
        return None
    if entry is None:
        late = time.monotonic() - job.ended >= NEVER_BEGAN
        return _failed(job.outcome, "it was not started there", "Start it again.") if late else None
    job.entry = entry.id
    if not entry.ending:
        hint = "To resolve it, go to that host and undo or resume it."
        return _failed(job.outcome, "it was interrupted", hint)
    return replace(
        job.outcome,
        status=OutcomeStatus(entry.ending),
        message=entry.message,
        hint="",
        undone=entry.taken_back,
        leftovers=entry.left,
    )


def _failed(outcome: Outcome, message: str, hint: str) -> Outcome:
    return replace(outcome, status=OutcomeStatus.FAILED, message=message, hint=hint)


async def _entry(member: Member, job: Job) -> Entry | None:
    """The change in the journal over there. Its number may have been lost on its way here."""
    from jailer_core import journal  # noqa: PLC0415 - imports all operations

    host: Host = member.session.reader.host
    paths = await journal_peek.names(host, member.session.past.layout)
    if job.entry:
        path = next((path for path in paths if job.entry in path), "")
        return await journal.read_path(host, path) if path else None
    taken = {other.entry for other in _jobs(member)}
    for path in paths[:MOST]:
        entry = await journal.read_path(host, path)
        if entry is None or entry.when < job.since - SLACK:
            return None
        if entry.request == job.plan.request and entry.id not in taken:
            return entry
    return None
