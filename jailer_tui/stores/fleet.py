"""All hosts of this session: each is connected, read and worked on independently."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from jailer_core.errors import JailerError
from jailer_core.facts.rhythm import Reason
from jailer_core.host.ssh.link_state import LinkState
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.text import sanitize
from jailer_tui.stores.fleet_member import FleetJail, FleetOwner, Member
from jailer_tui.stores.fleet_reader import FleetReader
from jailer_tui.stores.fleet_work import FleetBatch, ending, unknown_jobs
from jailer_tui.stores.session import HostSession


@dataclass(frozen=True, slots=True)
class Place:
    """Where one was in the table of all jails: going to a host must not lose it."""

    filter: str = ""
    marks: frozenset[str] = frozenset()
    key: str = ""


class Fleet:
    """The app holds it."""

    def __init__(self, owner: FleetOwner, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        self._owner = owner
        self._tasks: set[asyncio.Task[None]] = set()
        self.place = Place()
        self.batches: list[FleetBatch] = []
        """What was done on several hosts, the last one last: it can be undone together."""
        self._readers = {member.name: FleetReader(owner, member) for member in members}

    def start(self) -> None:
        """Connect, and read, from now on."""
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
        """A tab of hosts has come in front."""
        for reader in self._readers.values():
            reader.wake()

    def happened(self, session: HostSession, reason: Reason) -> None:
        """Something happened on a host: it is read now."""
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
        """All jails of all hosts, also of those that cannot be reached now."""
        return [
            FleetJail(member, jail, f"{member.name}\0{key}")
            for member in self.members
            for key, jail in member.session.view.by_key().items()
        ]

    def start_batch(self, batch: FleetBatch) -> None:
        """Run a batch on all its hosts at once, on each one after the other."""
        if all(item.request.op != UndoChange.op for item in batch.items):
            self.batches.append(batch)
        self._spawn(self._run(batch))

    async def _run(self, batch: FleetBatch) -> None:
        await batch.run()
        self._owner.work_changed(self._owner.session, batch)
