"""Commands about earlier changes: `activity`, `undo`."""

from __future__ import annotations

from jailer_core.operations.undo.requests import Prune, UndoChange
from jailer_tui.cli.command import DRY, JSON, PRODUCTION, YES, Command, Option
from jailer_tui.cli.derive import command

_NUMBER = Option("number", "--number", "show the last N changes (default 20)", "-n", takes="N")
_UNDO = Option("undo", "--undo", "undo it")
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
        options=(_UNDO, _GO_ON, _LEAVE, _END, DRY, YES, PRODUCTION, JSON),
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
