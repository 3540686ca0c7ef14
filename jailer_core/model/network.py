"""Network details read for `Needs.network`: stacks with their routes, counters, what is on.

As in all of the model, `None` means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jailer_core.model.interfaces import Interface


@dataclass(frozen=True, slots=True)
class Route:
    """One route; `family` is 4 or 6, `destination` is `default` for the way out."""

    family: int
    destination: str
    gateway: str
    interface: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counters of one interface since it came up: bytes, packets, and what went wrong."""

    received: int
    sent: int
    errors: int
    packets_received: int = 0
    packets_sent: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """Bytes per second that came in and went out."""

    received: float
    sent: float


def rate(before: Traffic, after: Traffic, seconds: float) -> Rate | None:
    """Traffic since then; None when no time passed, or the interface was recreated."""
    got, sent = after.received - before.received, after.sent - before.sent
    if seconds <= 0 or got < 0 or sent < 0:
        return None
    return Rate(got / seconds, sent / seconds)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Whom the host has heard on an interface within the last minutes, or (`own`) itself."""

    address: str
    mac: str
    interface: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """A network stack: of the host, or of a VNET jail as it is seen from outside."""

    interfaces: tuple[Interface, ...] | None = None
    routes: tuple[Route, ...] | None = None


@dataclass(frozen=True, slots=True)
class Connections:
    """The network beyond what every refresh reads.

    `stacks` are by jid, 0 is the host's. `traffic` is by interface of the host, taken at `taken`
    (the host's uptime). `forwarding` and `forwarding6` tell whether the host passes packets on,
    `translated` the families (4, 6) that rules of a running packet filter translate. `exposed`
    are running jails whose /dev shows the host's devices. `neighbours` are by IPv4 address.
    """

    stacks: Mapping[int, Stack] = field(default_factory=dict)
    traffic: Mapping[str, Traffic] | None = None
    taken: float = 0.0
    forwarding: bool | None = None
    forwarding6: bool | None = None
    translated: frozenset[int] | None = None
    exposed: tuple[str, ...] | None = None
    neighbours: Mapping[str, Neighbour] | None = None
