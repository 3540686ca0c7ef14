"""Addresses and interfaces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a jail or interface; `prefix` is the length in bits, or None."""

    address: str
    prefix: int | None = None
    interface: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4

    def __str__(self) -> str:
        return self.address if self.prefix is None else f"{self.address}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as `ifconfig` shows it, of the host or (seen from outside) of a jail.

    `members` are those of a bridge, or the ports of a lagg. `vlan` and `parent` are the tag and
    the interface below of a VLAN, None and "" of others.
    """

    name: str
    up: bool
    mac: str = ""
    mtu: int = 0
    description: str = ""
    status: str = ""
    addresses: tuple[Address, ...] = ()
    members: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    vlan: int | None = None
    parent: str = ""

    @property
    def is_bridge(self) -> bool:
        """Whether it has members, or could."""
        return "bridge" in self.groups
