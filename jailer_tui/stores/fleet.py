"""Work on several hosts, and the outcome of changes whose connection broke.

All hosts of this session: each is connected, read and worked on independently.

One command in jails of several hosts: a fan-out on each host, shown as one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jailer_core import journal_peek
from jailer_core.errors import JailerError
from jailer_core.execution.fan_out import FanOut, JailRun
from jailer_core.facts.probes import Reason
from jailer_core.host import Host
from jailer_core.host.ssh.link_state import LinkState
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Outcome, OutcomeStatus
from jailer_core.text import sanitize
from jailer_tui.stores.fleet_member import FleetJail, FleetOwner, FleetReader, Member
from jailer_tui.stores.job import Job
from jailer_tui.stores.jobs import Batch, Item
from jailer_tui.stores.session import HostSession

if TYPE_CHECKING:
    from jailer_core.operations.undo.entry import Entry


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
        """Abort the running plan on each host, and start no more."""
        super().stop()
        for item in self.items:
            if item.job is not None and not item.job.over:
                item.job.abort.set()

    async def run(self) -> None:
        """Run until it has ended on all hosts."""
        await asyncio.gather(
            *(
                member.session.jobs.start_part(self, self.items_on(member))
                for member in dict.fromkeys(self._owners)
            )
        )
        self.over = True
        self.tell()


def unknown_jobs(member: Member) -> list[Job]:
    """Jobs on that host without a known end."""
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
    """The result of such a change; None if unknown."""
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


@dataclass(frozen=True, slots=True)
class Place:
    """The position in the table of all jails, kept while a host is shown."""

    filter: str = ""
    marks: frozenset[str] = frozenset()
    key: str = ""


class Fleet:
    """The hosts of this session."""

    def __init__(self, owner: FleetOwner, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self._owner = owner
        self._tasks: set[asyncio.Task[None]] = set()
        self.place = Place()
        self.batches: list[FleetBatch] = []
        """What was done on several hosts, the last one last: it can be undone together."""
        self._readers = {member.name: FleetReader(owner, member) for member in members}

    def start(self) -> None:
        """Start connecting and reading."""
        for member in self.members:
            if member.keeper is not None:
                member.keeper.changed = self._link_changed(member)
                self._spawn(member.keeper.run())
            reader = self._readers[member.name]
            self._spawn(self._read_on(member, reader))
            self._spawn(reader.listen())

    def _spawn(self, work: asyncio._CoroutineLike[None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End all connections."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for member in self.members:
            with suppress(JailerError):
                await member.session.host.close()

    # --- connections -------------------------------------------------------------------------

    def _link_changed(self, member: Member) -> Callable[[LinkState], None]:
        was_up = member.link.up

        def changed(state: LinkState) -> None:
            nonlocal was_up
            if state.up and not was_up:
                self._readers[member.name].is_up()
                self._owner.host_is_back(member.session)
            was_up = state.up
            self._owner.fleet_changed()

        return changed

    def look(self) -> None:
        """A tab of hosts is visible now."""
        for reader in self._readers.values():
            reader.wake()

    def happened(self, session: HostSession, reason: Reason) -> None:
        """Something happened on a host: read it now."""
        for reader in self._readers.values():
            if reader.member.session is session:
                reader.happened(reason)

    def try_again(self, member: Member) -> None:
        """Connect now."""
        if member.keeper is not None:
            member.keeper.wake()
        self._readers[member.name].wake()

    # --- reading -----------------------------------------------------------------------------

    async def _read_on(self, member: Member, reader: FleetReader) -> None:
        while True:
            try:
                if member.link.up:
                    await reader.round()
                    await self._settle(member)
            except Exception as error:  # noqa: BLE001 - a host that tells nonsense is read again
                member.failure = f"internal error: {sanitize(str(error)) or type(error).__name__}"
                self._owner.fleet_changed()
            await reader.rest()

    # --- changes whose connection broke ------------------------------------------------------

    async def _settle(self, member: Member) -> None:
        """Ask the journal over there how they ended."""
        for job in unknown_jobs(member):
            outcome = await ending(member, job)
            if outcome is not None:
                job.end(outcome)
                message = f"{member.name}: {job.plan.title}: {outcome.status.value}"
                self._owner.notify_user(message, outcome.message, bad=not outcome.ok)

    # --- jails -------------------------------------------------------------------------------

    def jails(self) -> list[FleetJail]:
        """All jails of all hosts, including hosts that cannot be reached now."""
        return [
            FleetJail(member, jail, f"{member.name}\0{key}")
            for member in self.members
            for key, jail in member.session.view.by_key().items()
        ]

    def start_batch(self, batch: FleetBatch) -> None:
        """Run a batch on all its hosts in parallel, and in order on each host."""
        if all(item.request.op != UndoChange.op for item in batch.items):
            self.batches.append(batch)
        self._spawn(self._run(batch))

    async def _run(self, batch: FleetBatch) -> None:
        await batch.run()
        self._owner.work_changed(self._owner.session, batch)


class FleetFanOut(FanOut):
    """A command on several hosts: `parts` by host, each with its own journal."""

    def __init__(self, title: str, parts: Sequence[tuple[str, FanOut]]) -> None:
        super().__init__(parts[0][1].reader, parts[0][1].plan)
        self.turns = [turn for _, part in parts for turn in part.turns]
        self._title = title
        self._parts = tuple(part for _, part in parts)
        self._part_of = {id(turn): part for _, part in parts for turn in part.turns}
        for name, part in parts:
            part.listeners.append(self._hear)
            for turn in part.turns:
                turn.where = name

    @property
    def title(self) -> str:
        """See FanOut."""
        return self._title

    def now(self, turn: JailRun) -> float:
        """See FanOut: each host has its own."""
        return self._part_of[id(turn)].now(turn)

    def end(self, turn: JailRun) -> None:
        """See FanOut."""
        self._part_of[id(turn)].end(turn)

    def end_all(self) -> None:
        """See FanOut."""
        self.stopped = True
        for part in self._parts:
            part.end_all()

    async def run(self) -> None:
        """See FanOut. A failing host does not stop the others."""
        runs = [asyncio.create_task(part.run()) for part in self._parts]
        try:
            results = await asyncio.gather(*runs, return_exceptions=True)
        finally:
            self.over = True
        errors = [result for result in results if isinstance(result, BaseException)]
        notes = [part.note for part in self._parts if part.note]
        for error in errors:
            if not isinstance(error, JailerError):
                raise error
            notes.append(sanitize(error.message))
        self.note = "; ".join(notes)
        self._hear(None)

    def _hear(self, turn: JailRun | None) -> None:
        for listener in tuple(self.listeners):
            listener(turn)
