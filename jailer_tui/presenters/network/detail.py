"""Everything about one node of the network, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jailer_core.model import Address, Interface, Jail
from jailer_core.model.network import Route, Traffic
from jailer_core.text import human_bytes, sanitize
from jailer_core.topology import Kind, Node
from jailer_core.topology.nodes import defaults, down, stack
from jailer_tui.presenters.host import spark
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.network.nat import translations_of
from jailer_tui.presenters.network.table import NetworkTable, fact, per_second, sign, state
from jailer_tui.theme import Glyphs


def detail(node: Node, shown: NetworkTable, width: int) -> list[Line]:
    """What is known of a node: what is wrong first, then facts, traffic, routes."""
    lines = [_head(node, shown.glyphs)]
    for diagnostic in shown.troubles_of(node):
        lines.append(((f"{shown.glyphs.broken} {diagnostic.message}", "bad"),))
        lines.append(((f"  {diagnostic.hint}", "text"),))
    lines += _traffic(node, shown, width)
    lines.append(())
    lines += [fact(label, text) for label, text in _facts(node, shown)]
    return lines + _heard(node, shown) + translations_of(shown, node) + _routes(node, shown)


def _head(node: Node, glyphs: Glyphs) -> Line:
    mark, tone = sign(node, glyphs)
    word, word_tone = state(node)
    kind = {Kind.HOST: "", Kind.JAIL: "jail"}.get(node.kind, node.kind.value)
    spans: list[Span] = [(f"{mark} ", tone), (sanitize(node.name) or "host", "title")]
    spans += [(f"  {kind}", "text")] if kind else []
    spans += [(f"  {word}", word_tone)] if word else []
    return tuple(spans)


# --- traffic ---------------------------------------------------------------------------------


def _traffic(node: Node, shown: NetworkTable, width: int) -> list[Line]:
    interface = node.interface
    if interface is None:
        return []
    seen = shown.inventory.connections
    total = (seen.traffic or {}).get(interface.name) if seen is not None else None
    samples = shown.traffic.of(interface.name)
    now = shown.traffic.now.get(interface.name)
    room = min(30, width - 20)
    lines = []
    for label, got, values in (
        ("IN ", now.received if now else None, [rate.received for rate in samples]),
        ("OUT", now.sent if now else None, [rate.sent for rate in samples]),
    ):
        drawn = spark(values, room, 1.0, shown.glyphs) if room >= 4 else ""
        rate = f"{per_second(got)[0]:>6}/s  "
        lines.append(((f"{label} ", "dim"), (rate, "text"), (drawn, "accent")))
    return lines + ([_totals(total)] if total is not None else [])


def _totals(total: Traffic) -> Line:
    bad = total.errors + total.dropped
    text = (
        f"{human_bytes(total.received)} received ({total.packets_received} packets), "
        f"{human_bytes(total.sent)} sent ({total.packets_sent})"
    )
    spans: list[Span] = [(f"{'ALL ':<4}", "dim"), (text, "text")]
    if bad:
        spans.append((f", {total.errors} errors, {total.dropped} dropped", "warn"))
    return tuple(spans)


# --- facts -----------------------------------------------------------------------------------


def _facts(node: Node, shown: NetworkTable) -> Iterator[tuple[str, str]]:
    if node.kind is Kind.HOST:
        yield from _of_host(shown)
    if node.interface is not None:
        yield from _of_interface(node, node.interface)
    if node.jail is not None:
        yield from _of_jail(node, shown, node.jail)
        yield from _more_inside(node, shown, node.jail)


def _of_host(shown: NetworkTable) -> Iterator[tuple[str, str]]:
    seen = shown.inventory.connections
    words = {True: "on", False: "off", None: "?"}
    for route in defaults(shown.inventory, 0) or ():
        yield "Gateway", f"{sanitize(route.gateway)} on {sanitize(route.interface)}"
    if seen is not None:
        yield "Forwarding", f"IPv4 {words[seen.forwarding]}, IPv6 {words[seen.forwarding6]}"
        families = None if seen.translated is None else sorted(seen.translated)
        text = ", ".join(f"IPv{family}" for family in families or ()) or "none"
        yield "NAT", "?" if families is None else text


def _of_interface(node: Node, interface: Interface) -> Iterator[tuple[str, str]]:
    theirs = {
        address.address: child.name
        for child in node.children
        if child.kind is Kind.JAIL and child.jail is not None and child.jail.running
        for address in child.addresses or ()
    }
    addresses = interface.addresses if node.kind is not Kind.EPAIR else ()
    yield from _many("Address", [_whose(address, theirs) for address in addresses])
    yield "MAC", sanitize(interface.mac) or "-"
    yield "MTU", str(interface.mtu)
    if interface.description:
        yield "Described", sanitize(interface.description)
    if node.bridge:
        yield "Member of", sanitize(node.bridge)
    if interface.vlan is not None:
        yield "VLAN", f"{interface.vlan} on {sanitize(interface.parent)}"
    if interface.is_bridge or interface.members:
        yield from _many("Members", [sanitize(name) for name in interface.members] or ["none"])


def _whose(address: Address, theirs: Mapping[str, str]) -> str:
    """An address of an interface, with the jail that it was put there for."""
    jail = theirs.get(address.address)
    return sanitize(str(address)) + (f"  {sanitize(jail)}" if jail is not None else "")


def _of_jail(node: Node, shown: NetworkTable, jail: Jail) -> Iterator[tuple[str, str]]:
    if node.kind is not Kind.JAIL:
        yield "Jail", f"{sanitize(jail.name)}, {jail.state.value}"
    yield "Network", jail.network.words
    if node.inside is not None:
        yield "Inside", sanitize(node.inside.name)
        yield "Its MAC", sanitize(node.inside.mac) or "-"
    if jail.addresses is None:
        yield "Address", "?"
    else:
        yield from _many("Address", [sanitize(str(address)) for address in jail.addresses])
    ways = defaults(shown.inventory, jail.jid) if jail.jid else None
    if ways:
        yield from _many("Gateway", [sanitize(route.gateway) for route in ways])
    else:
        yield "Gateway", "?" if jail.gateway is None else sanitize(jail.gateway) or "-"


def _more_inside(node: Node, shown: NetworkTable, jail: Jail) -> Iterator[tuple[str, str]]:
    """The other interfaces in a jail's own network: cards and VLANs that were moved there."""
    for interface in stack(shown.inventory, jail.jid).interfaces or ():
        if "lo" not in interface.groups and interface != node.inside:
            addresses = " ".join(sanitize(str(address)) for address in interface.addresses)
            state = down(interface) or "up"
            message = f"{sanitize(interface.name)} {state} {sanitize(interface.mac)} {addresses}"
            yield "Also inside" if node.inside is not None else "Inside", message.rstrip()


