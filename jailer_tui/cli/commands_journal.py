"""Commands about earlier changes: `activity`, `undo`."""

from __future__ import annotations

from jailer_core.operations.undo.requests import Prune, UndoChange
from jailer_tui.cli.command import DRY, JSON, YES, Command, Option
from jailer_tui.cli.derive import command

_NUMBER = Option("number", "--number", "show the last N changes (default 20)", "-n", takes="N")
_UNDO = Option("undo", "--undo", "undo what it did")
_GO_ON = Option("go_on", "--go-on", "resume it: do what is left")
_LEAVE = Option("leave", "--leave", "dismiss it: keep everything as it is, and ask no more")
_END = Option("end", "--end", "end a command of it that still runs, instead of waiting for it")

ACTIVITY = (
    Command(
        "activity show",
        "show one change with its steps and commands",
        "activity:show",
        "ENTRY",
        1,
        1,
        (JSON,),
    ),
    Command(
        "activity recover",
        "deal with an interrupted change",
        "activity:recover",
        options=(_UNDO, _GO_ON, _LEAVE, _END, DRY, YES, JSON),
        changes=True,
        text="A change is interrupted when the program, the connection or the host ends in the\n"
        "middle of it. Nothing else is changed until that is dealt with. Without an option this\n"
        "says what happened. A command that still runs is waited for.",
    ),
    command(Prune, "activity:prune"),
)

JOURNAL: tuple[Command, ...] = (
    Command(
        "activity",
        "list the changes made on this host: when, by whom, how each ended",
        "activity:listing",
        options=(_NUMBER, JSON),
        below=ACTIVITY,
        text="ENTRY is what the list shows. Only root can see it.",
    ),
    command(UndoChange, "activity:undo", operands="[ENTRY]", least=0),
)
