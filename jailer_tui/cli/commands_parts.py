"""Commands about the network, snapshots, settings and earlier changes.

Commands about the network: interfaces, bridges, addresses, NAT and redirects.

Commands about snapshots.

Commands about the settings of a jail that exists, its mounts and its datasets.

Commands about earlier changes: `activity`, `undo`.
"""

from __future__ import annotations

from dataclasses import replace

from jailer_core.operations.delegation.requests import DatasetGive, DatasetTake
from jailer_core.operations.images.requests import NetworkUse
from jailer_core.operations.mounts.requests import MountAdd, MountChange, MountRemove
from jailer_core.operations.network.bridges import requests as bridges
from jailer_core.operations.network.translations import requests as nat
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.operations.setup.requests import CountResources
from jailer_core.operations.snapshots import requests as snapshots
from jailer_core.operations.undo.requests import Prune, UndoChange
from jailer_tui.cli.command import DRY, JSON, PRODUCTION, YES, Command, Option
from jailer_tui.cli.derive import command

NETWORK = (
    Command(
        "network show",
        "show what is connected to what: interfaces, bridges, jails, addresses",
        "network:show",
        options=(JSON,),
        text=(
            "A tree of the host's interfaces, bridges and jails, followed by the problems found. "
            "An epair is shown with the jail at its other end and the addresses of that end. JSON "
            "also has routes, counters, forwarding, and what is seen inside jails; null means "
            "unknown."
        ),
    ),
    command(
        NetworkUse,
        "image:network",
        summary="set the default network type of new jails, or show it",
        operands="[TYPE]",
        text="TYPE is eb, new or inherit: see `help create`.",
    ),
    Command(
        "network keep",
        "confirm a pending network change, so that it is kept",
        "confirm:keep",
        changes=True,
        text=(
            "A change that may cut your connection is reverted by the host after 60 seconds "
            "unless you confirm it: with a key where the change was made, or with this command "
            "over any other connection. A script gives an option to the change itself: --keep "
            "keeps it at once, and --keep-if 'ping -c 1 192.0.2.1' keeps it as soon as that "
            "command succeeds. The exit status is 1 if there was nothing left to confirm."
        ),
    ),
)

NAT = (
    Command("nat list", "list the NAT of jails, with counters", "nat:listing", "[NAME]", (JSON,)),
    command(nat.NatAdd),
    command(nat.NatRemove, aliases=("del",)),
    command(nat.LoadRules),
    command(nat.ImportRules),
)

RDR = (
    Command("rdr list", "list redirects to jails, with counters", "nat:listing", "[NAME]", (JSON,)),
    command(nat.RedirectAdd),
    command(nat.RedirectRemove, "nat:rdr_destroy", aliases=("del",)),
)

BRIDGE = (
    Command(
        "bridge list",
        "list bridges, with addresses, members and jails",
        "network:listing",
        options=(JSON,),
    ),
    command(bridges.BridgeAdd, "network:add"),
    command(bridges.BridgeChange, "network:change"),
    command(bridges.BridgeRemove, aliases=("remove",)),
    command(bridges.MemberAdd),
    command(bridges.MemberRemove),
)

NET: tuple[Command, ...] = (
    Command("nat", "list, add or destroy NAT of jails", below=NAT),
    Command("rdr", "list, add or destroy redirects to jails", below=RDR),
    Command(
        "network", "show what is connected to what; set how new jails are connected", below=NETWORK
    ),
    Command("bridge", "list, add, change or destroy bridges", below=BRIDGE),
    command(bridges.AddressChange),
)


_ALL = Option("all", "--all", "snapshot all jails that Jailer TUI manages", "-a")
_LIMIT = Option("limit", "--limit", "stop after N changes", "-l", takes="N")
_NONE = Option("none", "--none", "remove the policy")
_NEWER = Option("newer", "--destroy", "plain zfs rollback: destroy everything that is newer")
_UNDO = Option("undo", "--undo", "undo the rollback: bring back the state from before it")
_SILENT = Option("silent", "--quiet", "print errors only", "-q")

