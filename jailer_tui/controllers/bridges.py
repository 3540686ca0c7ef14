"""What the keys of the Network tab do to bridges, their members, and addresses of jails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jailer_core.operations.network.bridges.requests import BridgeRemove, MemberRemove
from jailer_core.topology import Kind, Node
from jailer_tui.actions import Action

if TYPE_CHECKING:
    from jailer_tui.screens.network import NetworkScreen

NO_BRIDGE = "this row is neither a bridge nor a rule: v shows others"
WIRES = ("net_change", "net_member", "net_unmember", "net_remove")
"""Actions on the interface under the cursor."""


def bridge_of(node: Node | None) -> str:
    """The bridge that a row is about: itself, or the one that it is a member of; "" for none."""
    if node is None:
        return ""
    return node.name if node.kind is Kind.BRIDGE else node.bridge


def why_not(action: Action, node: Node | None) -> str:
    """Why an action on the row under the cursor is not possible, or ""."""
    match action.id:
        case "net_change":
            fits = node is not None and (node.kind is Kind.BRIDGE or node.jail is not None)
            return "" if fits else "this row is neither a bridge nor a jail"
        case "net_member":
            return "" if bridge_of(node) else "there is no bridge in this row"
        case "net_unmember":
            member = node is not None and node.kind is not Kind.BRIDGE and node.bridge
            return "" if member else "this row is no member of a bridge"
    return "" if node is not None and node.kind is Kind.BRIDGE else NO_BRIDGE


def change(screen: NetworkScreen) -> None:
    """Other addresses for what the cursor stands on."""
    node, making = screen.node, screen.jailer.dispatcher.making
    if node is not None and node.kind is Kind.BRIDGE and node.interface is not None:
        screen.jailer.start_task(making.change_bridge(node.interface), "bridge")
    elif screen.current is not None:
        screen.jailer.start_task(making.readdress(screen.current), "address")


def put_in(screen: NetworkScreen) -> None:
    """A member for the bridge of the row."""
    screen.jailer.start_task(
        screen.jailer.dispatcher.making.member(bridge_of(screen.node)), "member"
    )


def take_out(screen: NetworkScreen) -> None:
    """The member of the row."""
    node = screen.node
    if node is not None and node.interface is not None:
        request = MemberRemove(node.bridge, node.interface.name)
        screen.jailer.start_task(screen.jailer.runner.run(request), request.op)


def destroy(screen: NetworkScreen) -> None:
    """The bridge of the row."""
    node = screen.node
    if node is not None and node.kind is Kind.BRIDGE:
        request = BridgeRemove(node.name)
        screen.jailer.start_task(screen.jailer.runner.run(request), request.op)
