"""Change the description of a bridge, and the addresses that the host has on it."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from jailer_core.model import Interface, Inventory
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.network.bridges import common, validate
from jailer_core.operations.network.bridges.requests import BridgeChange
from jailer_core.operations.setup import pf
from jailer_core.operations.setup.plan_builder import PlanBuilder
from jailer_core.operations.shared import addresses
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize


def needs(_inventory: Inventory, _request: BridgeChange) -> Needs:
    """The host's routes, and rules of the packet filter that name the old network."""
    return replace(common.NEEDS, files=(pf.USUAL,))


def present(card: Interface | None, family: int) -> str:
    """The address of a bridge with its prefix, "" for none."""
    return str(addresses.with_net(card, family) or "")


def form_values(inventory: Inventory, request: BridgeChange) -> dict[str, str]:
    """The current values."""
    card = inventory.interface(request.name)
    if card is None:
        return {}
    return {
        "address": present(card, 4),
        "address6": present(card, 6),
        "description": card.description,
    }


def form_hints(_inventory: Inventory, _request: BridgeChange) -> dict[str, FieldHint]:
    """An empty field removes what it held."""
    return {
        "address": FieldHint(help=common.CIDR),
        "address6": FieldHint(help=f"{common.CIDR} next: the next free network."),
        "description": FieldHint(help=common.FOR),
    }


def form_results(inventory: Inventory, request: BridgeChange) -> dict[str, str]:
    """The affected jails, and whether the change survives a reboot."""
    boots = "rc.conf is updated" if common.at_boot(inventory, request.name) else "not in rc.conf"
    return {
        "Jails on it": ", ".join(common.users(inventory, request.name)) or "none",
        "At boot": boots,
    }


def problems(inventory: Inventory, request: BridgeChange) -> dict[str, tuple[str, str]]:
    """Message and hint of each invalid field."""
    name = request.name
    wrong = guards.problem("address", _address, inventory, name, request.address, 4)
    wrong |= guards.problem("address6", _address, inventory, name, request.address6, 6)
    return wrong | guards.problem("description", common.description, request.description or "")


def _address(inventory: Inventory, name: str, text: str | None, family: int) -> str:
    """As it will be: with its prefix, "" for none."""
    if text is None:
        return present(inventory.interface(name), family)
    return validate.address(inventory, name, text, family) if text.strip() else ""


def change(inventory: Inventory, request: BridgeChange) -> Plan:
    """The plan that gives a bridge other addresses. Raises Refused."""
    name = request.name
    card = common.bridge(inventory, name)
    guards.refuse(problems(inventory, request))
    draft = common.draft(inventory)
    new = {
        4: _address(inventory, name, request.address, 4),
        6: _address(inventory, name, request.address6, 6),
    }
    old = {family: present(card, family) for family in (4, 6)}
    text = None if request.description is None else common.description(request.description)
    _boot(draft, name, new, old, text)
    if not card.up and any(new[family] and new[family] != old[family] for family in (4, 6)):
        draft.steps.append(common.up_step(inventory, card))  # an address alone would switch it on
    for family in (4, 6):
        _running(draft, name, old[family], new[family])
    if text is not None and text != card.description:
        draft.steps.append(common.describe_step(card, name, text))
    if not common.at_boot(inventory, name):
        draft.notes.append(f"rc.conf does not create {name}: all of this is lost at a reboot.")
    draft.notes += _left_outside(inventory, name, new, old)
    return Plan(request, f"Change {name}", tuple(draft.steps), notes=tuple(draft.notes))


def _boot(
    draft: PlanBuilder, name: str, new: dict[int, str], old: dict[int, str], text: str | None
) -> None:
    """rc.conf follows only where it makes the bridge."""
    if not common.at_boot(draft.inventory, name):
        return
    main, six, descr = f"ifconfig_{name}", f"ifconfig_{name}_ipv6", f"ifconfig_{name}_descr"
    values: dict[str, str] = {}
    if new[4] != old[4]:
        values[main] = common.with_address(draft.rc(main), new[4]) or "up"
    if new[6] and new[6] != old[6]:
        values[six] = f"inet6 {new[6]}"
    if text:
        values[descr] = text
    draft.set_rc(values, f"Create {name} like this at boot")
    removed = [six] if old[6] and not new[6] else []
    removed += [descr] if text == "" else []
    draft.drop_rc(
        [variable for variable in removed if draft.rc(variable)],
        f"Create {name} without it at boot",
    )


def _running(draft: PlanBuilder, name: str, old: str, new: str) -> None:
    """First the new one, so that jails have a gateway all the time; not where only the prefix
    differs.
    """  # noqa: D205 - one sentence
    if old == new:
        return
    same = old.partition("/")[0] == new.partition("/")[0]
    give = [common.address_step(name, new, add=True)] if new else []
    take = [common.address_step(name, old, add=False)] if old else []
    draft.steps += [*take, *give] if same else [*give, *take]


def _left_outside(
    inventory: Inventory, name: str, new: dict[int, str], old: dict[int, str]
) -> list[str]:
    """Jails on it that the change disconnects."""
    notes: list[str] = []
    for family in (4, 6):
        if not old[family] or new[family] == old[family]:
            continue
        net = ipaddress.ip_interface(new[family]).network if new[family] else None
        notes += _jails(inventory, name, family, net, new[family].partition("/")[0])
        before = str(ipaddress.ip_interface(old[family]).network)
        if net is None or str(net) != before:
            named_there = before in inventory.file_texts.get(pf.USUAL, "")
            notes += [f"{pf.USUAL} contains {before}: change it too."] if named_there else []
    rc = inventory.rc or {}
    if new[4] != old[4] and name in rc.get("dhcpd_ifaces", "").split():
        notes.append(f"dhcpd serves {old[4] or 'nothing'} on {name}: change its configuration too.")
    return notes


def _jails(
    inventory: Inventory, name: str, family: int, net: addresses.Net | None, gateway: str
) -> list[str]:
    """What must be changed in jails on it afterwards."""
    own = {
        sanitize(jail.name): [
            ipaddress.ip_address(address.address)
            for address in jail.addresses or ()
            if address.family == family
        ]
        for jail in inventory.jails
        if common.joined(jail.config, name)
    }
    stays = [jail for jail in own if own[jail]]
    left = [jail for jail in stays if net is None or any(ip not in net for ip in own[jail])]
    if left:
        are = "is" if len(left) == 1 else "are"
        where = f"{are} outside of {net}" if net is not None else f"{are} without a gateway"
        return [f"{', '.join(left)} {where} then: address {left[0]} gives it another address."]
    if not stays:
        return []
    who = ", ".join(stays)
    return [f"{who} must now use {gateway} as their gateway: address {stays[0]} sets it."]
