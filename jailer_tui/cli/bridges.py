"""`bridge list`, `bridge add` and `bridge change`."""

from __future__ import annotations

from jailer_core.operations.network.bridges import common
from jailer_core.operations.network.bridges.requests import BridgeAdd, BridgeChange
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_core.topology import Node, ends, tree, walk
from jailer_tui.cli.derive import fill
from jailer_tui.cli.network import state
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

HEADER = ("NAME", "STATE", "ADDRESS", "MEMBERS", "JAILS", "DESCRIPTION")
NONE = "none"
"""The word that removes a value."""


async def listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `bridge list`."""
    inventory = await session.inventory(needs=Needs(network=True))
    root = tree(inventory, ends(inventory))
    bridges = [
        node for _, node in walk(root) if node.interface is not None and node.interface.is_bridge
    ]
    session.listing(HEADER, bridges, _row, as_json, none="no bridges")
    return session.warn(inventory.problems)


def as_json(bridge: Node) -> dict[str, object]:
    """A bridge with what is connected to it; names of jails, "?" for an unknown end."""
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


def _row(bridge: Node) -> tuple[str, ...]:
    cells = (
        " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for value in as_json(bridge).values()
    )
    return tuple(sanitize(cell) or "-" for cell in cells)


async def add(session: Session, names: tuple[str, ...]) -> int:
    """Run `bridge add`; without a name the first free one."""
    request = fill(BridgeAdd, session.flags, name=names[0] if names else "")
    name = request.name or common.free_name(await session.inventory())
    return await carry_out(session, [(name, request)])


async def change(session: Session, names: tuple[str, ...]) -> int:
    """Run `bridge change`: what is not given stays."""
    given = session.flags.given
    removed = {
        name: "" for name in ("address", "address6", "description") if given.get(name) == NONE
    }
    request = fill(BridgeChange, session.flags, name=names[0], **removed)
    return await carry_out(session, [(names[0], request)])
