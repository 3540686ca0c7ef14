"""What a set-up may be asked for: one class for each fix, and `Init`, which joins any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register

POOL_FILE = "/usr/local/disk0.img"
POOL_NAME = "zroot"
POOL_SIZE = 20 << 30
"""Those of the original's README."""


@register
@dataclass(frozen=True, slots=True)
class LoadZfs(Request):
    """Load ZFS, now and at boot."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class MakePool(Request):
    """Make a pool on a file; `size` in bytes."""

    path: str = POOL_FILE
    size: int = POOL_SIZE
    name: str = POOL_NAME
    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class MakeDataset(Request):
    """Make or adopt the dataset of the jails; "" means the usual, `defaults` False: nothing is."""

    dataset: str = ""
    mountpoint: str = ""
    pool: str = ""
    defaults: bool = True
    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class EnableJails(Request):
    """Let FreeBSD start jails at boot."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class BootList(Request):
    """Say which jails start at boot, in order; () means those that do today, else all of ours."""

    names: tuple[str, ...] = ()
    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class MakeBridge(Request):
    """Make bridge0 with an address like 10.0.0.1/24; "" takes the first net that is free."""

    address: str = ""
    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class ForwardPackets(Request):
    """Let the host pass on packets of its jails, now and at boot."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class ForwardSix(Request):
    """The same for packets of IPv6, without losing the route that the host itself learns."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class FilterAnchors(Request):
    """Give pf.conf the anchors that redirections and NAT of single jails need."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class NatBridge(Request):
    """Let jails on the bridge reach the world with the host's address of an interface.

    "" is the interface of the default route.
    """

    interface: str = ""
    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class ServeDhcp(Request):
    """Serve addresses on the bridge, and nowhere else, with OpenBSD's dhcpd."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class DevfsRules(Request):
    """Make the devfs ruleset for jails with their own network."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class CountResources(Request):
    """Let the kernel count what jails use, from the next boot on: limits need it."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class HideDevices(Request):
    """Give a jail the safe ruleset instead of one that shows it the host's devices."""

    name: str
    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class Tidy(Request):
    """Remove what failed starts and stops left: epairs, addresses, devfs mounts."""

    op: ClassVar[str] = "init"


@register
@dataclass(frozen=True, slots=True)
class Init(Request):
    """Several of these as one plan, whatever their order."""

    parts: tuple[Request, ...] = ()
    op: ClassVar[str] = "init"


ORDER: tuple[type[Request], ...] = (
    *(
        LoadZfs,
        MakePool,
        MakeDataset,
        EnableJails,
        BootList,
        MakeBridge,
        ForwardPackets,
        ForwardSix,
    ),
    *(FilterAnchors, NatBridge, ServeDhcp, DevfsRules, HideDevices, CountResources, Tidy),
)
"""In which order a plan carries them out: each after what it builds upon."""
