"""Addresses as numbers, each parsed once: every refresh asks for the same ones."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from jailer_core.model import Address

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Net = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=1 << 14)
def number(text: str) -> IP | None:
    """An address, None when it is none (`link#3`, a name)."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


@lru_cache(maxsize=1 << 14)
def net(address: Address) -> Net | None:
    """The net that an address is in, None while its prefix is not known."""
    if address.prefix is None:
        return None
    try:
        return ipaddress.ip_interface(f"{address.address}/{address.prefix}").network
    except ValueError:
        return None
