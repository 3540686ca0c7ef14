"""Operations on earlier changes: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations.spec import Confirm, Kind, Scope, Undo, operand, operation, provided
from jailer_core.request import Request


@operation(
    "undo",
    command="undo",
    summary="undo the last change, or the change ENTRY",
    label="Undo",
    help=(
        "The plan is made from the journal and from the host as it is now. It is refused if the "
        "host has changed in a way that makes it unsafe. `activity` shows the entries. If one "
        "command changed several jails, all of it is undone, the newest change first, up to the "
        "first that is refused. With ENTRY, only that change is undone."
    ),
    scope=Scope.CHANGE,
    confirm=Confirm.PLAN,
    plan="undo.undo:undo",
    configures=True,
)
class UndoChange(Request):
    """Undo a change; `entry` is its journal id."""

    entry: str = operand("Entry", kind=Kind.ENTRY, metavar="[ENTRY]")
    stamp: str = provided("The time as letters and digits, for what goes into the trash.")


@operation(
    "go-on",
    summary="resume an interrupted change",
    label="Resume",
    scope=Scope.CHANGE,
    confirm=Confirm.PLAN,
    plan="undo.undo:go_on",
    configures=True,
)
class Resume(Request):
    """Run the remaining steps of an interrupted change."""

    entry: str = operand("Entry", kind=Kind.ENTRY, metavar="ENTRY")


@operation(
    "prune",
    command="activity prune",
    summary="remove the records of old changes",
    label="Remove old records",
    help="The setting `journal_days` says what is old. Nothing is ever removed automatically. A\n"
    "change whose record was removed can no longer be undone.",
    confirm=Confirm.PLAN,
    undo=Undo.NEVER,
    plan="undo.prune:prune",
)
class Prune(Request):
    """Remove records of changes; `paths` are files of the journal that are finished and old."""

    paths: tuple[str, ...] = provided("The records.")
    days: int = provided("The age in days from which a record is old.")
