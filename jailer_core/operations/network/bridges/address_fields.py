"""The fields of a jail's new address: their checks, and their hints in a form."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.jails import network_options
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.network.bridges import placement
from jailer_core.operations.network.bridges.requests import AddressChange
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize


def problems(inventory: Inventory, request: AddressChange) -> dict[str, tuple[str, str]]:
    """Message and hint of each invalid field; `name` means the jail itself."""
    try:
        place = placement.place(inventory, request.name)
    except Refused as error:
        return {"name": (error.message, error.hint)}
    whole = placement.full(inventory, place, request)
    given = whole if place.now.network == "eb" else replace(whole, netmask="", gateway="")
    rest = placement.others(inventory, place.jail)
    wrong: dict[str, tuple[str, str]] = {}
    for field, check in network_options.checks_of(rest, given, whole):
        try:
            check()
        except JailerError as error:
            wrong.setdefault(field, (error.message, error.hint))
    if not whole.address and not whole.address6 and "bridge" not in wrong:
        message = f"{sanitize(request.name)} would have no address at all"
        wrong["address"] = (message, "Give one, or put it on a bridge with an address.")
    return wrong


def form_values(inventory: Inventory, request: AddressChange) -> dict[str, str]:
    """Its current bridge; empty addresses become the next free ones."""
    return {"bridge": _both(inventory, request)[0].bridge}


def form_hints(inventory: Inventory, request: AddressChange) -> dict[str, FieldHint]:
    """The value of each empty field, and the possible bridges or interfaces."""
    six = addresses.net_on(inventory.interface(request.bridge), 6) is not None
    filled = replace(
        request,
        address=request.address or network_options.NEXT,
        address6=request.address6 or (network_options.NEXT if six else ""),
    )
    now, full = _both(inventory, filled)
    own = full.network == "eb"
    off = "" if own else "the host's"
    off4 = "from DHCP" if full.address == network_options.DHCP else off
    names = addresses.networks_of(inventory, full.network)
    return {
        "bridge": FieldHint(
            tuple((name, _net(inventory, name)) for name in names),
            help=f"The {'bridge' if own else 'interface'} of the host that it uses.",
            label="Bridge" if own else "Interface",
        ),
        "address": FieldHint(
            suggestion=full.address,
            empty=filled.address,
            beside=_taken(request.address, now.address),
            help=f"Empty: the next free one. Or: {'dhcp, ' if own else ''}same, none.",
        ),
        "netmask": FieldHint(suggestion=full.netmask, off=off4),
        "gateway": FieldHint(suggestion=full.gateway, off=off4),
        "address6": FieldHint(
            suggestion=full.address6,
            empty=filled.address6,
            beside=_taken(request.address6, now.address6, "" if six else "stays as it is"),
            help="Empty: the next free one, on a bridge with IPv6. Or: same, none.",
        ),
        "gateway6": FieldHint(suggestion=full.gateway6, off=off),
    }


def form_results(inventory: Inventory, request: AddressChange) -> dict[str, str]:
    """The current and the new addresses, and what the change means for the jail."""
    now, full = _both(inventory, request)
    jail = inventory.jail(request.name)
    running = jail is not None and jail.running
    return {
        "Now": _shown(now),
        "New": _shown(full),
        "Running jail": "it will be restarted" if running else "it is not running",
    }


def _both(inventory: Inventory, request: AddressChange) -> tuple[Create, Create]:
    """Where the jail is now, and where it will be; both empty when that is unknown."""
    try:
        place = placement.place(inventory, request.name)
        return place.now, placement.full(inventory, place, request)
    except JailerError:
        return Create(request.name), Create(request.name)


def _taken(typed: str, now: str, empty: str = "") -> str:
    """The text beside an address."""
    if not typed:
        return empty or "next free"
    return f"keeps {now or 'none'}" if typed == placement.SAME else ""


def _net(inventory: Inventory, name: str) -> str:
    card = inventory.interface(name)
    nets = (addresses.net_on(card, 4), addresses.net_on(card, 6))
    return ", ".join(str(net) for net in nets if net is not None) or "the host has no address on it"


def _shown(place: Create) -> str:
    given = ", ".join(filter(None, (place.address, place.address6))) or "no address"
    return f"{given} on {place.bridge}" if place.bridge else given
