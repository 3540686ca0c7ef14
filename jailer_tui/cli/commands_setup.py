"""The words that set a host up."""

from __future__ import annotations

from jailer_tui.cli.command import CHANGE, JSON, Command, Option

_DATASET = Option("dataset", "--dataset", "the dataset of the jails", "-d", takes="POOL/DATASET")
_MOUNTPOINT = Option("mountpoint", "--mountpoint", "where it is mounted", "-m", takes="PATH")
_POOL = Option("pool", "--pool", "the pool, where there are several", "-z", takes="POOL")
_NO_DEFAULTS = Option(
    "defaults", "--no-defaults", "use only the values given, without defaults", "-n", value=False
)
_PLACE = (_DATASET, _MOUNTPOINT, _POOL, _NO_DEFAULTS)
_NET = Option("address", "--address", "its address, like 10.0.0.1/24", "-a", takes="ADDRESS")
_POOL_FILE = Option("file", "--file", "the file (default /usr/local/disk0.img)", takes="PATH")
_POOL_SIZE = Option(
    "size", "--size", "its size (default 20G, less where less is free)", takes="SIZE"
)
_POOL_NAME = Option("pool", "--pool", "its name (default zroot)", "-z", takes="POOL")
_OUT = Option(
    "interface",
    "--interface",
    "the outgoing interface (default: the default route's)",
    "-i",
    takes="IF",
)

_BELOW = (
    Command(
        "init info",
        "show what is set up, what is missing and how to fix it",
        "setup:info",
        options=(JSON,),
    ),
    Command(
        "init zfs",
        "set up only the dataset for jails",
        "setup:zfs",
        options=(*_PLACE, *CHANGE),
        changes=True,
    ),
    Command(
        "init pool",
        "create a pool on a file, for a host without one",
        "setup:pool",
        options=(_POOL_FILE, _POOL_SIZE, _POOL_NAME, *CHANGE),
        changes=True,
    ),
    Command(
        "init patch",
        "set which jails start at boot; nothing is patched",
        "setup:patch",
        "[NAME...]",
        0,
        None,
        CHANGE,
        "FreeBSD's own rc.d/jail stays as it is: jail_enable and jail_list of rc.conf say which\n"
        "jails start, each from its own file, in this order. Without names: those that start\n"
        "now, else all of Jailer TUI's; an existing list is left alone.",
        changes=True,
    ),
    Command(
        "init bridge",
        "create bridge0 with an address, for jails with their own network",
        "setup:bridge",
        options=(_NET, *CHANGE),
        text="10.0.0.1/24, or the first private network that does not overlap any on this host.",
        changes=True,
    ),
    Command(
        "init nat",
        "set up forwarding, packet filter and NAT for jails on bridge0",
        "setup:nat",
        options=(_OUT, *CHANGE),
        changes=True,
    ),
    Command(
        "init dhcp",
        "set up a DHCP server on bridge0 only, and the devfs ruleset for its jails",
        "setup:dhcp",
        options=CHANGE,
        changes=True,
    ),
    Command(
        "init fix",
        "fix what `init info` reports: the named checks, or all",
        "setup:fix",
        "[CHECK...]",
        0,
        None,
        CHANGE,
        changes=True,
    ),
)

INIT = Command(
    "init",
    "set the host up: dataset, jailer_dir, jails at boot",
    "setup:init",
    options=(*_PLACE, *CHANGE),
    text="Shows what it will do and asks. What is already right is left alone. Afterwards:\n"
    "init bridge, init nat, init dhcp; init info shows what is set up and what is missing.",
    changes=True,
    below=_BELOW,
)
