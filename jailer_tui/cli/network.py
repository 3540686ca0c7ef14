"""`network show`: the network as a tree, or as JSON with all details.

`bridge list`, `bridge add` and `bridge change`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from jailer_core.model import Address, Interface, Inventory, Jail, Network
from jailer_core.model.network import Connections, Stack, Traffic
from jailer_core.operations.network.bridges import common
from jailer_core.operations.network.bridges.requests import BridgeAdd, BridgeChange
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_core.topology import Diagnostic, Kind, Node, ends, tree, walk, ways_out, wrong
from jailer_core.topology.nodes import down
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session
from jailer_tui.cli.terminal import table

HEADER = ("NAME", "STATE", "ADDRESS", "MAC")


async def show(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `network show`."""
    inventory = await session.inventory(needs=Needs(network=True))
    epair_peers = ends(inventory)
    root = tree(inventory, epair_peers)
    troubles = wrong(inventory, epair_peers)
    host, *rest = [_row(depth, node) for depth, node in walk(root)]
    out = " ".join(f"via {sanitize(name)}" for name in ways_out(inventory)) or "-"
    text = table([HEADER, (host[0], "", out, ""), *rest])
    lines = [text, *(f"! {diagnostic.message}\n  {diagnostic.hint}" for diagnostic in troubles)]
    session.show(as_json(inventory, root, troubles), "\n".join(lines))
    return session.warn(inventory.problems)


# --- text ------------------------------------------------------------------------------------


def _row(depth: int, node: Node) -> tuple[str, str, str, str]:
    name = sanitize(node.name) or "host"
    if node.kind is Kind.EPAIR:
        name += f" = {sanitize(node.jail.name)}" if node.jail is not None else " = ?"
    card = node.inside or node.interface
    return "  " * depth + name, state(node), _addresses(node), sanitize(card.mac if card else "")


def state(node: Node) -> str:
    """The state of an interface (up, down, no carrier) or jail."""
    if node.kind is Kind.JAIL and node.jail is not None:
        return node.jail.state.value
    if node.interface is None:
        return ""
    return down(node.interface) or "up"


def _addresses(node: Node) -> str:
    if node.elsewhere:
        return f"in {sanitize(node.bridge)}"
    if node.addresses is None:
        return "?"
    if node.kind is Kind.JAIL and node.jail is not None and node.jail.network is Network.INHERIT:
        return "the host's"
    return " ".join(sanitize(str(address)) for address in node.addresses) or "-"


# --- JSON ------------------------------------------------------------------------------------


def as_json(inventory: Inventory, root: Node, troubles: tuple[Diagnostic, ...]) -> dict[str, Any]:
    """Everything that is known, as JSON; null for unknown values."""
    seen = inventory.connections or Connections()
    nodes = [node for _, node in walk(root)]
    return {
        "host": inventory.host.hostname,
        "forwarding": {"ipv4": seen.forwarding, "ipv6": seen.forwarding6},
        "nat": None if seen.translated is None else sorted(seen.translated),
        "interfaces": None
        if inventory.interfaces is None
        else [
            _interface(node, node.interface, seen)
            for node in nodes
            if node.interface is not None and not node.elsewhere
        ],
        "jails": [_jail(jail, nodes, seen) for jail in inventory.jails],
        "routes": _routes(seen.stacks.get(0)),
        "neighbours": None
        if seen.neighbours is None
        else list(map(asdict, seen.neighbours.values())),
        "problems": list(map(asdict, troubles)),
    }


def _interface(node: Node, interface: Interface, seen: Connections) -> dict[str, Any]:
    return _shown(interface) | {
        "kind": node.kind.value,
        "bridge": node.bridge,
        "vlan": interface.vlan,
        "parent": interface.parent,
        "members": list(interface.members),
        "jail": node.jail.name if node.jail is not None else None,
        "inside": None if node.inside is None else _shown(node.inside),
        "traffic": _traffic((seen.traffic or {}).get(interface.name)),
    }


