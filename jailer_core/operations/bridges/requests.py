"""What can be asked for about bridges and addresses of jails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register


@register
@dataclass(frozen=True, slots=True)
class BridgeAdd(Request):
    """Make a bridge, now and at boot. `name` "" is the first free one.

    Addresses bear a prefix; the word next stands for the first private net that is free.
    `members` are cards and VLANs of the host that it connects jails with.
    """

    name: str = ""
    address: str = ""
    address6: str = ""
    description: str = ""
    members: tuple[str, ...] = ()
    op: ClassVar[str] = "bridge"


@register
@dataclass(frozen=True, slots=True)
class BridgeChange(Request):
    """Give a bridge these addresses and this description instead of those it has.

    None leaves as it is, "" takes away.
    """

    name: str
    address: str | None = None
    address6: str | None = None
    description: str | None = None
    op: ClassVar[str] = "bridgechange"


@register
@dataclass(frozen=True, slots=True)
class BridgeRemove(Request):
    """Destroy a bridge that no jail uses; `release` takes its members out first."""

    name: str
    release: bool = False
    op: ClassVar[str] = "bridgeremove"


@register
@dataclass(frozen=True, slots=True)
class MemberAdd(Request):
    """Put a card or VLAN of the host into a bridge, now and at boot."""

    bridge: str
    member: str
    op: ClassVar[str] = "memberadd"


@register
@dataclass(frozen=True, slots=True)
class MemberRemove(Request):
    """Take a member out of a bridge, now and at boot."""

    bridge: str
    member: str
    op: ClassVar[str] = "memberremove"


@register
@dataclass(frozen=True, slots=True)
class Readdress(Request):
    """Put a jail on another bridge or interface, or give it other addresses.

    "" leaves a field as it is; on another bridge the addresses become the next free ones there.
    Words do for addresses: next is the lowest that is free, same the present one, none takes it
    away, and dhcp (of IPv4) asks for one. A gateway may be none, too.
    """

    name: str
    bridge: str = ""
    address: str = ""
    netmask: str = ""
    gateway: str = ""
    address6: str = ""
    gateway6: str = ""
    op: ClassVar[str] = "address"
