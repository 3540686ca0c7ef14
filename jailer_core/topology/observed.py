"""Addresses as numbers, each parsed once: every refresh asks for the same ones.

The input of the rules about a network, and the findings that they return.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from jailer_core.model import Address, Interface, Inventory, Jail, JailState
from jailer_core.model.network import Route
from jailer_core.topology.epairs import EpairPeer, ends
from jailer_core.topology.nodes import Kind, kind_of, stack

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Net = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=1 << 14)
def number(text: str) -> IP | None:
    """An address; None for anything else (`link#3`, a name)."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


@lru_cache(maxsize=1 << 14)
def net(address: Address) -> Net | None:
    """The network of an address; None if its prefix is unknown."""
    if address.prefix is None:
        return None
    try:
        return ipaddress.ip_interface(f"{address.address}/{address.prefix}").network
    except ValueError:
        return None


HOST = "host"
"""Jails with their own network."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem; `subjects` are interfaces of the host, `jail:NAME` or HOST."""

    subjects: tuple[str, ...]
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Observed:
    """The inventory with lookup tables for the rules; `closed` are bridges without an uplink."""

    inventory: Inventory
    ends: Mapping[str, EpairPeer]
    cards: Mapping[str, Interface] = field(default_factory=dict)
    bridge_of: Mapping[str, str] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    @property
    def jails(self) -> tuple[Jail, ...]:
        """The jails that are not dying."""
        return tuple(jail for jail in self.inventory.jails if jail.state is not JailState.DYING)

    def inside(self, jail: Jail) -> tuple[Interface, ...] | None:
        """The interfaces of a running VNET jail; None if unknown."""
        return stack(self.inventory, jail.jid).interfaces

    def routes(self, jid: int | None) -> tuple[Route, ...]:
        """The routes of a network stack; () if unknown."""
        return stack(self.inventory, jid).routes or ()


def seen(inventory: Inventory, known: Mapping[str, EpairPeer] | None = None) -> Observed:
    """The inventory with its lookup tables."""
    cards = {interface.name: interface for interface in inventory.interfaces or ()}
    bridges = {
        name: interface.name
        for interface in cards.values()
        if interface.is_bridge
        for name in interface.members
    }
    closed = frozenset(
        interface.name
        for interface in cards.values()
        if interface.is_bridge
        and all(kind_of(cards[name]) is Kind.EPAIR for name in interface.members if name in cards)
    )
    return Observed(inventory, ends(inventory) if known is None else known, cards, bridges, closed)


def of_jail(name: str) -> str:
    """The name of a jail in `subjects`."""
    return f"jail:{name}"


def listed(words: Sequence[str]) -> str:
    """`a and b`, `a, b and 3 more`."""
    if len(words) > 3:
        return f"{', '.join(words[:2])} and {len(words) - 2} more"
    return ", ".join(words[:-1]) + f" and {words[-1]}"
