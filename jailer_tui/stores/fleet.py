"""All hosts of this session, side by side: each is connected, read and worked on by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from jailer_core.errors import JailerError
from jailer_core.facts.rhythm import InSight
from jailer_core.host.ssh.entry import HostEntry
from jailer_core.host.ssh.link_state import LinkState, LinkStatus
from jailer_core.model import Inventory, Jail
from jailer_core.plan import Outcome, OutcomeStatus
from jailer_core.text import sanitize
from jailer_tui.state import row_keys
from jailer_tui.stores.jobs import Batch, Item, Job, Work
from jailer_tui.stores.session import HostSession

if TYPE_CHECKING:
    from jailer_core.host.ssh.keeper import Keeper

POLL, SELDOM = 3.0, 15.0
"""Seconds between two readings of a host that is not shown: while a tab of hosts is in front, and
otherwise."""


class FleetOwner(Protocol):
    """What the fleet needs of the program."""

    @property
    def session(self) -> HostSession:
        """The host that is shown."""
        ...

    @property
    def fleet_in_sight(self) -> bool:
        """Whether a tab of hosts is in front."""
        ...

    def fleet_changed(self) -> None:
        """What is known of a host has changed."""

    def host_is_back(self, session: HostSession) -> None:
        """A host can be asked again: it is read now."""

    def work_changed(self, session: HostSession, work: Work) -> None:
        """Some work ended, or went a step further."""

    def notify_user(self, message: str, hint: str = "", *, bad: bool = True) -> None:
        """Show a message for a few seconds."""


@dataclass(eq=False)
class Member:
    """One host. `keeper` is None for what is always there: this machine, a simulated host."""

    entry: HostEntry
    session: HostSession
    keeper: Keeper | None = None
    failure: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.entry.name

    @property
    def link(self) -> LinkState:
        """How it is with the connection."""
        return self.keeper.state if self.keeper is not None else LinkState(LinkStatus.UP)

    @property
    def inventory(self) -> Inventory | None:
        """What is known of it, also when that is old."""
        return self.session.view.inventory


@dataclass(frozen=True, slots=True)
class FleetJail:
    """A jail and the host that it is on. `key` is that of its row."""

    member: Member
    jail: Jail
    key: str


class Fleet:
    """The app holds it."""

    def __init__(self, owner: FleetOwner, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self._owner = owner
        self._tasks: set[asyncio.Task[None]] = set()
        self._wakes = {member.name: asyncio.Event() for member in members}

    def start(self) -> None:
        """Connect, and read, from now on."""
        for member in self.members:
            if member.keeper is not None:
                member.keeper.changed = self._link_changed(member)
                self._spawn(member.keeper.run())
            self._spawn(self._read_on(member))

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
                self._wakes[member.name].set()
                member.session.reader.forget_networks()  # what failed without it is read again
                self._owner.host_is_back(member.session)
            was_up = state.up
            self._owner.fleet_changed()

        return changed

    def member_of(self, session: HostSession) -> Member | None:
        """The member whose session that is."""
        return next((member for member in self.members if member.session is session), None)

    def look(self) -> None:
        """A tab of hosts has come in front."""
        for wake in self._wakes.values():
            wake.set()

    def try_again(self, member: Member) -> None:
        """Connect now."""
        if member.keeper is not None:
            member.keeper.wake()
        self._wakes[member.name].set()

    # --- reading -----------------------------------------------------------------------------

    async def _read_on(self, member: Member) -> None:
        wake = self._wakes[member.name]
        while True:
            if member.link.up:
                if member.session is not self._owner.session:
                    await self._read(member)
                await self._settle(member)
            with suppress(TimeoutError):
                pause = POLL if self._owner.fleet_in_sight else SELDOM
                await asyncio.wait_for(wake.wait(), pause)
            wake.clear()

    async def _read(self, member: Member) -> None:
        session = member.session
        try:
            if session.view.inventory is None:
                await self._keep(member, await session.reader.gather(quick=True), full=False)
            inventory = await session.reader.refresh(InSight(use=self._owner.fleet_in_sight))
        except (JailerError, OSError, ValueError, ExceptionGroup) as error:
            member.failure = sanitize(str(error))
            self._owner.fleet_changed()
            return
        await self._keep(member, inventory, full=True)

    async def _keep(self, member: Member, inventory: Inventory, *, full: bool) -> None:
        session = member.session
        blind = any(problem.source == "jls" for problem in inventory.problems)
        member.failure = next((problem.message for problem in inventory.problems), "")
        if session is self._owner.session or (blind and not inventory.jails):
            return
        view = session.view
        session.view = replace(
            view,
            inventory=inventory,
            full=view.full or full,
            failure="",
            stale=None,
            now=replace(view.now, stale=False),
        )
        self._owner.fleet_changed()

    # --- changes whose connection broke ------------------------------------------------------

    async def _settle(self, member: Member) -> None:
        """Ask the journal over there how they ended."""
        for job in _jobs(member):
            outcome = job.outcome
            if outcome is None or outcome.status is not OutcomeStatus.UNKNOWN or not job.entry:
                continue
            ended = await _ending(member, job, outcome)
            if ended is not None:
                job.end(ended)
                said = f"{member.name}: {job.plan.title}: {ended.status.value}"
                self._owner.notify_user(said, ended.message, bad=not ended.ok)

    # --- jails -------------------------------------------------------------------------------

    def jails(self) -> list[FleetJail]:
        """All jails of all hosts, also of those that cannot be reached now."""
        return [
            FleetJail(member, jail, f"{member.name}\0{key}")
            for member in self.members
            for jails in [member.session.view.jails]
            for key, jail in zip(row_keys(jails), jails, strict=True)
        ]

    def start_batch(self, batch: FleetBatch) -> None:
        """Run a batch on all its hosts at once, on each one after the other."""
        self._spawn(self._run(batch))

    async def _run(self, batch: FleetBatch) -> None:
        await batch.run()
        self._owner.work_changed(self._owner.session, batch)


def _jobs(member: Member) -> list[Job]:
    jobs: list[Job] = []
    for work in member.session.jobs.all:
        if isinstance(work, Job):
            jobs.append(work)
        elif isinstance(work, Batch):
            jobs += [item.job for item in work.items if item.job is not None]
    return jobs


async def _ending(member: Member, job: Job, outcome: Outcome) -> Outcome | None:
    """How it ended, None while that is not known."""
    from jailer_core import journal  # noqa: PLC0415 - imports all operations

    session = member.session
    host = session.reader.host
    try:
        paths = await journal.names(host, session.past.layout)
        path = next((path for path in paths if job.entry in path), "")
        entry = await journal.read_path(host, path) if path else None
        if entry is None or (not entry.ending and await host.changing()):
            return None
    except JailerError:
        return None
    if not entry.ending:
        return replace(
            outcome,
            status=OutcomeStatus.FAILED,
            message="it was interrupted",
            hint="To resolve it, go to that host and undo or resume it.",
        )
    return replace(
        outcome,
        status=OutcomeStatus(entry.ending),
        message=entry.message,
        hint="",
        undone=entry.taken_back,
        leftovers=entry.left,
    )


class FleetBatch(Batch):
    """Plans on several hosts. `owners` has the member of each item."""

    def __init__(self, title: str, items: list[Item], owners: Sequence[Member]) -> None:
        super().__init__(title, items)
        self._owners = tuple(owners)

    def stop(self) -> None:
        """Undo what runs on each host, and start no more."""
        super().stop()
        for item in self.items:
            if item.job is not None and not item.job.over:
                item.job.abort.set()

    async def run(self) -> None:
        """Until it has ended everywhere."""
        parts = []
        for member in dict.fromkeys(self._owners):
            own = [
                item
                for item, owner in zip(self.items, self._owners, strict=True)
                if owner is member
            ]
            parts.append(member.session.jobs.start_part(self, own))
        await asyncio.gather(*parts)
        self.over = True
        self.tell()


def state_words(member: Member) -> tuple[str, str]:
    """State of a host in two or three words, and a tone for them."""
    link = member.link
    match link.status:
        case LinkStatus.CONNECTING:
            return "connecting", "accent"
        case LinkStatus.SLOW:
            return f"slow {1000 * (link.latency or 0):.0f} ms", "warn"
        case LinkStatus.UP:
            return (
                ("unreadable", "bad")
                if member.failure and member.inventory is None
                else ("up", "ok")
            )
    return (link.trouble.value if link.trouble is not None else "unreachable"), "bad"


def reason(member: Member) -> tuple[str, str]:
    """Why a host is not up, and what to do about it."""
    link = member.link
    if link.up:
        return member.failure, ""
    if link.next_try is None:
        return link.message, link.hint
    seconds = max(0, round(link.next_try - time.monotonic()))
    return link.message, f"{link.hint} Next try in {seconds} s.".strip()
