"""What can be asked for about NAT and redirections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register


@register
@dataclass(frozen=True, slots=True)
class NatAdd(Request):
    """Let a jail go out with an address of the host.

    `interface` "" is that of the default route, `address` "" the interface's own. `family` 0: that
    of `address`, else 4 when the jail has an address of that family, else 6.
    """

    name: str
    interface: str = ""
    address: str = ""
    family: int = 0
    op: ClassVar[str] = "nat"


@register
@dataclass(frozen=True, slots=True)
class NatDel(Request):
    """Take the NAT of a jail away; `family` 0 means both, `interface` "" all."""

    name: str
    family: int = 0
    interface: str = ""
    op: ClassVar[str] = "unnat"


@register
@dataclass(frozen=True, slots=True)
class RdrAdd(Request):
    """Redirect a port of the host, or all that comes to an address of it, to a jail.

    `protocol` is tcp or udp; "" without a port, then `address` is needed. `port` and
    `inside_port` are as typed, "" for none and for the same port. The others: as in NatAdd.
    """

    name: str
    interface: str = ""
    address: str = ""
    protocol: str = ""
    port: str = ""
    inside_port: str = ""
    family: int = 0
    op: ClassVar[str] = "rdr"


@register
@dataclass(frozen=True, slots=True)
class RdrDel(Request):
    """Take redirections of a jail away: the one of that index, or all of them (`every`)."""

    name: str
    index: int = 0
    every: bool = False
    op: ClassVar[str] = "unrdr"


@register
@dataclass(frozen=True, slots=True)
class Takeover(Request):
    """Take over the rules that the original keeps in its two files."""

    op: ClassVar[str] = "takeover"


@register
@dataclass(frozen=True, slots=True)
class LoadRules(Request):
    """Load the stored rules of a jail again, so that what is loaded is what is stored."""

    name: str
    op: ClassVar[str] = "loadrules"
