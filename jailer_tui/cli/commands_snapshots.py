"""Commands about snapshots."""

from __future__ import annotations

from jailer_core.operations.snapshots import requests as snapshots
from jailer_tui.cli.command import JSON, Command, Option
from jailer_tui.cli.derive import command

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
        "snapshot_list:listing",
        "[NAME...]",
        (JSON,),
        "NOTE shows the holds and the clones of a snapshot, and whether a policy took it.",
    ),
    Command(
        "snap diff",
        "show what changed since a snapshot",
        "snapshot_list:diff",
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
