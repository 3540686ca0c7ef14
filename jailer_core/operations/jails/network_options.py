"""Network options of a new jail: defaults for empty fields, and what is wrong with the others.

eb       its own stack, an epair in a bridge; DHCP or fixed addresses
new      addresses on an interface of the host
inherit  the host's own stack
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations.images import defaults
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize

DHCP, NEXT = "dhcp", "next"
Check = Callable[[], object]
_LACKS = {
    "new": ("gateway", "netmask", "gateway6"),
    "inherit": ("bridge", "address", "gateway", "netmask", "address6", "gateway6"),
}
"""What a jail of that type has none of."""


def served(inventory: Inventory, bridge: str) -> bool:
    """Whether rc.conf lets the host's own DHCP server answer on a bridge."""
    served_on = inventory.rc_value("dhcpd_ifaces") or ""
    return bool(inventory.rc_on("dhcpd_enable")) and bridge in served_on.split()


# --- suggesting ------------------------------------------------------------------------------


def suggest(inventory: Inventory, request: Create) -> Create:
    """Address, netmask and gateway; network and bridge are filled already."""
    if request.network == "inherit":
        return request
    request = _next(inventory, request)
    if request.network == "new":
        if request.address or request.address6:
            return request
        return replace(request, address=addresses.free_address(inventory, request.bridge, 4))
    if not request.address and not request.address6:
        free = addresses.free_address(inventory, request.bridge, 4)
        by_dhcp = served(inventory, request.bridge) or not free
        request = replace(request, address=DHCP if by_dhcp else free)
    return _gateways(inventory, request)


def _next(inventory: Inventory, request: Create) -> Create:
    """The word next becomes the lowest address that is free; it stays where there is none."""
    if request.address.strip() == NEXT:
        free = addresses.free_address(inventory, request.bridge, 4)
        request = replace(request, address=free or NEXT)
    if request.address6.strip() == NEXT:
        free = addresses.free_address(inventory, request.bridge, 6)
        request = replace(request, address6=free or NEXT)
    return request


def _gateways(inventory: Inventory, request: Create) -> Create:
    """The bridge's own: its prefix is the netmask, its address the gateway."""
    card = inventory.interface(request.bridge)
    if request.address not in ("", DHCP):
        net = addresses.net_on(card, 4)
        own = addresses.own_address(card, 4)
        _, slash, bits = request.address.partition("/")
        mask = request.netmask or (bits if slash else "" if net is None else str(net.prefixlen))
        request = replace(request, netmask=mask, gateway=request.gateway or own)
    if request.address6:
        request = replace(request, gateway6=request.gateway6 or addresses.own_address(card, 6))
    return request


def with_prefix6(inventory: Inventory, request: Create) -> str:
    """The IPv6 address with its prefix: the bridge's, else 64."""
    address, slash, bits = request.address6.strip().partition("/")
    net = addresses.net_on(inventory.interface(request.bridge), 6)
    usual = 64 if net is None else net.prefixlen
    return f"{checks.ipv6(address)}/{checks.prefix(bits, 6) if slash else usual}"


def plain(address: str) -> str:
    """An address without the prefix that may have been typed with it."""
    return address.strip().partition("/")[0]


# --- checking --------------------------------------------------------------------------------


def checks_of(inventory: Inventory, asked: Create, full: Create) -> Iterator[tuple[str, Check]]:
    """The check of each field; `full` is `asked` with its empty fields filled in."""
    yield "network", lambda: _network(inventory, full.network)
    yield "mac", lambda: _mac(inventory, full)
    if full.network != "inherit":
        yield "bridge", lambda: _card(inventory, full)
        if full.network == "eb":
            yield "netmask", lambda: _netmask(full)
        yield "address", lambda: _address(inventory, full)
        yield "address6", lambda: _address6(inventory, full)
    for name in _LACKS.get(full.network, ()):
        yield name, partial(_not_for, getattr(asked, name), full.network, name)
    if full.network not in _LACKS:
        yield "gateway", lambda: _gateway(full)
        yield "gateway6", lambda: _gateway6(inventory, full)


def _network(inventory: Inventory, network: str) -> None:
    defaults.check_network_type(network)
    if network == "eb" and inventory.host.vimage is False:
        raise Refused(
            "this kernel has no VIMAGE: jails cannot have their own network",
            "Use the network type new.",
        )


def _not_for(value: str, network: str, name: str) -> None:
    if value:
        kind = "the host's network" if network == "inherit" else "its own address"
        what = {"address6": "IPv6 address", "gateway6": "IPv6 gateway"}.get(name, name)
        raise UsageError(
            f"a jail with {kind} ({network}) has no {what} of its own",
            "Omit it, or give the jail its own network (eb).",
        )


def _card(inventory: Inventory, request: Create) -> None:
    name = request.bridge
    card = inventory.interface(name)
    if request.network == "eb":
        if card is None:
            raise Refused(f"there is no bridge {sanitize(name)}", "Create one: init bridge")
        if not card.is_bridge:
            raise Refused(
                f"{sanitize(name)} is not a bridge",
                "Name a bridge (-b), or use the network type new.",
            )
        return
    if card is None:
        networks = ", ".join(addresses.networks_of(inventory, "new"))
        raise Refused(
            f"there is no interface {sanitize(name) or 'to use'}", f"Available: {networks}"
        )