def _shown(interface: Interface) -> dict[str, Any]:
    return {
        "name": interface.name,
        "state": down(interface) or "up",
        "mac": interface.mac,
        "mtu": interface.mtu,
        "description": interface.description,
        "groups": list(interface.groups),
        "addresses": _texts(interface.addresses),
    }


def _texts(addresses: tuple[Address, ...] | None) -> list[str] | None:
    return None if addresses is None else list(map(str, addresses))


def _traffic(traffic: Traffic | None) -> dict[str, int] | None:
    if traffic is None:
        return None
    keys = ("received", "sent", "packets_received", "packets_sent", "errors", "dropped")
    return {key: getattr(traffic, key) for key in keys}


def _jail(jail: Jail, nodes: list[Node], seen: Connections) -> dict[str, Any]:
    stack = seen.stacks.get(jail.jid) if jail.jid is not None else None
    return {
        "name": jail.name,
        "jid": jail.jid,
        "status": jail.state.value,
        "network": jail.network.value,
        "addresses": _texts(jail.addresses),
        "gateway": jail.gateway,
        "on": list(dict.fromkeys(_places(jail, nodes))),
        "interfaces": None
        if stack is None or stack.interfaces is None
        else [_shown(interface) for interface in stack.interfaces],
        "routes": _routes(stack),
    }


def _places(jail: Jail, nodes: list[Node]) -> Iterator[str]:
    """The interfaces of the host that it hangs on."""
    for node in nodes:
        if node.jail is jail and node.interface is not None:
            yield node.interface.name
        if node.interface is not None:
            below = [child for child in node.children if child.kind is Kind.JAIL]
            yield from (node.interface.name for child in below if child.jail is jail)


def _routes(stack: Stack | None) -> list[Mapping[str, Any]] | None:
    if stack is None or stack.routes is None:
        return None
    return list(map(asdict, stack.routes))


BRIDGE_HEADER = ("NAME", "STATE", "ADDRESS", "MEMBERS", "JAILS", "DESCRIPTION")
NONE = "none"
"""The word that removes a value."""


async def listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `bridge list`."""
    inventory = await session.inventory(needs=Needs(network=True))
    root = tree(inventory, ends(inventory))
    bridges = [
        node for _, node in walk(root) if node.interface is not None and node.interface.is_bridge
    ]
    session.listing(BRIDGE_HEADER, bridges, _bridge_row, bridge_json, none="no bridges")
    return session.warn(inventory.problems)


def bridge_json(bridge: Node) -> dict[str, object]:
    """A bridge as JSON, with the names of connected jails; "?" for an unknown end."""
    interface = bridge.interface
    assert interface is not None  # noqa: S101 - chosen by it
    return {
        "name": interface.name,
        "state": state(bridge),
        "addresses": [str(address) for address in interface.addresses],
        "members": list(interface.members),
        "jails": [node.jail.name for node in bridge.children if node.jail is not None],
        "description": interface.description,
    }


def _bridge_row(bridge: Node) -> tuple[str, ...]:
    cells = (
        " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for value in bridge_json(bridge).values()
    )
    return tuple(sanitize(cell) or "-" for cell in cells)


async def add(session: Session, names: tuple[str, ...]) -> int:
    """Run `bridge add`; without a name the first free one."""
    request = fill(BridgeAdd, session.flags, name=names[0] if names else "")
    name = request.name or common.free_name(await session.inventory())
    return await carry_out(session, [(name, request)])


async def change(session: Session, names: tuple[str, ...]) -> int:
    """Run `bridge change`: values that are not given are kept."""
    given = session.flags.given
    removed = {
        name: "" for name in ("address", "address6", "description") if given.get(name) == NONE
    }
    request = fill(BridgeChange, session.flags, name=names[0], **removed)
    return await carry_out(session, [(names[0], request)])
