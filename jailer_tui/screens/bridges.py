"""What the keys of the Network tab do to bridges, their members, and addresses of jails."""

from __future__ import annotations

from jailer_core.model import Jail
from jailer_core.operations.network.bridges.requests import BridgeRemove, MemberRemove
from jailer_core.topology import Kind, Node
from jailer_tui.actions import Action
from jailer_tui.context import AppContext

NO_BRIDGE = "this row is neither a bridge nor a rule; v shows other views"
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
            return "" if bridge_of(node) else "this row is not a bridge"
        case "net_unmember":
            member = node is not None and node.kind is not Kind.BRIDGE and node.bridge
            return "" if member else "this row is not a bridge member"
    return "" if node is not None and node.kind is Kind.BRIDGE else NO_BRIDGE


def change(context: AppContext, node: Node | None, jail: Jail | None) -> None:
    """Other addresses for a bridge, or for a jail."""
    forms = context.dispatcher.making
    if node is not None and node.kind is Kind.BRIDGE and node.interface is not None:
        context.start_task(forms.change_bridge(node.interface), "bridge")
    elif jail is not None:
        context.start_task(forms.readdress(jail), "address")


def put_in(context: AppContext, node: Node | None) -> None:
    """A member for the bridge of the row."""
    context.start_task(context.dispatcher.making.member(bridge_of(node)), "member")


def take_out(context: AppContext, node: Node | None) -> None:
    """The member of the row."""
    if node is not None and node.interface is not None:
        request = MemberRemove(node.bridge, node.interface.name)
        context.start_task(context.runner.run(request), request.op)


def destroy(context: AppContext, node: Node | None) -> None:
    """The bridge of the row."""
    if node is not None and node.kind is Kind.BRIDGE:
        request = BridgeRemove(node.name)
        context.start_task(context.runner.run(request), request.op)
