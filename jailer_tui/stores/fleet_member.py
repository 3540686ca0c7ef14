"""One of several hosts: its name, what is known of it, the state of its connection.

Read one of several hosts: at once on events of its kernel, otherwise at intervals.

The host that is shown is read by its own refresher, which hears of the kernel from here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from jailer_core.errors import JailerError
from jailer_core.facts.probes import InSight, Reason
from jailer_core.host.ssh.definitions import HostEntry
from jailer_core.host.ssh.link_state import LinkState, LinkStatus
from jailer_core.model import Inventory, Jail
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.stores.events import is_known
from jailer_tui.stores.refresher import listen, rest
from jailer_tui.stores.session import HostSession, Program

if TYPE_CHECKING:
    from jailer_core.host.ssh.keeper import Keeper
    from jailer_core.model.network import Connections


class FleetOwner(Program, Protocol):
    """The part of the program that the fleet needs."""

    @property
    def session(self) -> HostSession:
        """The host that is shown."""

    @property
    def fleet_in_sight(self) -> bool:
        """Whether a tab of hosts is shown."""

    def fleet_changed(self) -> None:
        """What is known of a host has changed."""

    def host_is_back(self, session: HostSession) -> None:
        """A host can be reached again: read it now."""


@dataclass(eq=False)
class Member:
    """One host. `keeper` is None for what is always there: this machine, a simulated host.

    `connections` is what was seen of its network last: see stores.fleet_reader.
    """

    entry: HostEntry
    session: HostSession
    keeper: Keeper | None = None
    failure: str = ""
    connections: Connections | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.name

    @property
    def link(self) -> LinkState:
        """The state of the connection."""
        return self.keeper.state if self.keeper is not None else LinkState(LinkStatus.UP)

    @property
    def inventory(self) -> Inventory | None:
        """The last inventory, even if it is old."""
        return self.session.view.inventory


@dataclass(frozen=True, slots=True)
class FleetJail:
    """A jail and its host. `key` is the key of its row."""

    member: Member
    jail: Jail
    key: str

    @property
    def label(self) -> str:
        """What it is called among several hosts."""
        return f"{self.member.name}:{self.jail.name}"


def why_not_reached(member: Member) -> str:
    """Why a host cannot be reached now, or ""."""
    return "" if member.link.up else "its host cannot be reached now"


def production_names(members: Iterable[Member]) -> str:
    """The names of production hosts, which must be typed to destroy something."""
    return " ".join(sorted({member.name for member in members if member.entry.production}))


def state_words(member: Member) -> tuple[str, str]:
    """The state of a host in two or three words, with its tone."""
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
    """Why a host is not up, with a hint."""
    link = member.link
    if link.up:
        return member.failure, ""
    if link.next_try is None:
        return link.message, link.hint
    seconds = max(0, round(link.next_try - time.monotonic()))
    return link.message, f"{link.hint} Next try in {seconds} s.".strip()


POLL, SELDOM = 3.0, 15.0
"""Seconds between two readings of a host that is not shown: while a tab of hosts is in front, and
otherwise."""
CLOSER = 60.0
"""Seconds between two closer looks, at what only an overview tells, while such a tab is in
front."""
SOONER = 10.0
"""Seconds until the next one where something has happened."""


class FleetReader:
    """Reads a host, and follows its jail events."""

    def __init__(self, owner: FleetOwner, member: Member) -> None:
        self.member = member
        self._owner = owner
        self._wake = asyncio.Event()
        self._up = asyncio.Event()
        self._looked = -CLOSER
        member.session.live.listens = False  # it is done here

    @property
    def is_shown(self) -> bool:
        """Whether the host is the visible one."""
        return self.member.session is self._owner.session

    def wake(self) -> None:
        """Read now."""
        self._wake.set()

    def is_up(self) -> None:
        """The host can be reached now."""
        self.member.session.reader.forget_networks()  # what failed without it is read again
        self._looked = -CLOSER
        self._up.set()
        self.wake()

    def happened(self, reason: Reason) -> None:
        """Something happened there: read what may be affected."""
        self._looked = min(self._looked, time.monotonic() - CLOSER + SOONER)
        if reason is Reason.CHANGE:
            self.member.session.reader.forget_networks()
        if self.is_shown:
            self.member.session.live.wake(reason)
        else:
            self.member.session.reader.schedule.happened(reason)
        self.wake()

    # --- the kernel over there ---------------------------------------------------------------

    async def listen(self) -> None:
        """Follow jail events over each connection."""
        if self.member.link.up:
            self._up.set()
        while True:
            await self._up.wait()
            self._up.clear()
            await listen(self.member.session.reader, self.happened)

    # --- reading -----------------------------------------------------------------------------

    async def round(self) -> None:
        """Read what is due, unless the refresher does so."""
        if not self.member.link.up:
            return
        if not self.is_shown:
            await self._read()
        if self._owner.fleet_in_sight and time.monotonic() - self._looked >= CLOSER:
            self._looked = time.monotonic()
            with suppress(JailerError, OSError, ValueError, ExceptionGroup):
                await self._look_closer()

    async def rest(self) -> None:
        """Wait until the next reading."""
        await rest(self._wake, POLL if self._owner.fleet_in_sight else SELDOM)

    async def _read(self) -> None:
        session = self.member.session
        try:
            if session.view.inventory is None:
                self._keep(await session.reader.gather(quick=True), full=False)
            inventory = await session.reader.refresh(InSight(use=self._owner.fleet_in_sight))
        except (JailerError, OSError, ValueError, ExceptionGroup) as error:
            self.member.failure = sanitize(str(error))
            self._owner.fleet_changed()
            return
        self._keep(inventory, full=True)

    def _keep(self, inventory: Inventory, *, full: bool) -> None:
        member, session = self.member, self.member.session
        member.failure = next((problem.message for problem in inventory.problems), "")
        if self.is_shown or not (inventory.jails or is_known(inventory)):
            return
        view = session.view
        same = inventory is view.inventory and view.full and view.stale is None
        if same and not view.failure and not view.now.stale:
            return
        if view.full and view.inventory is not None:
            session.watcher.compare(view.inventory, inventory, session.vitals.limits)
        session.view = replace(
            session.view,
            inventory=inventory,
            full=view.full or full,
            failure="",
            stale=None,
            now=replace(view.now, stale=False),
        )
        self._owner.fleet_changed()

    async def _look_closer(self) -> None:
        """What the overview of that host reads besides: network, limits, packages, journal."""
        session = self.member.session
        inventory = await session.reader.gather(Needs(network=True))
        self.member.connections = inventory.connections
        await session.vitals.read_slow(inventory.taken)
        await session.past.cut_off(inventory)
        self._owner.fleet_changed()