def _many(label: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(values):
        yield (label if index == 0 else ""), text


def _heard(node: Node, shown: NetworkTable) -> list[Line]:
    """Whether the host has heard a jail with an own stack lately, and whether it was that jail."""
    seen = shown.inventory.connections
    if node.inside is None or node.jail is None or seen is None or seen.neighbours is None:
        return []
    lines: list[Line] = []
    for address in node.jail.addresses or ():
        neighbour = seen.neighbours.get(address.address)
        if address.family != 4 or address.interface != node.inside.name:
            continue
        text, tone = "not seen recently", "dim"
        if neighbour is not None:
            other = f"answered by {sanitize(neighbour.mac)}"
            same = neighbour.mac == node.inside.mac.lower()
            text, tone = ("seen recently", "ok") if same else (other, "bad")
        lines.append(fact("ARP", f"{address.address}: {text}", tone))
    return lines


# --- routes ----------------------------------------------------------------------------------


def _routes(node: Node, shown: NetworkTable) -> list[Line]:
    """Those of the jail's own stack, or the host's, without the kernel's own."""
    jid = 0 if node.kind is Kind.HOST else node.jail.jid if node.jail is not None else None
    routes = stack(shown.inventory, jid).routes
    if routes is None:
        return []
    lines: list[Line] = [(), (("Routes", "title"),)]
    for route in routes:
        if worth_showing(route):
            way = "" if route.gateway.startswith("link#") else f" via {sanitize(route.gateway)}"
            lines.append(
                ((f"{sanitize(route.destination)}{way} on {sanitize(route.interface)}", "text"),)
            )
    return list(dict.fromkeys(lines)) if len(lines) > 2 else [*lines, (("none", "dim"),)]


def worth_showing(route: Route) -> bool:
    """Not the loopback's, and not the reject routes that IPv6 adds itself."""
    return route.interface[:2] != "lo" and "R" not in route.flags
