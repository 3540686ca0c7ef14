"""Operations on snapshots: what each can be asked for."""

from __future__ import annotations

from typing import Any

from jailer_core.operations import fields
from jailer_core.operations.jails.requests import STAMP
from jailer_core.operations.spec import (
    Confirm,
    Kind,
    Scope,
    Undo,
    operand,
    operation,
    option,
    provided,
)
from jailer_core.request import Danger, Request

KEEP = "keep"
"""The tag of a hold by default."""


@operation(
    "snap",
    command="snap",
    summary="take a snapshot of jails, with the datasets below them",
    label="Snapshot",
    help=(
        "Includes the datasets below the jail's. Without @SNAP, the name is the time (UTC); "
        "without NAME, all snapshots are listed. For a jail that is named like a subcommand: "
        "`snap -- list`."
    ),
    scope=Scope.JAILS,
    plan="snapshots.take:take",
    refusal="guards:require_dataset",
)
class SnapshotTake(Request):
    """Take a snapshot of a jail; `snapshot` is the part after the @ (see names.by_default)."""

    name: str = operand("Jail", kind=Kind.JAIL, metavar="NAME[@SNAP]", each=True)
    snapshot: str = provided("The part after the @, else the time.", label="Name")
    recursive: bool = fields.also_below()


@operation(
    "snapdestroy",
    command="snap destroy",
    summary="destroy snapshots for good",
    label="Destroy",
    help=(
        "Includes the snapshots of the same name on datasets below the jail's. It is refused "
        "while a snapshot is held or has clones."
    ),
    scope=Scope.SNAPSHOTS,
    danger=Danger.DESTROYS,
    undo=Undo.NEVER,
    plan="snapshots.remove:destroy",
    refusal="guards:require_dataset",
)
class SnapshotDestroy(Request):
    """Destroy snapshots for good, by their full names (`dataset@name`)."""

    snapshots: tuple[str, ...] = operand(
        "Snapshots", kind=Kind.SNAPSHOT, metavar="NAME@SNAP", many=True
    )
    recursive: bool = fields.also_below()


@operation(
    "snaphold",
    command="snap hold",
    summary="hold snapshots, so that they cannot be destroyed",
    label="Hold",
    scope=Scope.SNAPSHOTS,
    plan="snapshots.holds:hold",
    refusal="guards:require_dataset",
)
class SnapshotHold(Request):
    """Hold snapshots (full names) under a tag; until it is released they cannot be destroyed."""

    snapshots: tuple[str, ...] = operand(
        "Snapshots", kind=Kind.SNAPSHOT, metavar="NAME@SNAP", many=True
    )
    tag: str = option(
        "Tag",
        f"A word that says why (default {KEEP}); releasing it needs the same word.",
        "-t",
        "--tag",
        metavar="TAG",
        default=KEEP,
    )
    recursive: bool = fields.also_below()


@operation(
    "snaprelease",
    command="snap release",
    summary="release held snapshots",
    label="Release",
    scope=Scope.SNAPSHOTS,
    plan="snapshots.holds:release",
    refusal="guards:require_dataset",
)
class SnapshotRelease(Request):
    """Release holds on snapshots (full names); `tag` "" means the only one."""

    snapshots: tuple[str, ...] = operand(
        "Snapshots", kind=Kind.SNAPSHOT, metavar="NAME@SNAP", many=True
    )
    tag: str = option("Tag", "Which hold, if there are several.", "-t", "--tag", metavar="TAG")
    recursive: bool = fields.also_below()


@operation(
    "goback",
    summary="roll a jail back to a snapshot; its current state is kept",
    label="Roll back",
    scope=Scope.JAIL,
    confirm=Confirm.PLAN,
    undo=Undo.INVERSE,
    plan="snapshots.rollback:rollback",
    needs="snapshots.rollback_context:needs",
    refusal="guards:require_dataset",
)
class Rollback(Request):
    """Roll a jail back to a snapshot; its present state goes to the trash.

    `snapshot` is the part after the @. `start` None: running afterwards if it runs now.
    """

    name: str = operand("Jail", kind=Kind.JAIL, metavar="NAME@SNAP")
    snapshot: str = provided("The part after the @.")
    stamp: str = provided(STAMP)
    start: bool | None = fields.start_again()


