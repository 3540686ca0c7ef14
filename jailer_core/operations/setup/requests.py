"""What a set-up may be asked for: one class for each fix, and `Init`, which joins any of them."""

from __future__ import annotations

from jailer_core.operations.spec import Confirm, operation
from jailer_core.request import Request

PLAN = "setup.plan:decide"

POOL_FILE = "/usr/local/disk0.img"
POOL_NAME = "zroot"
POOL_SIZE = 20 << 30
"""Those of jailer's README."""


@operation(
    "init", summary="load ZFS, now and at boot", plan=PLAN, confirm=Confirm.PLAN, configures=True
)
class LoadZfs(Request):
    """Load ZFS, now and at boot."""


@operation(
    "init",
    summary="create a pool on a file, for a host without one",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class MakePool(Request):
    """Make a pool on a file; `size` in bytes."""

    path: str = POOL_FILE
    size: int = POOL_SIZE
    name: str = POOL_NAME


@operation(
    "init",
    summary="create the dataset for the jails",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class MakeDataset(Request):
    """Make or adopt the dataset of the jails; "" means the usual, `defaults` False: nothing is."""

    dataset: str = ""
    mountpoint: str = ""
    pool: str = ""
    defaults: bool = True


@operation("init", summary="start jails at boot", plan=PLAN, confirm=Confirm.PLAN, configures=True)
class EnableJails(Request):
    """Start jails at boot."""


@operation(
    "init",
    summary="set which jails start at boot; nothing is patched",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class BootList(Request):
    """Say which jails start at boot, in order; () means those that do today, else all of ours."""

    names: tuple[str, ...] = ()


@operation(
    "init",
    summary="create bridge0 with an address, for jails with their own network",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class MakeBridge(Request):
    """Make bridge0 with an address like 10.0.0.1/24; "" takes the first net that is free."""

    address: str = ""


@operation(
    "init",
    summary="forward packets of jails, now and at boot",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class ForwardPackets(Request):
    """Let the host pass on packets of its jails, now and at boot."""


@operation(
    "init",
    summary="forward IPv6 packets of jails, now and at boot",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class ForwardIPv6(Request):
    """The same for packets of IPv6, without losing the route that the host itself learns."""


@operation(
    "init",
    summary="give pf.conf the anchors for the rules of single jails",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class FilterAnchors(Request):
    """Give pf.conf the anchors that redirections and NAT of single jails need."""


@operation(
    "init",
    summary="let jails on the bridge reach the network with the host's address",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class NatBridge(Request):
    """Let jails on the bridge reach the world with the host's address of an interface.

    "" is the interface of the default route.
    """

    interface: str = ""


@operation(
    "init",
    summary="serve addresses on bridge0 with a DHCP server",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class ServeDhcp(Request):
    """Serve addresses on the bridge, and nowhere else, with OpenBSD's dhcpd."""


@operation(
    "init",
    summary="create the devfs ruleset for jails with their own network",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class DevfsRules(Request):
    """Make the devfs ruleset for jails with their own network."""


@operation(
    "init",
    summary="count what jails use, from the next boot on",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class CountResources(Request):
    """Count what jails use, from the next boot on: limits need it."""


@operation(
    "init",
    summary="hide the host's devices from a jail",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class HideDevices(Request):
    """Give a jail the safe ruleset instead of one that shows it the host's devices."""

    name: str


@operation(
    "init",
    summary="remove what failed starts and stops left behind",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class RemoveLeftovers(Request):
    """Remove what failed starts and stops left: epairs, addresses, devfs mounts."""


@operation(
    "init",
    summary="set up this host: dataset, jailer_dir, jails at boot",
    plan=PLAN,
    confirm=Confirm.PLAN,
    configures=True,
)
class Init(Request):
    """Several of these as one plan, whatever their order."""

    parts: tuple[Request, ...] = ()


ORDER: tuple[type[Request], ...] = (
    *(
        LoadZfs,
        MakePool,
        MakeDataset,
        EnableJails,
        BootList,
        MakeBridge,
        ForwardPackets,
        ForwardIPv6,
    ),
    *(
        FilterAnchors,
        NatBridge,
        ServeDhcp,
        DevfsRules,
        HideDevices,
        CountResources,
        RemoveLeftovers,
    ),
)
"""In which order a plan carries them out: each after what it builds upon."""