_BELOW = (
    Command(
        "snap list",
        "list snapshots of jails",
        "snapshots:listing",
        "[NAME...]",
        (JSON,),
        "NOTE shows the holds and the clones of a snapshot, and whether a policy took it.",
    ),
    Command(
        "snap diff",
        "show what changed since a snapshot",
        "snapshots:diff",
        "NAME@SNAP [SNAP2]",
        (_LIMIT, JSON),
        "Shows the changes up to now, or up to the later SNAP2: + added, - removed, M modified, R "
        "renamed.",
    ),
    command(snapshots.SnapshotDestroy),
    command(snapshots.SnapshotHold),
    command(snapshots.SnapshotRelease),
    command(snapshots.SnapshotPolicy, "retention:policy", operands="[NAME...]", options=(_NONE,)),
    command(snapshots.SnapshotSchedule, "retention:schedule", operands="[on|off|show]"),
    command(snapshots.SnapshotAuto, "retention:auto", options=(_SILENT,)),
)

SNAP: tuple[Command, ...] = (
    command(
        snapshots.SnapshotTake,
        "snapshots:take",
        summary="take snapshots; list, compare or destroy them",
        operands="[NAME[@SNAP]...]",
        options=(_ALL,),
        below=_BELOW,
        aliases=("snapshot",),
    ),
    command(
        snapshots.Rollback,
        "snapshots:rollback",
        name="rollback",
        options=(_NEWER, _UNDO),
        text=(
            "The current state goes into the trash, and newer snapshots with it. Nothing is "
            "destroyed without --destroy. `rollback --undo NAME` brings it back. A running jail "
            "is stopped first and started again afterwards."
        ),
    ),
)


SETTINGS = (
    Command(
        "limits",
        "show resource usage and limits of jails, or set limits",
        "jail_settings:show",
        "[NAME|PATTERN|@TAG...]",
        (JSON,),
        "Without a NAME, all jails are shown; with one NAME, each of its limits. AT START is what "
        "the configuration sets at every start. In JSON, amounts are numbers; null means that "
        "there is no limit, or that it is unknown.",
        below=(command(SetLimits), command(CountResources, name="limits enable")),
    ),
    Command(
        "get",
        "show the parameters of a jail: configured, running, default",
        "jail_settings:get",
        "NAME [PARAMETER]",
        (JSON,),
        "With a PARAMETER, also shows what it permits and its risks.",
    ),
    command(SetParameters),
)


_MOUNT_LIST = Command(
    "mount list",
    "list what is mounted inside jails",
    "jail_settings:listing",
    "[NAME|PATTERN|@TAG...]",
    (JSON,),
    "`not mounted`: configured, but not mounted. `dataset`: a ZFS dataset that is mounted there.\n"
    "`foreign`: mounted there, but not by the configuration of the jail.",
)

MOUNTS = replace(
    _MOUNT_LIST,
    name="mount",
    summary="list, add, change or remove mounts inside jails",
    below=(_MOUNT_LIST, command(MountAdd), command(MountChange), command(MountRemove)),
)

DATASETS = Command(
    "dataset",
    "give datasets to jails, or take them away",
    below=(command(DatasetGive), command(DatasetTake)),
)


_NUMBER = Option("number", "--number", "show the last N changes (default 20)", "-n", takes="N")
_UNDO_HELP = Option("undo", "--undo", "undo it")
_GO_ON = Option("go_on", "--go-on", "resume it: run the remaining steps")
_LEAVE = Option("leave", "--leave", "dismiss it: keep everything as it is and do not ask again")
_END = Option("end", "--end", "terminate its running command instead of waiting for it")

ACTIVITY = (
    Command(
        "activity show",
        "show one change with its steps and commands",
        "activity:show",
        "ENTRY",
        (JSON,),
    ),
    Command(
        "activity recover",
        "resolve an interrupted change",
        "activity:recover",
        options=(_UNDO_HELP, _GO_ON, _LEAVE, _END, DRY, YES, PRODUCTION, JSON),
        changes=True,
        text=(
            "A change is interrupted when the program, the connection or the host fails in the "
            "middle of it. Nothing else can be changed until it is resolved. Without an option "
            "this shows what happened. If one of its commands is still running, this waits for it."
        ),
    ),
    command(Prune, "activity:prune"),
)

JOURNAL: tuple[Command, ...] = (
    Command(
        "activity",
        "list the changes made on this host: when, by whom, result",
        "activity:listing",
        options=(_NUMBER, JSON),
        below=ACTIVITY,
        text="ENTRY is the first column of the list. Only root can see the list.",
    ),
    command(UndoChange, "activity:undo", operands="[ENTRY]"),
)
