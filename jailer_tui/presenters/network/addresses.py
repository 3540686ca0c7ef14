"""Addresses and routes of the host and of all jails, as tables.

All addresses of host and jails in one table, to look up whose an address is.

The routes of the host and of every jail with its own network.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jailer_core.model import Address, Interface, Jail, JailState, Network
from jailer_core.model.network import Route
from jailer_core.text import sanitize
from jailer_core.topology import Node
from jailer_core.topology.nodes import stack
from jailer_tui.presenters.jails import NOTHING, Column, Line, Span, natural, state_sign, state_word
from jailer_tui.presenters.network.detail import worth_showing
from jailer_tui.presenters.network.table import (
    Entry,
    NetView,
    NetworkTable,
    fact,
    grown,
    mac_cell,
    sign,
    state,
    words_of,
)

_COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("address", "ADDRESS", 22, 0),
    Column("where", "ON", 10, 0),
    Column("jail", "JAIL", 16, 0),
    Column("bridge", "BRIDGE", 9, 0),
    Column("state", "STATE", 8, 0),
    Column("mac", "MAC", 17, 1),
)
_LEAST = 76


@dataclass(frozen=True, slots=True)
class _Place:
    """One address and where it is: on an interface of the host, or of a jail."""

    address: Address
    interface: str
    node: Node | None
    jail: Jail | None = None
    bridge: str = ""
    mac: str = ""


def columns(width: int) -> tuple[Column, ...]:
    """The columns; the MAC needs a wide screen, IPv6 addresses get the remaining width."""
    with_mac = width >= _LEAST + 19
    room = max(0, width - _LEAST - (19 if with_mac else 0))
    shown = [column for column in _COLUMNS if with_mac or column.key != "mac"]
    return grown(shown, {"address": min(room, 21)})


def entries(shown: NetworkTable) -> Sequence[Entry]:
    """The rows by address, IPv4 first."""
    places = sorted((*_of_host(shown), *_of_jails(shown)), key=_order)
    rows: dict[str, Entry] = {}
    for place in places:
        jail = place.jail.name if place.jail is not None else ""
        key = f"{place.address.address}/{place.interface}/{jail}"
        rows.setdefault(key, _entry(key, place, shown))
    return list(rows.values())


def _order(place: _Place) -> tuple[int, int, str, str]:
    number = ipaddress.ip_address(place.address.address)
    jail = place.jail.name if place.jail is not None else ""
    return number.version, int(number), jail, place.interface


# --- where they are --------------------------------------------------------------------------


def _of_host(shown: NetworkTable) -> Iterator[_Place]:
    """Those of the host's interfaces that no jail with shared addresses has."""
    theirs = {
        address.address
        for jail in shown.inventory.jails
        if jail.network is Network.SHARED
        for address in jail.addresses or ()
    }
    for name, node in shown.by_interface.items():
        card = node.interface
        for address in card.addresses if card is not None else ():
            if address.address not in theirs:
                mac = card.mac if card is not None else ""
                yield _Place(address, name, node, bridge=node.bridge, mac=mac)


def _of_jails(shown: NetworkTable) -> Iterator[_Place]:
    host_ends = {
        (end.jail.name, end.inside.name): name for name, end in shown.ends.items() if end.inside
    }
    for jail in shown.inventory.jails:
        own = stack(shown.inventory, jail.jid)
        if own.interfaces:
            for inside in own.interfaces:
                node = shown.by_interface.get(host_ends.get((jail.name, inside.name), ""))
                yield from _of_stack(jail, inside, node or shown.of_jail.get(jail.name))
        elif jail.network not in (Network.INHERIT, Network.NONE):
            yield from _configured(jail, shown)


def _of_stack(jail: Jail, inside: Interface, node: Node | None) -> Iterator[_Place]:
    """The addresses in a jail's own network, without loopback."""
    if "lo" not in inside.groups:
        bridge = node.bridge if node is not None else ""
        for address in inside.addresses:
            yield _Place(address, inside.name, node, jail, bridge, inside.mac)


def _configured(jail: Jail, shown: NetworkTable) -> Iterator[_Place]:
    """Shared addresses, and those that a stopped jail will have."""
    node = shown.of_jail.get(jail.name)
    for address in jail.addresses or ():
        card = shown.by_interface.get(address.interface)
        mac = card.interface.mac if card is not None and card.interface is not None else ""
        yield _Place(address, address.interface, node, jail, mac=mac)


# --- rows ------------------------------------------------------------------------------------


