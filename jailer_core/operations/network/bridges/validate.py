"""Validate the addresses that a bridge may get, and the interfaces that may join it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv6Interface

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import OWN_STACK, Interface, Inventory
from jailer_core.operations import guards
from jailer_core.operations.jails.network_options import NEXT
from jailer_core.operations.network.bridges import common
from jailer_core.operations.setup import bridge as usual
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize
from jailer_core.topology.epairs import ends

Wanted = IPv4Interface | IPv6Interface
USUAL6 = "fd00:0:0:{number:x}::1/64"
"""Private nets as those of the recordings; # a real one of RFC 4193 has random digits."""
_NO_MEMBERS = re.compile(r"(?:lo|bridge|tun|pflog|pfsync|enc|wg|stf|faith|ipfw|usbus)\d*\Z")


# --- addresses -------------------------------------------------------------------------------


def free4(inventory: Inventory) -> str:
    """A free private IPv4 network, as the address of the bridge, or ""."""
    address = usual.free_net(inventory, common.draft(inventory).doctor)
    return "" if address is None else str(address)


def free6(inventory: Inventory) -> str:
    """The same for IPv6."""
    taken = [net for net, _ in _nets(inventory, 6, "")]
    for number in range(1, 256):
        text = USUAL6.format(number=number)
        if not any(_touch(ipaddress.ip_interface(text).network, net) for net in taken):
            return text
    return ""


def address(inventory: Inventory, card: str, text: str, family: int) -> str:
    """An address for a bridge, in its usual form. Raises Refused, UsageError."""
    free = free4 if family == 4 else free6
    if text.strip() == NEXT:
        text = free(inventory)
        if not text:
            raise Refused(f"no private IPv{family} network is free", "Give one.")
    cleaned = checks.cidr(text)
    interface = ipaddress.ip_interface(cleaned)
    if interface.version != family:
        raise UsageError(f"{cleaned} is not an IPv{family} address", "Use the other field.")
    _room(interface)
    for net, who in _nets(inventory, family, card):
        if _touch(interface.network, net):
            raise Refused(
                f"{interface.network} overlaps {net} of {who}",
                f"The host could not route both; {free(inventory)} is free.",
            )
    who_has = addresses.used(inventory).get(interface.ip, "")
    if who_has and who_has != f"the host's {card}":
        raise Refused(f"{interface.ip} is in use by {who_has}", "Use another one.")
    return cleaned


def _room(interface: Wanted) -> None:
    net, most = interface.network, 29 if interface.version == 4 else 126
    if net.prefixlen > most:
        raise Refused(f"{interface} is too small for jails", f"Use a prefix of {most} at most.")
    if interface.ip == net.network_address or (
        interface.version == 4 and interface.ip == net.broadcast_address
    ):
        raise Refused(
            f"{interface.ip} is not a host address in {net}",
            "Use an address between the first and the last.",
        )
    if interface.is_link_local:
        raise Refused(f"{interface.ip} is a link-local address", "For example: fd00::1/64")


def _nets(inventory: Inventory, family: int, card: str) -> Iterator[tuple[addresses.Net, str]]:
    """Every net of that family that is in use elsewhere, and by whom."""
    for interface in inventory.interfaces or ():
        for own in interface.addresses if interface.name != card else ():
            if own.family == family:
                yield from _net(
                    f"{own.address}/{own.prefix}", f"the host's {sanitize(interface.name)}"
                )
    for jail in inventory.jails:
        elsewhere = jail.network in OWN_STACK and not common.joined(jail.config, card)
        for own in jail.addresses or () if elsewhere else ():
            if own.family == family:
                yield from _net(f"{own.address}/{own.prefix}", f"the jail {sanitize(jail.name)}")
    for route in common.known_routes(inventory):
        if route.family == family and route.interface not in (card, "lo0"):
            yield from _net(route.destination, "a route of the host")


def _net(text: str, who: str) -> Iterator[tuple[addresses.Net, str]]:
    try:
        net = ipaddress.ip_network(re.sub(r"%[^/]*", "", text), strict=False)
    except ValueError:
        return
    # routes to larger networks than these act as default routes (setup/bridge.py)
    small = net.prefixlen >= (usual.WHOLE if net.version == 4 else 16)
    if small and not net.is_link_local and not net.is_multicast and not net.is_loopback:
        yield net, who


def _touch(left: addresses.Net, right: addresses.Net) -> bool:
    return left.version == right.version and left.overlaps(right)


# --- members ---------------------------------------------------------------------------------


def candidates(inventory: Inventory, bridge: str = "") -> tuple[str, ...]:
    """Interfaces that could become members of that bridge, or of a new one."""
    names = [interface.name for interface in inventory.interfaces or ()]
    return tuple(
        name for name in names if not guards.problem("member", member, inventory, bridge, name)
    )


def member(inventory: Inventory, bridge: str, name: str) -> Interface:
    """The interface, if it may become a member of that bridge. Raises Refused."""
    card = inventory.interface(name)
    if card is None:
        names = ", ".join(interface.name for interface in inventory.interfaces or ())
        raise Refused(f"there is no interface {sanitize(name)}", f"Available: {sanitize(names)}.")
    if card.is_bridge or _NO_MEMBERS.match(name):
        raise Refused(
            f"{sanitize(name)} cannot be a member of a bridge", "Use a network card or a VLAN."
        )
    other = next(
        (interface for interface in inventory.interfaces or () if name in interface.members), None
    )
    if other is not None:
        where = "already" if other.name == bridge else f"of {other.name}"
        raise Refused(
            f"{sanitize(name)} is a member {where}", "An interface can be in only one bridge."
        )
    end = ends(inventory).get(name)
    if end is not None:
        raise Refused(
            f"{sanitize(name)} belongs to the jail {sanitize(end.jail.name)}",
            f"Its bridge is set with: address {sanitize(end.jail.name)} -b BRIDGE",
        )
    if card.addresses and not addressed(inventory):
        own = ", ".join(map(str, card.addresses))
        raise Refused(
            f"{sanitize(name)} has its own address ({own}), which a bridge member must not have "
            "since FreeBSD 15",
            "Move that address to the bridge; this interrupts connections over it.",
        )
    return card


def addressed(inventory: Inventory) -> bool:
    """Whether members may have addresses: before FreeBSD 15, or if the host allows it."""
    answer = inventory.output(common.ADDRESSED)
    if answer is not None:
        return answer.strip() == "1"
    major = inventory.host.release.partition(".")[0]
    return major.isdigit() and int(major) < 15