@operation(
    "goforward",
    summary="undo a rollback: bring back the state from before it",
    label="Undo the rollback",
    scope=Scope.TRASH,
    confirm=Confirm.PLAN,
    undo=Undo.INVERSE,
    plan="snapshots.undo_rollback:undo_rollback",
)
class UndoRollback(Request):
    """Undo a rollback: the state in the trash (id of its entry, or the jail's name) comes back.

    The present state takes its place in the trash, so nothing is lost. `start` None: running
    afterwards if it runs now, or ran before the rollback.
    """

    entry: str = operand("Entry", kind=Kind.ENTRY)
    stamp: str = provided(STAMP)
    start: bool | None = fields.start_again()


@operation(
    "rollback",
    summary="zfs rollback: destroy everything that is newer than a snapshot",
    label="zfs rollback",
    scope=Scope.JAIL,
    danger=Danger.DESTROYS,
    undo=Undo.NEVER,
    plan="snapshots.rollback_destroy:rollback_destroy",
    needs="snapshots.rollback_context:needs",
    refusal="guards:require_dataset",
)
class RollbackDestroy(Request):
    """`zfs rollback -r`: everything newer is destroyed, including newer snapshots."""

    name: str = operand("Jail", kind=Kind.JAIL, metavar="NAME@SNAP")
    snapshot: str = provided("The part after the @.")
    start: bool | None = fields.start_again()


def _kept(kind: str) -> Any:
    """How many snapshots of a kind are kept."""
    help_text, flag = f"Number of {kind} snapshots to keep.", f"--{kind}"
    return option(kind.capitalize(), help_text, flag, kind=Kind.NUMBER, metavar="N", default=0)


@operation(
    "snappolicy",
    command="snap policy",
    summary="set how many snapshots of a jail are kept",
    label="Policy",
    help=(
        "Without an option, the policy is shown. Values that are not given are kept. The policy "
        "is stored with the jail's dataset (ZFS property jailer:keep) and applied by `snap auto`."
    ),
    scope=Scope.JAIL,
    plan="snapshots.retention:change",
    refusal="guards:require_dataset",
)
class SnapshotPolicy(Request):
    """Set how many snapshots of each kind `snap auto` keeps of a jail; all 0: no policy."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    hourly: int = _kept("hourly")
    daily: int = _kept("daily")
    weekly: int = _kept("weekly")
    monthly: int = _kept("monthly")


@operation(
    "snapschedule",
    command="snap schedule",
    summary="run `snap auto` hourly from cron",
    label="Schedule",
    help="The schedule is a file in /etc/cron.d. `show` prints the last and the next run.",
    plan="snapshots.schedule:schedule",
)
class SnapshotSchedule(Request):
    """Run `PROGRAM snap auto` hourly from cron, or stop doing so."""

    on: bool = operand("On", metavar="on|off")
    program: str = provided("The absolute path of the program.", default="")


@operation(
    "snapauto",
    command="snap auto",
    summary="take and remove snapshots as the policies say",
    label="Automatic snapshots",
    help=(
        "It removes only snapshots that a policy took, and never one that is held or has a clone. "
        "If runs were missed while the host was off, one snapshot is taken for them. Times are "
        "UTC."
    ),
    plan="snapshots.auto_snapshots:auto",
)
class SnapshotAuto(Request):
    """Take and remove what the policies say at `now` (seconds since 1970).

    `name` "": for all jails in one plan. `only` is take or remove, "" for both: if something
    cannot be removed, what was taken stays.
    """

    now: int = provided("The time in seconds since 1970.")
    name: str = provided("The jail, or all of them.", default="")
    only: str = provided("take or remove, or both.", default="")
