"""Addresses and gateway of a VNET jail, as set by its own rc.conf at its start.

For lists: asking its network stack takes two processes a jail. Only where the file surely tells
all: rc set up the network, nothing but fixed addresses is set, and no other file has a say.
Everything else is left to ifconfig and netstat.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jailer_core.errors import HostError, ParseError
from jailer_core.facts.configs import ConfigReading
from jailer_core.host import Host
from jailer_core.model import Address, JailConfig
from jailer_core.parse.ifconfig import address
from jailer_core.parse.jls import KernelJail
from jailer_core.parse.rcfile import settings

_START = ("/bin/sh /etc/rc",)
_HOOKS = ("exec.created", "exec.poststart", "command")
_BY_HAND = ("ifconfig", "jexec", "route", "dhclient")
_PREFIXES = (
    *("ifconfig_", "ipv4_addrs_", "ipv6_", "vlans_", "wlans_", "create_args_", "dhclient"),
    *("static_routes", "route_", "defaultroute", "gateway_", "rtsold", "ppp", "netif"),
    *("cloned_interfaces", "network_interfaces", "autobridge", "gif", "wireguard"),
)
"""Beginnings of rc.conf variables that have a say in addresses or routes."""
_LOCAL, _SERVICES = "rc.conf.local", "rc.conf.d"
"""A file and a directory that have the last word over rc.conf (recording 15)."""


@dataclass(frozen=True, slots=True)
class OwnRc:
    """Where a running jail's rc.conf is, and which interfaces it has."""

    root: str
    interfaces: tuple[str, ...]


StaticNetwork = tuple[tuple[Address, ...], str]
"""Addresses and gateway."""


def own_rcs(configured: ConfigReading, kernel: Iterable[KernelJail]) -> dict[int, OwnRc]:
    """Running VNET jails whose network is set up by their own rc alone, by jid."""
    own: dict[int, OwnRc] = {}
    for jail in kernel:
        config = configured.by_name.get(jail.name)
        if not jail.vnet or jail.parent or config is None or config.first("path") != jail.path:
            continue
        cards = config.params.get("vnet.interface", ())
        if cards and jail.path not in ("", "/") and _by_rc(config):
            own[jail.jid] = OwnRc(jail.path, cards)
    return own


def _by_rc(config: JailConfig) -> bool:
    hooks = [text for name in _HOOKS for text in config.params.get(name, ())]
    by_hand = any(word in text for text in hooks for word in _BY_HAND)
    return config.params.get("exec.start") == _START and not by_hand


async def static_network(host: Host, own: OwnRc) -> StaticNetwork | None:
    """What its rc.conf sets, None where that does not surely tell all."""
    etc = f"{own.root.rstrip('/')}/etc"
    try:
        names = await host.listdir(etc, beneath=own.root)
        services = await host.listdir(f"{etc}/{_SERVICES}", beneath=own.root)
        if _LOCAL in names or services:
            return None
        text = await host.read(f"{etc}/rc.conf", beneath=own.root, limit=65536)
    except HostError:
        return None
    values = settings(text)
    return None if values is None else read_static(values, own.interfaces)


def read_static(values: Mapping[str, str], interfaces: Iterable[str]) -> StaticNetwork | None:
    """The network of plain rc.conf settings: `ifconfig_CARD`, `…_ipv6`, `defaultrouter`."""
    lines = {
        f"ifconfig_{card}{suffix}": (card, family)
        for card in interfaces
        for suffix, family in (("", "inet"), ("_ipv6", "inet6"))
    }
    names = {name for name in values if name.startswith(_PREFIXES)}
    if not names <= lines.keys() | {"defaultrouter"}:
        return None
    try:
        gateway = str(ipaddress.ip_address(values.get("defaultrouter", "")))
        addresses = [
            _fixed(values[name], card, family)
            for name, (card, family) in lines.items()
            if name in values
        ]
    except (ValueError, ParseError):
        return None
    return tuple(sorted(addresses, key=lambda address: address.family)), gateway


def _fixed(value: str, card: str, family: str) -> Address:
    """`inet 10.0.0.2/24`, `inet 10.0.0.2 netmask 255.255.255.0`. Raises ValueError, ParseError."""
    words = value.split()
    netmask = len(words) == 4 and words[2] in ("netmask", "prefixlen")
    if words[:1] != [family] or not (len(words) == 2 or netmask):
        raise ValueError(value)
    own = address(words[1:], card)
    if own.prefix is None or own.address.startswith("fe80:"):
        raise ValueError(value)
    return own
