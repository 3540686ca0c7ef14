"""Requests of the set-up: one class for each fix, and `Init`, which combines them."""

from __future__ import annotations

from collections.abc import Callable
from typing import dataclass_transform

from jailer_core.operations.spec import Confirm, Kind, T, operand, operation, option, switch
from jailer_core.request import Request

POOL_FILE = "/usr/local/disk0.img"
POOL_NAME = "zroot"
POOL_SIZE = 20 << 30
"""Those of jailer's README."""


@dataclass_transform(frozen_default=True)
def _part(
    summary: str,
    *,
    command: str = "",
    help: str = "",  # noqa: A002 - as in `operation`
) -> Callable[[type[T]], type[T]]:
    """Declare a part of the set-up: one of the operations called init."""
    return operation(
        "init",
        command=command,
        summary=summary,
        help=help,
        confirm=Confirm.PLAN,
        plan="setup.plan:decide",
        configures=True,
    )


@_part("load ZFS, now and at boot")
class LoadZfs(Request):
    """Load ZFS, now and at boot."""


@_part("create a pool in a file, for a host without a pool", command="init pool")
class MakePool(Request):
    """Create a pool in a file; `size` in bytes."""

    path: str = option(
        "File",
        f"The file that holds the pool (default {POOL_FILE}).",
        "--file",
        kind=Kind.DIRECTORY,
        metavar="PATH",
        default=POOL_FILE,
    )
    size: int = option(
        "Size",
        "Its maximum size (default 20G, or less if less is free).",
        "--size",
        kind=Kind.SIZE,
        metavar="SIZE",
        default=POOL_SIZE,
    )
    name: str = option(
        "Pool",
        f"The name of the new pool (default {POOL_NAME}).",
        "-z",
        "--pool",
        metavar="POOL",
        default=POOL_NAME,
    )


@_part("set up only the dataset for jails", command="init zfs")
class MakeDataset(Request):
    """Create or adopt the dataset of the jails; "" means the default, if `defaults` allows it."""

    dataset: str = option(
        "Dataset",
        "A new dataset, or an existing one, which is used as it is.",
        "-d",
        "--dataset",
        kind=Kind.DATASET,
        metavar="POOL/DATASET",
    )
    mountpoint: str = option(
        "Mount point",
        "Where jails are mounted on the host.",
        "-m",
        "--mountpoint",
        kind=Kind.DIRECTORY,
        metavar="PATH",
    )
    pool: str = option(
        "Pool", "The pool to use, if there are several.", "-z", "--pool", metavar="POOL"
    )
    defaults: bool = switch(
        "Defaults",
        "",
        default=True,
        off=("-n", "--no-defaults"),
        off_help="Use only the values given, without defaults.",
    )


@_part("start jails at boot")
class EnableJails(Request):
    """Start jails at boot."""


@_part(
    "set which jails start at boot; nothing is patched",
    command="init patch",
    help=(
        "FreeBSD's own rc.d/jail stays as it is: jail_enable and jail_list in rc.conf say which "
        "jails start and in which order, each from its own file. Without names, an existing list "
        "is left alone; if there is none, it gets the jails that start at boot now, or else all "
        "jails of Jailer TUI."
    ),
)
class BootList(Request):
    """Set which jails start at boot, in order; () means those that do now, else all of ours."""

    names: tuple[str, ...] = operand("Jails", kind=Kind.JAIL, many=True, default=())


@_part(
    "create bridge0 with an address, for jails with their own network",
    command="init bridge",
    help="Default address: 10.0.0.1/24, or one in the first private network that is free.",
)
class MakeBridge(Request):
    """Create bridge0 with an address like 10.0.0.1/24; "" takes the first free network."""

    address: str = option(
        "Address",
        "The host's address on the bridge, like 10.0.0.1/24.",
        "-a",
        "--address",
        metavar="ADDRESS",
    )


@_part("forward packets of jails, now and at boot")
class ForwardPackets(Request):
    """Forward packets of jails, now and at boot."""


@_part("forward IPv6 packets of jails, now and at boot")
class ForwardIPv6(Request):
    """Forward IPv6 packets, without losing the default route that the host learns itself."""


@_part("give pf.conf the anchors for the rules of single jails")
class FilterAnchors(Request):
    """Add the anchors for NAT and redirects of single jails to pf.conf."""


@_part("set up forwarding, packet filter and NAT for jails on bridge0", command="init nat")
class NatBridge(Request):
    """Let jails on the bridge reach the world with the host's address of an interface.

    "" is the interface of the default route.
    """

    interface: str = option(
        "Interface",
        "The external interface (default: the default route's).",
        "-i",
        "--interface",
        kind=Kind.INTERFACE,
        metavar="IF",
    )


@_part(
    "set up a DHCP server on bridge0 only, and the devfs ruleset for its jails", command="init dhcp"
)
class ServeDhcp(Request):
    """Set up OpenBSD's dhcpd on the bridge only."""


@_part("create the devfs ruleset for jails with their own network")
class DevfsRules(Request):
    """Create the devfs ruleset for jails with their own network."""


@_part("turn on resource accounting (racct) for the next boot")
class CountResources(Request):
    """Turn on resource accounting (racct) for the next boot: limits need it."""


@_part("hide the host's devices from a jail")
class HideDevices(Request):
    """Replace a jail's ruleset that shows the host's devices with the safe one."""

    name: str


@_part("remove what failed starts and stops left behind")
class RemoveLeftovers(Request):
    """Remove what failed starts and stops left behind: epairs, addresses, devfs mounts."""


@_part(
    "set up the host: dataset, jailer_dir, jails at boot",
    command="init",
    help=(
        "Shows what it will do and asks. What is already right is left alone. `init info` shows "
        "what is set up and what is missing. Next steps: `init bridge`, `init nat`, `init dhcp`."
    ),
)
class Init(Request):
    """Several of these as one plan, in any order."""

    parts: tuple[Request, ...] = ()
