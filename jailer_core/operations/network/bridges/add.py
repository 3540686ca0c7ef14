"""Create a bridge: write it to rc.conf, then have rc itself configure it."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Already, Refused
from jailer_core.model import Interface, Inventory
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.guards import word
from jailer_core.operations.jails import network_options
from jailer_core.operations.network.bridges import common, validate
from jailer_core.operations.network.bridges.requests import BridgeAdd
from jailer_core.operations.setup.bridge import not_used
from jailer_core.operations.setup.plan_builder import PlanBuilder
from jailer_core.operations.shared import created
from jailer_core.plan import (
    BridgeHasMember,
    InterfaceExists,
    InterfaceHasAddress,
    Needs,
    NotInUse,
    Plan,
    Run,
    Step,
)
from jailer_core.text import sanitize


def needs(_inventory: Inventory, _request: BridgeAdd) -> Needs:
    """Routes, and whether members may have addresses."""
    return common.NEEDS


def suggested(inventory: Inventory) -> BridgeAdd:
    """A free name and a free private network."""
    return BridgeAdd(common.free_name(inventory), validate.free4(inventory))


def form_values(inventory: Inventory, _request: BridgeAdd) -> dict[str, str]:
    """A free private network."""
    return {"address": validate.free4(inventory)}


def form_hints(inventory: Inventory, request: BridgeAdd) -> dict[str, FieldHint]:
    """A free name, the networks for `next`, and the interfaces that can become members."""
    fitting = validate.candidates(inventory)
    none = ("", "Jails on it reach the host and, through it, the internet.")
    free4, free6 = validate.free4(inventory), validate.free6(inventory)
    return {
        "name": FieldHint(suggestion=common.free_name(inventory)),
        "address": FieldHint(beside=_taken(request.address, free4), help=common.CIDR),
        "address6": FieldHint(beside=_taken(request.address6, free6), help=common.CIDR),
        "description": FieldHint(help=common.FOR),
        "members": FieldHint(
            (none, *((card, "") for card in fitting)), off="" if fitting else "no free network card"
        ),
    }


def _taken(typed: str, free: str) -> str:
    """The text beside the address of a bridge."""
    if not typed:
        return f"next: {free}" if free else "none"
    return f"takes {free}" if typed == network_options.NEXT else ""


def form_results(_inventory: Inventory, _request: BridgeAdd) -> dict[str, str]:
    """The fact that it is also created at boot."""
    return {"At boot": "created by rc.conf"}


def problems(inventory: Inventory, request: BridgeAdd) -> dict[str, tuple[str, str]]:
    """Message and hint of each invalid field, by its name in the request."""
    name = request.name.strip() or common.free_name(inventory)
    wrong = guards.problem("name", _name, inventory, name)
    for field, text, family in (("address", request.address, 4), ("address6", request.address6, 6)):
        if text:
            wrong |= guards.problem(field, validate.address, inventory, name, text, family)
    wrong |= guards.problem("description", common.description, request.description)
    for member in reversed(request.members):  # the first one counts
        wrong |= guards.problem("members", validate.member, inventory, name, member)
    return wrong


def _name(inventory: Inventory, name: str) -> None:
    if not common.NAME.match(name):
        raise Refused(
            f"{sanitize(name)} is not a valid name for a bridge",
            f"Use bridge and a number; {common.free_name(inventory)} is free.",
        )
    if inventory.interface(name) is not None:
        raise Refused(f"{name} already exists", f"{common.free_name(inventory)} is free.")
    if f"ifconfig_{name}" in (inventory.rc or {}) or common.at_boot(inventory, name):
        raise Refused(
            f"{name} is in rc.conf, but does not exist",
            f"Create it: service netif start {word(name)}; or use {common.free_name(inventory)}.",
        )


def add(inventory: Inventory, request: BridgeAdd) -> Plan:
    """The plan that creates a bridge. Raises Refused."""
    interfaces = guards.require_interfaces(inventory)
    if _is_there(inventory, request):
        raise Already(f"{request.name.strip()} already exists as requested")
    guards.refuse(problems(inventory, request))
    full = _cleaned(inventory, request)
    draft = common.draft(inventory)
    own = [address for address in (full.address, full.address6) if address]
    unused = not_used(inventory, full.name, *own, *full.members)
    _boot(draft, full, unused)
    members = [interface for interface in interfaces if interface.name in full.members]
    down = [member for member in members if not member.up]
    draft.steps += [common.up_step(inventory, member) for member in down]
    draft.steps.append(_start(full, unused))
    if not own:
        # where it was interrupted nothing else tells whether rc came so far
        draft.steps.append(common.up_step(inventory, Interface(full.name, up=False)))
    if full.description:
        draft.steps.append(common.describe_step(None, full.name, full.description))
    if not own:
        draft.notes.append(
            f"The host has no address on {full.name}: jails there need another gateway."
        )
    for member in members:
        draft.notes += common.made_at_boot(inventory, member)
    title = f"Create the bridge {full.name}"
    return Plan(request, title, tuple(draft.steps), notes=tuple(draft.notes))


def _is_there(inventory: Inventory, request: BridgeAdd) -> bool:
    """Whether a bridge of that name has what is asked for and no more, now and at boot."""
    name = request.name.strip()
    card = inventory.interface(name)
    if card is None or not card.is_bridge or not common.at_boot(inventory, name):
        return False
    addresses = {
        str(address) for address in card.addresses if not address.address.startswith("fe80:")
    }
    asked = {request.address.strip(), request.address6.strip()} - {""}
    listed = common.members_in((inventory.rc or {}).get(f"ifconfig_{name}", ""))
    return (
        asked == addresses
        and set(request.members) == {*listed} == {*card.members} & {*listed}
        and request.description in ("", card.description)
    )


def _cleaned(inventory: Inventory, request: BridgeAdd) -> BridgeAdd:
    name = request.name.strip() or common.free_name(inventory)
    return replace(
        request,
        name=name,
        address=request.address and validate.address(inventory, name, request.address, 4),
        address6=request.address6 and validate.address(inventory, name, request.address6, 6),
        description=common.description(request.description),
        members=tuple(dict.fromkeys(request.members)),
    )


def _boot(draft: PlanBuilder, full: BridgeAdd, unused: NotInUse) -> None:
    """What rc.conf says from now on; cards that are in it alone must be up as well."""
    names = draft.rc(common.CLONED).split()
    words = [f"inet {full.address}"] if full.address else []
    words += [f"addm {member}" for member in full.members]
    values = {
        common.CLONED: " ".join([*names, full.name]),
        f"ifconfig_{full.name}": " ".join([*words, "up"]),
    }
    if full.address6:
        values[f"ifconfig_{full.name}_ipv6"] = f"inet6 {full.address6}"
    if full.description:
        values[f"ifconfig_{full.name}_descr"] = full.description
    for member in full.members:
        values |= {} if draft.rc(f"ifconfig_{member}") else {f"ifconfig_{member}": "up"}
    draft.set_rc(values, f"Create {full.name} at boot", (unused,))


def _start(full: BridgeAdd, unused: NotInUse) -> Step:
    name = full.name
    exists, away = InterfaceExists(name), InterfaceExists(name, exists=False)
    addresses = [address.partition("/")[0] for address in (full.address, full.address6) if address]
    return Step(
        Run(("service", "netif", "start", name)),
        f"Create {name} now",
        undo=(created.no_interface(name, unused),),
        preconditions=(
            away,
            *(BridgeHasMember(name, member, present=False) for member in full.members),
        ),
        postconditions=(
            exists,
            *(InterfaceHasAddress(name, address) for address in addresses),
            *(BridgeHasMember(name, member) for member in full.members),
        ),
    )
