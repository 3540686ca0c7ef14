"""Addresses of a host and of all its jails: which are free, which fit, which clash.

FreeBSD lets two jails claim the same address without an error (docs/freebsd-facts.md): only a look
beforehand finds it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv6Interface

from jailer_core.errors import Refused
from jailer_core.model import Interface, Inventory
from jailer_core.operations.shared import network_parts, ownership
from jailer_core.parse import statements
from jailer_core.text import sanitize

Net = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_OTHERS = ("lo", "epair", "bridge", "tap", "tun", "pflog", "pfsync", "enc", "gif", "wg")
_LOOKS = 65536
"""How many addresses of a network are tried to find a free one."""


def networks_of(inventory: Inventory, kind: str) -> tuple[str, ...]:
    """Interfaces that a jail of that network type can be put on; none for inherit."""
    interfaces = inventory.interfaces or ()
    if kind == "eb":
        return tuple(interface.name for interface in interfaces if interface.is_bridge)
    if kind == "new":
        return tuple(
            interface.name
            for interface in interfaces
            if not interface.is_bridge and re.sub(r"\d+[ab]?$", "", interface.name) not in _OTHERS
        )
    return ()


def usual(inventory: Inventory, kind: str) -> str:
    """The default interface: bridge0, or the first network card with an address."""
    names = networks_of(inventory, kind)
    if kind == "eb":
        return "bridge0" if "bridge0" in names or not names else names[0]
    with_address = [name for name in names if net_on(inventory.interface(name), 4) is not None]
    return next(iter((*with_address, *names)), "")


def with_net(card: Interface | None, family: int) -> IPv4Interface | IPv6Interface | None:
    """The first address of an interface which is no alias and no link-local, with its net."""
    for own in card.addresses if card is not None else ():
        if own.family != family or own.prefix in (None, 32, 128):
            continue
        address = ipaddress.ip_interface(f"{own.address.partition('%')[0]}/{own.prefix}")
        if not address.is_link_local:
            return address
    return None


def net_on(card: Interface | None, family: int) -> Net | None:
    """The net of an interface."""
    address = with_net(card, family)
    return None if address is None else address.network


def own_address(card: Interface | None, family: int) -> str:
    """The interface's own address, which is the gateway of its jails, or ""."""
    address = with_net(card, family)
    return "" if address is None else str(address.ip)


def used(inventory: Inventory) -> dict[Address, str]:
    """Every address that any jail (running or configured), interface of the host or its router
    has: whose.
    """  # noqa: D205 - one sentence
    owners: dict[Address, str] = {}
    _in_commands(inventory, owners)
    for router in ("defaultrouter", "ipv6_defaultrouter"):
        _put(owners, (inventory.rc or {}).get(router, ""), "the default router")
    for card in inventory.interfaces or ():
        for address in card.addresses:
            _put(owners, address.address, f"the host's {card.name}")
    for config in inventory.configs:
        for alias in network_parts.addresses(config):
            _put(owners, alias.address, f"the jail {sanitize(config.name)}")
    for jail in inventory.jails:
        for address in jail.addresses or ():
            if jail.network.value not in ("inherit", "none"):
                _put(owners, address.address, f"the jail {sanitize(jail.name)}")
    return owners


def _in_commands(inventory: Inventory, owners: dict[Address, str]) -> None:
    for config in inventory.configs:
        lines = ownership.claim_lines(config)
        for address in statements.named(lines):
            _put(owners, address, f"a command of the jail {sanitize(config.name)}")
        for given in statements.given(lines):
            _put(owners, given.address, f"the jail {sanitize(config.name)}")


_PARTS = frozenset({"interfaces", "jails"})
"""What of an inventory tells addresses."""


def must_be_known(inventory: Inventory) -> None:
    """Raises Refused if an interface or jail could not be read: it may have any address."""
    missing = sorted(_PARTS & inventory.incomplete)
    if missing:
        raise Refused(
            f"not all {' and '.join(missing)} could be read: it is unknown which "
            "addresses are free",
            "See the problems.",
        )


def _put(owners: dict[Address, str], text: str, who: str) -> None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return
    if not address.is_loopback or who.startswith("the host"):
        owners[address] = who


def free_address(inventory: Inventory, card: str, family: int) -> str:
    """The lowest free address of an interface's network, or ""."""
    net = net_on(inventory.interface(card), family)
    return next(free_addresses(inventory, net), "") if net is not None else ""


def free_addresses(inventory: Inventory, net: Net) -> Iterator[str]:
    """The free addresses of a network, the lowest first; none unless all are known."""
    if _PARTS & inventory.incomplete:
        return
    taken = used(inventory)
    yield from (str(address) for address in _hosts(net) if address not in taken)


def _hosts(net: Net) -> Iterator[Address]:
    first = int(net.network_address) + 1
    last = int(net.broadcast_address) - (1 if net.version == 4 else 0)
    for number in range(first, min(last, first + _LOOKS) + 1):
        yield ipaddress.ip_address(number) if net.version == 4 else ipaddress.IPv6Address(number)


def overlap(inventory: Inventory, net: Net, card: str) -> tuple[str, Net] | None:
    """Another interface whose network overlaps that one on `card`."""
    for interface in inventory.interfaces or ():
        for address in interface.addresses:
            if interface.name == card or address.prefix in (None, 32, 128):
                continue
            plain = f"{address.address.partition('%')[0]}/{address.prefix}"
            other = ipaddress.ip_interface(plain).network
            if other.version == net.version and not other.is_link_local and other.overlaps(net):
                return interface.name, other
    return None


# --- numbers and hardware addresses ------------------------------------------------------------


def free_number(inventory: Inventory) -> int:
    """The lowest `$id` that no configuration and no existing or configured epair uses."""
    taken = numbers(inventory)
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def numbers(inventory: Inventory) -> set[int]:
    """Numbers in use."""
    taken = {number for config in inventory.configs if (number := config.number) is not None}
    values = [*(inventory.rc or {}).values()]
    for config in inventory.configs:
        values += [*ownership.claim_lines(config), *config.params.get("vnet.interface", ())]
    for value in values:
        taken |= {int(number) for number in re.findall(r"\bepair(\d+)", value)}
    for card in inventory.interfaces or ():
        taken |= {int(number) for number in re.findall(r"^epair(\d+)[ab]?$", card.name)}
    return taken


def used_macs(inventory: Inventory) -> set[str]:
    """Hardware addresses of the host's interfaces, and those in commands of jails."""
    macs = {interface.mac.lower() for interface in inventory.interfaces or ()}
    return macs.union(*(ownership.macs(config) for config in inventory.configs))


def free_mac(inventory: Inventory, seed: bytes) -> str:
    """A free, locally administered unicast address from 5 random bytes."""
    taken = used_macs(inventory)
    number = int.from_bytes(seed[:5].ljust(5, b"\0"), "big")
    while True:
        parts = (0x02, *number.to_bytes(5, "big"))
        mac = ":".join(f"{part:02x}" for part in parts)
        if mac not in taken:
            return mac
        number = (number + 1) % (1 << 40)
