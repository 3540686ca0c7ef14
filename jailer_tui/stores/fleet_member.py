"""One of several hosts: its name, what is known of it, the state of its connection."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jailer_core.host.ssh.entry import HostEntry
from jailer_core.host.ssh.link_state import LinkState, LinkStatus
from jailer_core.model import Inventory, Jail
from jailer_tui.stores.session import HostSession, Program

if TYPE_CHECKING:
    from jailer_core.host.ssh.keeper import Keeper
    from jailer_core.model.network import Connections


class FleetOwner(Program, Protocol):
    """What the fleet needs of the program."""

    @property
    def session(self) -> HostSession:
        """The host that is shown."""

    @property
    def fleet_in_sight(self) -> bool:
        """Whether a tab of hosts is in front."""

    def fleet_changed(self) -> None:
        """What is known of a host has changed."""

    def host_is_back(self, session: HostSession) -> None:
        """A host can be asked again: it is read now."""


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

    @property
    def label(self) -> str:
        """What it is called among several hosts."""
        return f"{self.member.name}:{self.jail.name}"


def why_not_reached(member: Member) -> str:
    """Why nothing can be asked of a host now, or ""."""
    return "" if member.link.up else "its host cannot be reached now"


def production_names(members: Iterable[Member]) -> str:
    """The names of hosts of production: they are typed for what destroys."""
    return " ".join(sorted({member.name for member in members if member.entry.production}))


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
