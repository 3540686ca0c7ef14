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
        "NOTE shows what holds a snapshot, what is a clone of it, and which the policy took.",
    ),
    Command(
        "snap diff",
        "show what changed since a snapshot",
        "snapshot_list:diff",
        "NAME@SNAP [SNAP2]",
        (_LIMIT, JSON),
        "+ added, - removed, M modified, R renamed; until now, or until the later SNAP2.",
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
        summary="take a snapshot; list, compare, destroy them",
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
        text="The current state goes into the trash, and newer snapshots with it. Nothing is\n"
        "destroyed without --destroy. `rollback --undo NAME` brings the state back. A running\n"
        "jail is stopped first and started again.",
    ),
)
