"""The forms about bridges, their members, and where a jail is on the network: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import JailerError
from jailer_core.model import Interface, Inventory, Jail
from jailer_core.operations.jails import network_options
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.network.bridges import add, change, common, placement, validate
from jailer_core.operations.network.bridges.requests import (
    AddressChange,
    BridgeAdd,
    BridgeChange,
)
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize
from jailer_tui.forms.clone import read_only_field
from jailer_tui.forms.model import ChoiceOption, FormField, Kind

CIDR = "The host's address on it, with prefix length; empty: none."


def _text(  # noqa: PLR0913 - what a field is made of
    key: str,
    label: str,
    values: Mapping[str, str],
    wrong: Mapping[str, tuple[str, str]],
    *,
    said: str = "",
    suggestion: str = "",
    explained: str = "",
    off: str = "",
) -> FormField:
    problem, hint = wrong.get(key, ("", ""))
    return FormField(
        key,
        label,
        Kind.TEXT,
        values[key],
        suggestion="" if values[key].strip() else sanitize(suggestion),
        said=(said, "dim"),
        help=explained,
        off=off,
        problem="" if off else sanitize(problem),
        hint=sanitize(hint),
    )


def _refused(wrong: Mapping[str, tuple[str, str]], *keys: str) -> FormField:
    """What is wrong and belongs to no field that can be typed in."""
    problem, hint = next((wrong[key] for key in keys if key in wrong), ("", ""))
    return FormField("refused", "", Kind.FACT, problem=sanitize(problem), hint=sanitize(hint))


# --- bridges ---------------------------------------------------------------------------------


def bridge_start(inventory: Inventory) -> dict[str, str]:
    """What an untouched form for a new bridge holds: a private net that is free."""
    free = validate.free4(inventory)
    return {"name": "", "address": free, "address6": "", "description": "", "member": ""}


@dataclass(frozen=True, slots=True)
class BridgeForm:
    """A new bridge."""

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> BridgeAdd:
        """What is asked for."""
        return BridgeAdd(
            values["name"].strip(),
            values["address"].strip(),
            values["address6"].strip(),
            values["description"].strip(),
            (values["member"],) if values["member"] else (),
        )

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        wrong = add.problems(inventory, self.request(inventory, values))
        free4, free6 = validate.free4(inventory), validate.free6(inventory)
        fitting = validate.candidates(inventory)
        none = ChoiceOption("", "none", "Jails on it reach the host and, through it, the internet.")
        return (
            _text("name", "Name", values, wrong, suggestion=common.free_name(inventory)),
            _text(
                "address",
                "IPv4",
                values,
                wrong,
                said=_said(values["address"], free4),
                explained=CIDR,
            ),
            _text(
                "address6",
                "IPv6",
                values,
                wrong,
                said=_said(values["address6"], free6),
                explained=CIDR,
            ),
            _text("description", "For", values, wrong, explained="What it is for, in a few words."),
            FormField(
                "member",
                "Member",
                Kind.CHOICE,
                values["member"],
                options=(none, *(ChoiceOption(one, sanitize(one)) for one in fitting)),
                off="" if fitting else "no free network card",
            ),
            FormField("t_boot", "Result", Kind.TITLE),
            read_only_field("boot", "At boot", "created by rc.conf"),
            _refused(wrong, "members"),
        )


def _said(typed: str, free: str) -> str:
    """What stands beside the address of a bridge."""
    if not typed.strip():
        return f"next takes {free}" if free else "none"
    return f"takes {free}" if typed.strip() == network_options.NEXT else ""


@dataclass(frozen=True, slots=True)
class BridgeChangeForm:
    """Another address or description for a bridge."""

    name: str

    def start(self, card: Interface) -> dict[str, str]:
        """What an untouched form holds: as it is now."""
        return {
            "address": change.present(card, 4),
            "address6": change.present(card, 6),
            "description": card.description,
        }

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> BridgeChange:
        """What is asked for."""
        return BridgeChange(
            self.name,
            values["address"].strip(),
            values["address6"].strip(),
            values["description"].strip(),
        )

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        wrong = change.problems(inventory, self.request(inventory, values))
        jails = ", ".join(map(sanitize, common.users(inventory, self.name)))
        boots = "rc.conf is updated" if common.at_boot(inventory, self.name) else "not in rc.conf"
        return (
            _text("address", "IPv4", values, wrong, explained=CIDR),
            _text(
                "address6", "IPv6", values, wrong, explained=f"{CIDR} next: the next free network."
            ),
            _text("description", "For", values, wrong, explained="What it is for, in a few words."),
            FormField("t_now", "Affected", Kind.TITLE),
            read_only_field("jails", "Jails on it", jails or "none"),
            read_only_field("boot", "At boot", boots),
        )


# --- where a jail is ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddressForm:
    """Another address, or another bridge, for a jail. Empty addresses become the next free."""

    jail: Jail

    def start(self, inventory: Inventory) -> dict[str, str]:
        """What an untouched form holds."""
        try:
            bridge = placement.place(inventory, self.jail.name).now.bridge
        except JailerError:
            bridge = ""
        empty = dict.fromkeys(("address", "netmask", "gateway", "address6", "gateway6"), "")
        return {"bridge": bridge, **empty}

    def request(self, inventory: Inventory, values: Mapping[str, str]) -> AddressChange:
        """What is asked for."""
        bridge = values["bridge"]
        six = addresses.net_on(addresses.interface(inventory, bridge), 6) is not None
        return AddressChange(
            self.jail.name,
            bridge,
            values["address"].strip() or network_options.NEXT,
            values["netmask"].strip(),
            values["gateway"].strip(),
            values["address6"].strip() or (network_options.NEXT if six else ""),
            values["gateway6"].strip(),
        )

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        wrong = placement.problems(inventory, request)
        try:
            here = placement.place(inventory, self.jail.name)
            now, full = here.now, placement.full(inventory, here, request)
        except JailerError:
            now = full = Create(self.jail.name)
        own = full.network == "eb"
        names = addresses.networks_of(inventory, full.network)
        bridge = addresses.interface(inventory, full.bridge)
        off = "" if own else "the host's"
        off4 = "from DHCP" if full.address == network_options.DHCP else off
        six = addresses.net_on(bridge, 6) is not None
        words = "Or: dhcp, same, none." if own else "Or: same, none."
        return (
            FormField(
                "bridge",
                "Bridge" if own else "Interface",
                Kind.CHOICE,
                values["bridge"],
                options=tuple(
                    ChoiceOption(name, sanitize(name), _net(inventory, name)) for name in names
                ),
            ),
            _text(
                "address",
                "IPv4",
                values,
                wrong,
                said=_is_free(values, "address", now.address),
                suggestion=full.address,
                explained=f"Empty: the next free one. {words}",
            ),
            _text("netmask", "Netmask", values, wrong, suggestion=full.netmask, off=off4),
            _text("gateway", "Gateway", values, wrong, suggestion=full.gateway, off=off4),
            _text(
                "address6",
                "IPv6",
                values,
                wrong,
                said=_is_free(values, "address6", now.address6, "" if six else "stays as it is"),
                suggestion=full.address6,
                explained="Empty: the next free one, on a bridge with IPv6. same and none do too.",
            ),
            _text("gateway6", "Gateway 6", values, wrong, suggestion=full.gateway6, off=off),
            FormField("t_now", "Result", Kind.TITLE),
            read_only_field("now", "Now", _shown(now)),
            read_only_field("then", "Then", _shown(full)),
            read_only_field("state", "Meanwhile", _meanwhile(inventory, self.jail)),
            _refused(wrong, "name", "bridge"),
        )


def _is_free(values: Mapping[str, str], key: str, now: str, empty: str = "") -> str:
    typed = values[key].strip()
    if not typed:
        return empty or "the next free one"
    return f"keeps {now or 'none'}" if typed == placement.SAME else ""


def _net(inventory: Inventory, name: str) -> str:
    card = addresses.interface(inventory, name)
    found = [
        str(net)
        for net in (addresses.net_on(card, 4), addresses.net_on(card, 6))
        if net is not None
    ]
    return ", ".join(found) or "the host has no address on it"


def _shown(one: Create) -> str:
    found = ", ".join(filter(None, (one.address, one.address6))) or "no address"
    return f"{found} on {one.bridge}" if one.bridge else found


def _meanwhile(inventory: Inventory, jail: Jail) -> str:
    now = inventory.jail(jail.name) or jail
    return "it will be restarted" if now.running else "it is not running"
