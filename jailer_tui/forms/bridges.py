"""The form about where a jail is on the network: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import JailerError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.jails import network_options
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.network.bridges import placement
from jailer_core.operations.network.bridges.requests import AddressChange
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize
from jailer_tui.forms.clone import read_only_field
from jailer_tui.forms.model import ChoiceOption, FormField, Kind


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