def _entry(key: str, place: _Place, shown: NetworkTable) -> Entry:
    jail, node, address = place.jail, place.node, sanitize(str(place.address))
    tone = "dim" if jail is not None and jail.state is JailState.STOPPED else "text"
    where, bridge = sanitize(place.interface), sanitize(place.bridge)
    word = _state(place)
    cells: dict[str, Span] = {
        "glyph": _sign(place, shown),
        "address": (address, "strong" if tone == "text" else tone),
        "where": (where, tone) if where else NOTHING,
        "jail": (sanitize(jail.name), tone) if jail is not None else ("the host's", "dim"),
        "bridge": (bridge, tone) if bridge else NOTHING,
        "state": word,
        "mac": mac_cell(place.mac),
    }
    family, whose = f"ipv{place.address.family}", cells["jail"][0]
    words = words_of(address, family, where, bridge, sanitize(place.mac), word[0], whose)
    return Entry(key, cells, words, node, jail, detail=_detail(place))


def _state(place: _Place) -> Span:
    if place.jail is not None:
        return state_word(place.jail)
    return state(place.node) if place.node is not None else ("", "text")


def _sign(place: _Place, shown: NetworkTable) -> Span:
    """A problem is marked only where it is about this very address."""
    if place.node is not None:
        messages = [diagnostic.message for diagnostic in shown.troubles_of(place.node)]
        if place.address.address in " ".join(messages).replace(",", "").split():
            return shown.glyphs.broken, "bad"
    if place.jail is not None:
        return state_sign(place.jail, shown.glyphs)
    return sign(place.node, shown.glyphs) if place.node is not None else NOTHING


def _detail(place: _Place) -> tuple[Line, ...]:
    address = place.address
    lines: list[Line] = [((sanitize(str(address)), "title"), (f"  IPv{address.family}", "text"))]
    if address.prefix is not None:
        net = ipaddress.ip_interface(f"{address.address}/{address.prefix}").network
        if net.num_addresses > 1:
            lines.append(fact("Net", str(net)))
    lines.append(fact("On", sanitize(place.interface) or "-"))
    lines.append(fact("Of", sanitize(place.jail.name) if place.jail is not None else "the host"))
    return tuple(lines)


ADDRESSES = NetView("addresses", "Addresses", columns, entries, "No addresses are known.")


_ROUTE_COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("whose", "HOST/JAIL", 16, 0),
    Column("destination", "DESTINATION", 20, 0),
    Column("gateway", "GATEWAY", 18, 0),
    Column("interface", "INTERFACE", 10, 0),
    Column("flags", "FLAGS", 5, 1),
)
_LEAST_ROUTES = 74


def route_columns(width: int) -> tuple[Column, ...]:
    """The columns; flags need a wide screen, IPv6 addresses get the remaining width."""
    with_flags = width >= _LEAST_ROUTES + 7
    room = max(0, width - _LEAST_ROUTES - (7 if with_flags else 0))
    more = {"destination": min(room // 2, 22), "gateway": min(room - room // 2, 22)}
    return grown((column for column in _ROUTE_COLUMNS if with_flags or column.key != "flags"), more)


def route_entries(shown: NetworkTable) -> Sequence[Entry]:
    """The rows: the host's first, then by jail; default routes first."""
    rows: dict[str, Entry] = {}
    for jail, route in _all(shown):
        whose = "" if jail is None else f"{jail.name}:{jail.jid}"
        key = f"{whose}/{route.family}/{route.destination}/{route.gateway}/{route.interface}"
        rows.setdefault(key, _route_entry(key, jail, route, shown))
    return list(rows.values())


def _all(shown: NetworkTable) -> Iterator[tuple[Jail | None, Route]]:
    jails = sorted(shown.inventory.jails, key=lambda jail: natural(jail.name))
    for jail in (None, *(jail for jail in jails if jail.jid)):
        own = stack(shown.inventory, 0 if jail is None else jail.jid)
        routes = [route for route in own.routes or () if worth_showing(route)]
        routes.sort(key=lambda route: (route.destination != "default", route.family))
        yield from ((jail, route) for route in routes)


def _route_entry(key: str, jail: Jail | None, route: Route, shown: NetworkTable) -> Entry:
    glyphs = shown.glyphs
    way = "" if route.gateway.startswith("link#") else sanitize(route.gateway)
    out = route.destination == "default"
    name = sanitize(jail.name) if jail is not None else "the host"
    destination = sanitize(route.destination)
    cells: dict[str, Span] = {
        "glyph": state_sign(jail, glyphs) if jail is not None else (glyphs.running, "ok"),
        "whose": (name, "text" if jail is not None else "dim"),
        "destination": (destination, "strong" if out else "text"),
        "gateway": (way, "text") if way else ("directly", "dim"),
        "interface": (sanitize(route.interface), "text") if route.interface else NOTHING,
        "flags": (sanitize(route.flags), "dim"),
    }
    words = words_of(name, destination, way, sanitize(route.interface), f"ipv{route.family}")
    node = shown.root if jail is None else shown.of_jail.get(jail.name)
    return Entry(key, cells, words, node, jail)


_NOTHING = "The routes have not been read yet, or could not be read (see above)."
ROUTES = NetView("routes", "Routes", route_columns, route_entries, _NOTHING)
