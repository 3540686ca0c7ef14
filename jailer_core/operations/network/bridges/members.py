"""Put cards and VLANs of the host into a bridge, and take them out."""

from __future__ import annotations

from jailer_core.errors import Already, Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.network.bridges import common, validate
from jailer_core.operations.network.bridges.requests import MemberAdd, MemberRemove
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize
from jailer_core.topology.epairs import ends


def needs(_inventory: Inventory, _request: MemberAdd | MemberRemove) -> Needs:
    """Whether members may have addresses."""
    return common.NEEDS


def problems(inventory: Inventory, request: MemberAdd) -> dict[str, tuple[str, str]]:
    """Message and hint if the interface cannot be a member."""
    return guards.problem("member", validate.member, inventory, request.bridge, request.member)


def form_values(inventory: Inventory, request: MemberAdd) -> dict[str, str]:
    """The first possible interface, else the first one, with its problem."""
    fitting = validate.candidates(inventory, request.bridge)
    return {"member": next(iter((*fitting, *_cards(inventory))), "")}


def form_hints(inventory: Inventory, _request: MemberAdd) -> dict[str, FieldHint]:
    """All interfaces, so that the form can say why one is not possible."""
    return {"member": FieldHint(tuple((card, "") for card in _cards(inventory)))}


def form_results(inventory: Inventory, request: MemberAdd) -> dict[str, str]:
    """The current members of the bridge."""
    bridge = inventory.interface(request.bridge)
    members = ", ".join(bridge.members) if bridge is not None else ""
    return {"Existing": members or "none", "At boot": "added by rc.conf"}


def _cards(inventory: Inventory) -> list[str]:
    return [
        interface.name
        for interface in inventory.interfaces or ()
        if not interface.is_bridge and not interface.name.startswith(("lo", "epair", "pflog"))
    ]


def add(inventory: Inventory, request: MemberAdd) -> Plan:
    """The plan that adds an interface to a bridge. Raises Refused."""
    name, member = request.bridge, request.member
    own_bridge = common.bridge(inventory, name)
    draft = common.draft(inventory)
    line = f"ifconfig_{name}"
    listed = member in common.members_in(draft.rc(line))
    if member in own_bridge.members and (listed or not common.at_boot(inventory, name)):
        raise Already(f"{sanitize(member)} is already a member of {name}")
    card = validate.member(inventory, name, member)
    if common.at_boot(inventory, name):
        values = {line: common.with_member(draft.rc(line) or "up", member)}
        if member in common.members_in(draft.rc(line)):
            values = {}
        if not draft.rc(f"ifconfig_{member}"):
            values[f"ifconfig_{member}"] = "up"
        draft.set_rc(values, f"Also add {member} to {name} at boot")
        draft.notes += common.made_at_boot(inventory, card)
    else:
        draft.notes.append(f"rc.conf does not create {name}: this is lost at a reboot.")
    if not card.up:
        draft.steps.append(common.up_step(inventory, card))
    draft.steps.append(common.member_step(name, member, add=True))
    if card.addresses:
        own = ", ".join(map(str, card.addresses))
        draft.notes.append(
            f"{sanitize(member)} keeps its address ({own}); it is better to move it to {name}."
        )
    title = f"Add {sanitize(member)} to {name}"
    return Plan(request, title, tuple(draft.steps), notes=tuple(draft.notes))


def remove(inventory: Inventory, request: MemberRemove) -> Plan:
    """The plan that removes an interface from a bridge. Raises Refused."""
    name, member = request.bridge, request.member
    card = common.bridge(inventory, name)
    line = f"ifconfig_{name}"
    draft = common.draft(inventory)
    listed = member in common.members_in(draft.rc(line))
    if member not in card.members and not listed:
        if inventory.interface(member) is not None:
            raise Already(f"{sanitize(member)} is not a member of {name}")
        members = ", ".join(map(sanitize, card.members)) or "none"
        raise Refused(f"{sanitize(member)} is not a member of {name}", f"Available: {members}.")
    if listed:
        without = common.without_member(draft.rc(line), member)
        draft.set_rc({line: without}, f"Also remove {member} from {name} at boot")
    if member in card.members:
        draft.steps.append(common.member_step(name, member, add=False))
    end = ends(inventory).get(member)
    if end is not None and end.jail.running:
        who = sanitize(end.jail.name)
        draft.notes.append(f"This disconnects {who}; its next start adds {member} again.")
    elif inventory.interface(member) is None:
        draft.notes.append(f"{sanitize(member)} does not exist now: only rc.conf changes.")
    title = f"Remove {sanitize(member)} from {name}"
    return Plan(request, title, tuple(draft.steps), notes=tuple(draft.notes))
