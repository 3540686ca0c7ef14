"""Destroy a bridge: refused while jails use it; its members are named, or removed first."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Interface, Inventory
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.network.bridges import common
from jailer_core.operations.network.bridges.requests import BridgeRemove
from jailer_core.operations.shared.network_parts import Alias
from jailer_core.plan import (
    BridgeHasMember,
    Condition,
    InterfaceExists,
    InterfaceHasAddress,
    Needs,
    Plan,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize
from jailer_core.topology.epairs import ends


def needs(_inventory: Inventory, _request: BridgeRemove) -> Needs:
    """Nothing besides what every refresh reads."""
    return Needs()


def remove(inventory: Inventory, request: BridgeRemove) -> Plan:
    """The plan that destroys a bridge. Raises Refused."""
    name = request.name
    guards.require_interfaces(inventory)
    card = inventory.interface(name)
    if card is not None or not common.at_boot(inventory, name):
        card = common.bridge(inventory, name)
    _not_used(inventory, name, card)
    members = card.members if card is not None else ()
    if members and not request.release:
        raise Refused(
            f"{', '.join(map(sanitize, members))} {'is' if len(members) == 1 else 'are'} "
            f"connected to {sanitize(name)}",
            f"Remove the members first: bridge destroy --release {word(name)}",
        )
    draft = common.draft(inventory)
    # undone the other way round, rc.conf says again how it was before it is made again
    draft.steps += [common.member_step(name, member, add=False) for member in members]
    if card is not None:
        draft.steps.append(_destroy(card))
    rc = inventory.rc or {}
    left = [bridge for bridge in common.cloned(inventory) if bridge != name]
    if common.at_boot(inventory, name):
        draft.set_rc({common.CLONED: " ".join(left)}, f"No longer create {name} at boot")
    beginning = f"ifconfig_{name}"
    removed = [
        variable for variable in rc if variable == beginning or variable.startswith(f"{beginning}_")
    ]
    draft.drop_rc(removed, f"Remove the saved state of {name}")
    if name in rc.get("dhcpd_ifaces", "").split():
        draft.notes.append(f"rc.conf tells dhcpd to serve {name}: dhcpd will not start without it.")
    return Plan(request, f"Destroy {name}", tuple(draft.steps), notes=tuple(draft.notes))


def _not_used(inventory: Inventory, name: str, card: Interface | None) -> None:
    users = dict.fromkeys(common.users(inventory, name))
    epair_peers = ends(inventory)
    for member in card.members if card is not None else ():
        if member in epair_peers and epair_peers[member].jail.running:
            users[epair_peers[member].jail.name] = None
    if users:
        jails = ", ".join(map(sanitize, users))
        raise Refused(
            f"{jails} {'uses' if len(users) == 1 else 'use'} {sanitize(name)}",
            f"Move each to another bridge first: address {sanitize(next(iter(users)))} -b BRIDGE",
        )


def _destroy(card: Interface) -> Step:
    name = card.name
    exists, away = InterfaceExists(name), InterfaceExists(name, exists=False)
    return Step(
        Run(("ifconfig", name, "destroy")),
        f"Destroy {name}",
        undo=tuple(_again(card, exists, away)),
        preconditions=(
            exists,
            *(BridgeHasMember(name, member, present=False) for member in card.members),
        ),
        postconditions=(away,),
    )


def _again(card: Interface, exists: Condition, away: Condition) -> list[Undo]:
    """As it was, piece by piece: what was set by hand is not in rc.conf."""
    name = card.name
    undos = [Undo(Run(("ifconfig", name, "create")), f"Create {name} again", (away,), (exists,))]
    for address in card.addresses:
        if address.address.startswith("fe80:"):
            continue  # assigned by the kernel itself
        alias = Alias.on(name, address)
        on = InterfaceHasAddress(name, alias.address)
        off = replace(on, present=False)
        title = f"Give {name} the address {address}"
        undos.append(Undo(Run(alias.argv(add=True)), title, (exists, off), (on,)))
    words = ["ether", card.mac] if card.mac else []
    words += ["mtu", str(card.mtu)] if card.mtu not in (0, 1500) else []
    words += ["description", card.description] if card.description else []
    words += ["up" if card.up else "down"]
    title = f"Restore {name}"
    undos.append(Undo(Run(("ifconfig", name, *words)), title, (exists,), (exists,)))
    return undos
