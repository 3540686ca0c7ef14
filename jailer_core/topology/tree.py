"""The tree: the host, its cards with their VLANs, its bridges with their members, and the jails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from jailer_core.model import OWN_STACK, Address, Interface, Inventory, Jail, JailState, Network
from jailer_core.topology.epairs import EpairPeer, ends, joins, lent
from jailer_core.topology.nodes import Kind, Node, kind_of, way_out
from jailer_core.topology.observed import net, number

HOST = "host"
_ORDER = {Kind.CARD: 0, Kind.VLAN: 1, Kind.BRIDGE: 2, Kind.EPAIR: 3, Kind.LOOPBACK: 5}


def tree(inventory: Inventory, known: Mapping[str, EpairPeer] | None = None) -> Node:
    """The host as the root of everything. Each interface and jail has one place.

    Members stand below their bridge, VLANs below their card (one that is a member too is only
    named there), jails below the interface that carries their first address, at the end of their
    epair, or, when the host's own addresses are theirs or they have none, below the host.
    `known` are the ends when the caller has them already.
    """
    return _Builder(inventory, ends(inventory) if known is None else known).root()


class _Builder:
    """The tables that every interface is looked up in, made once."""

    def __init__(self, inventory: Inventory, known: Mapping[str, EpairPeer]) -> None:
        self.inventory = inventory
        self.cards = {interface.name: interface for interface in inventory.interfaces or ()}
        self.bridge_of = {
            member: interface.name
            for interface in self.cards.values()
            for member in interface.members
        }
        self.vlans: dict[str, list[str]] = {}
        for interface in self.cards.values():
            if interface.parent in self.cards:
                self.vlans.setdefault(interface.parent, []).append(interface.name)
        self.nets = [
            (interface.name, network)
            for interface in self.cards.values()
            for address in interface.addresses
            if not address.address.startswith("fe80:") and (network := net(address)) is not None
        ]
        self.ends = known
        self.children: dict[str, list[Jail]] = {}
        self.below: dict[str, list[Jail]] = {}
        self.on: dict[str, list[Jail]] = {}
        self.theirs: set[str] = set()
        self._place_jails()

    # --- jails -------------------------------------------------------------------------------

    def _place_jails(self) -> None:
        """Below another jail, on an interface, in a bridge, or below the host."""
        at_an_end = {
            id(end.jail) for end in self.ends.values() if end.jail.state is not JailState.STOPPED
        }
        names = {jail.name for jail in self.inventory.jails}
        for jail in self.inventory.jails:
            if jail.network is Network.SHARED:
                self.theirs.update(address.address for address in jail.addresses or ())
            if jail.parent in names and jail.network not in OWN_STACK and not jail.addresses:
                self.below.setdefault(jail.parent, []).append(jail)
            elif id(jail) not in at_an_end:
                self.on.setdefault(self._place(jail), []).append(jail)

    def _place(self, jail: Jail) -> str:
        """The interface that it hangs on, "" for the host itself."""
        if jail.network is Network.SHARED:
            names = [self._carrier(address) for address in jail.addresses or ()]
            return next((name for name in names if name), "")
        if jail.network in OWN_STACK and jail.state is JailState.STOPPED:
            bridges = [bridge for bridge, _ in joins(jail.config)]
            return next(
                (bridge for bridge in (*bridges, *lent(jail.config)) if bridge in self.cards), ""
            )
        return ""

    def _carrier(self, address: Address) -> str:
        """The interface that has an address, or in whose net it lies."""
        if address.interface in self.cards:
            return address.interface
        ip = number(address.address)
        if ip is None:
            return ""
        fits = (name for name, net in self.nets if net.version == ip.version and ip in net)
        return next(fits, "")

    def _jails(self, place: str, key: str) -> tuple[Node, ...]:
        jails = sorted(
            self.on.get(place, ()), key=lambda jail: (jail.state is JailState.STOPPED, jail.name)
        )
        return tuple(self._jail(jail, key) for jail in jails)

    def _jail(self, jail: Jail, above: str) -> Node:
        jid = f":{jail.jid}" if jail.state is JailState.DYING else ""
        key = f"{above}/jail:{jail.name}{jid}"
        inside = self._inside(jail, key)
        return Node(key, Kind.JAIL, jail.name, jail=jail, addresses=jail.addresses, children=inside)

    def _inside(self, jail: Jail, key: str) -> tuple[Node, ...]:
        """Jails of a jail."""
        return tuple(self._jail(child, key) for child in self.below.get(jail.name, ()))

    # --- interfaces --------------------------------------------------------------------------

    def root(self) -> Node:
        """The host."""
        tops = [
            interface
            for interface in self.cards.values()
            if interface.name not in self.bridge_of and interface.parent not in self.cards
        ]
        way = way_out(self.inventory)
        tops.sort(key=lambda interface: (_ORDER[kind_of(interface)], interface.name != way))
        nodes = [self._interface(interface, HOST) for interface in tops]
        first = [node for node in nodes if node.kind is not Kind.LOOPBACK]
        last = [node for node in nodes if node.kind is Kind.LOOPBACK]
        children = (*first, *self._jails("", HOST), *last)
        return Node(HOST, Kind.HOST, self.inventory.host.hostname, addresses=(), children=children)

    def _interface(self, interface: Interface, above: str, bridge: str = "") -> Node:
        key = f"{above}/{interface.name}"
        end = self.ends.get(interface.name)
        if end is not None and end.jail.state is JailState.STOPPED:
            end = None  # it is only left over: the jail is not there
        own = tuple(
            address
            for address in interface.addresses
            if address.address not in self.theirs and not address.address.startswith("fe80:")
        )
        node = Node(
            key,
            kind_of(interface),
            interface.name,
            interface=interface,
            bridge=bridge,
            addresses=own,
            children=(*self._members(interface, key), *self._vlans(interface, key)),
        )
        if end is not None:
            node = replace(node, jail=end.jail, inside=end.inside, addresses=_of_end(end))
            node = replace(node, children=(*node.children, *self._inside(end.jail, key)))
        return replace(node, children=(*node.children, *self._jails(interface.name, key)))

    def _members(self, interface: Interface, key: str) -> Iterable[Node]:
        """Members of a bridge: cards before epairs, by name; those that are gone are left out."""
        interfaces = [
            self.cards[name]
            for name in interface.members
            if name in self.cards and self.bridge_of[name] == interface.name
        ]
        interfaces.sort(key=lambda member: (_ORDER[kind_of(member)], _natural(member.name)))
        return [self._interface(member, key, interface.name) for member in interfaces]

    def _vlans(self, interface: Interface, key: str) -> Sequence[Node]:
        nodes = []
        for name in self.vlans.get(interface.name, ()):
            card = self.cards[name]
            if name in self.bridge_of:
                bridge = self.bridge_of[name]
                node = Node(f"{key}/{name}", Kind.VLAN, name, card, bridge=bridge, elsewhere=True)
                nodes.append(node)
            else:
                nodes.append(self._interface(card, key))
        return nodes


def _of_end(end: EpairPeer) -> tuple[Address, ...] | None:
    """The addresses of one end: those of that interface, when it is known."""
    if end.inside is None or not end.jail.addresses:
        return end.jail.addresses
    addresses = [address for address in end.jail.addresses if address.interface == end.inside.name]
    return tuple(addresses)


def _natural(name: str) -> tuple[str, int, str]:
    """`epair2a` before `epair10a`."""
    head = name.rstrip("ab")
    digits = head[len(head.rstrip("0123456789")) :]
    return head.rstrip("0123456789"), int(digits or 0), name