def _address(inventory: Inventory, request: Create) -> None:
    text = request.address
    if text == DHCP and request.network == "new":
        hint = "Use the network type eb, or give an address."
        raise UsageError("DHCP needs a jail with its own network", hint)
    if not text and not request.address6:
        raise Refused(f"no free address was found on {sanitize(request.bridge)}", "Give one (-a).")
    if text in ("", DHCP):
        return
    _known(request, text, 4)
    address = checks.ipv4(plain(text))
    _free(inventory, address)
    if request.network == "eb":
        _within(inventory, request, address)


def _known(request: Create, text: str, family: int) -> None:
    if text.strip() == NEXT:
        message = f"no free IPv{family} address was found on {sanitize(request.bridge)}"
        raise Refused(message, "Give one, or give the bridge a network.")


def _free(inventory: Inventory, address: str) -> None:
    who = addresses.used(inventory).get(ipaddress.ip_address(address))
    if who is not None:
        raise Refused(
            f"{address} is in use by {who}",
            "Two jails with the same address would both fail: use another address.",
        )
    addresses.must_be_known(inventory)


def _within(inventory: Inventory, request: Create, address: str) -> None:
    if not request.netmask:
        raise Refused(
            f"{sanitize(request.bridge)} has no address from which to take the netmask",
            "Give the netmask (-m) and the gateway (-g).",
        )
    net = ipaddress.ip_network(f"{address}/{checks.prefix(request.netmask, 4)}", strict=False)
    _on_bridge(inventory, request.bridge, address, 4)
    ends = (net.network_address, net.broadcast_address)
    if net.prefixlen < 31 and ipaddress.ip_address(address) in ends:
        raise Refused(
            f"{address} is not a host address in {net}",
            "Use an address between the first and the last.",
        )
    _clash(inventory, net, request.bridge)


def _on_bridge(inventory: Inventory, bridge: str, address: str, family: int) -> None:
    own = addresses.net_on(inventory.interface(bridge), family)
    if own is not None and ipaddress.ip_address(address) not in own:
        raise Refused(
            f"{address} is not in {own}, the network of {bridge}", f"Use an address of {own}."
        )


def _clash(inventory: Inventory, net: addresses.Net, bridge: str) -> None:
    other = addresses.overlap(inventory, net, bridge)
    if other is not None:
        raise Refused(
            f"the network {net} overlaps {other[1]} on {sanitize(other[0])}",
            "The host could not route both: use another network.",
        )


def _address6(inventory: Inventory, request: Create) -> None:
    if not request.address6:
        return
    if request.network == "new" and "/" in request.address6:
        raise UsageError(
            "the address of a jail without its own network takes no prefix", "Omit the prefix."
        )
    _known(request, request.address6, 6)
    whole = with_prefix6(inventory, request)
    _free(inventory, plain(whole))
    if request.network == "eb":
        _on_bridge(inventory, request.bridge, plain(whole), 6)
        _clash(inventory, ipaddress.ip_network(whole, strict=False), request.bridge)


def _netmask(request: Create) -> None:
    if request.address == DHCP:
        if request.netmask:
            raise UsageError("the netmask comes from DHCP", "Omit it, or give an address.")
    elif request.netmask:
        checks.prefix(request.netmask, 4)


def _gateway(request: Create) -> None:
    if not request.gateway:
        return
    if request.address in ("", DHCP):
        raise UsageError("there is no address for this gateway", "Give an address too (-a).")
    gateway = checks.ipv4(request.gateway)
    _reaches(gateway, f"{checks.ipv4(plain(request.address))}/{checks.prefix(request.netmask, 4)}")


def _gateway6(inventory: Inventory, request: Create) -> None:
    if not request.gateway6:
        return
    if not request.address6:
        raise UsageError("there is no IPv6 address for this gateway", "Give an address too.")
    _reaches(checks.ipv6(request.gateway6), with_prefix6(inventory, request))


def _reaches(gateway: str, whole: str) -> None:
    own = ipaddress.ip_interface(whole)
    if ipaddress.ip_address(gateway) not in own.network:
        raise Refused(
            f"the gateway {gateway} is not in {own.network}, the jail's network",
            "The jail could not reach it: use one in that network.",
        )
    if ipaddress.ip_address(gateway) == own.ip:
        raise Refused(f"the gateway {gateway} is the jail's own address", "Use another.")


def _mac(inventory: Inventory, full: Create) -> None:
    mac = checks.mac(full.mac) if full.mac else ""
    if mac and full.network == "eb" and mac in addresses.used_macs(inventory):
        raise Refused(f"an interface or jail already has the hardware address {mac}", "Try again.")


def cleaned(inventory: Inventory, full: Create) -> Create:
    """The addresses in the forms that are written into files."""
    four, six = full.address, full.address6
    if four and four != DHCP:
        four = checks.ipv4(plain(four))
    if six:
        whole = with_prefix6(inventory, full)
        six = plain(whole) if full.network == "new" else whole
    return replace(full, address=four, address6=six)
