"""The nodes of the network tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jailer_core.model import Address, Interface, Inventory, Jail
from jailer_core.model.network import Route, Stack


class Kind(StrEnum):
    """The kind of a node. A jail on the host's network, or without one, is its own node."""

    HOST = "host"
    CARD = "interface"
    VLAN = "vlan"
    BRIDGE = "bridge"
    EPAIR = "epair"
    LOOPBACK = "loopback"
    JAIL = "jail"


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree; `key` is its way from the root and lasts from refresh to refresh.

    `name` is the interface's, or the jail's for Kind.JAIL. `interface` is the host's; `jail` the
    one at the other end of an epair, `inside` what that jail shows there. `bridge` is the bridge
    that it is a member of. `addresses` are those to be shown here: of an interface without its
    jails', of an epair those of its jail. `elsewhere` marks a VLAN that is in a bridge too.
    """

    key: str
    kind: Kind
    name: str
    interface: Interface | None = None
    jail: Jail | None = None
    inside: Interface | None = None
    bridge: str = ""
    addresses: tuple[Address, ...] | None = ()
    elsewhere: bool = False
    children: tuple[Node, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of its diagnostics: the interface, `jail:NAME`, or the host."""
        names = [self.interface.name] if self.interface is not None else []
        names += [f"jail:{self.jail.name}"] if self.jail is not None else []
        return tuple(names) if self.kind is not Kind.HOST else ("host",)


def kind_of(interface: Interface) -> Kind:
    """The kind of an interface by its groups (recording 08); network cards have none."""
    groups = {"bridge": Kind.BRIDGE, "epair": Kind.EPAIR, "vlan": Kind.VLAN, "lo": Kind.LOOPBACK}
    return next((groups[group] for group in groups if group in interface.groups), Kind.CARD)


def down(interface: Interface) -> str:
    """Why an interface passes no traffic, or ""."""
    if not interface.up:
        return "down"
    # not recorded but `active`: what a card without a cable says
    return "no carrier" if interface.status.replace("-", " ") == "no carrier" else ""


def stack(inventory: Inventory, jid: int | None) -> Stack:
    """A network stack, 0 for the host's; without anything while it is not known."""
    seen = inventory.connections
    known = seen.stacks.get(jid) if seen is not None and jid is not None else None
    return known or Stack()


def defaults(inventory: Inventory, jid: int) -> tuple[Route, ...] | None:
    """The default routes of a network stack, 0 for the host's; None while not known."""
    routes = stack(inventory, jid).routes
    if routes is None:
        return None
    return tuple(route for route in routes if route.destination == "default")


def way_out(inventory: Inventory) -> str:
    """The interface of the host's default route, "" if unknown."""
    return next((route.interface for route in defaults(inventory, 0) or ()), "")


def ways_out(inventory: Inventory) -> tuple[str, ...]:
    """The gateways of the host's default routes, else the one that rc.conf names."""
    routes = defaults(inventory, 0)
    if routes is not None:
        return tuple(route.gateway for route in routes)
    named = (inventory.rc or {}).get("defaultrouter", "")
    return (named,) if named and named.upper() != "NO" else ()


def walk(node: Node, depth: int = 0) -> Iterator[tuple[int, Node]]:
    """The node and all below it, in the order in which they are shown, with their depth."""
    yield depth, node
    for child in node.children:
        yield from walk(child, depth + 1)
