"""Words about what was changed: `activity`, `undo`."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, DRY, JSON, YES, Command, Option

_NUMBER = Option("number", "--number", "show only the last N changes (default 20)", "-n", takes="N")
_UNDO = Option("undo", "--undo", "take back what it did")
_GO_ON = Option("go_on", "--go-on", "do what is left of it")
_LEAVE = Option("leave", "--leave", "leave everything as it is, and ask no more")
_END = Option("end", "--end", "end a command of it that still runs, instead of waiting for it")

ACTIVITY = (
    Command(
        "activity show",
        "one change with its steps and commands",
        "activity:show",
        "ENTRY",
        1,
        1,
        (JSON,),
    ),
    Command(
        "activity recover",
        "deal with a change that was cut off in the middle",
        "activity:recover",
        options=(_UNDO, _GO_ON, _LEAVE, _END, DRY, YES, JSON),
        changes=True,
        text="A change is cut off when the program, the connection or the host ends in the\n"
        "middle of it. Until that is dealt with nothing else is changed. Without an option it\n"
        "says what happened. A command that still runs is waited for.",
    ),
    Command(
        "activity prune",
        "remove the records of old changes",
        "activity:prune",
        options=CHANGE,
        changes=True,
        text="Old is what `journal_days` of the settings says; nothing is ever removed by itself.\n"
        "What was removed can no longer be undone.",
    ),
)

JOURNAL: tuple[Command, ...] = (
    Command(
        "activity",
        "what was changed on this host: when, by whom, how it ended",
        "activity:listing",
        options=(_NUMBER, JSON),
        below=ACTIVITY,
        text="ENTRY is what the list shows. Only root can see it.",
    ),
    Command(
        "undo",
        "take back the last change, or the one of that entry",
        "activity:undo",
        "[ENTRY]",
        0,
        1,
        CHANGE,
        "The plan is made of what was done then and of the host as it is now; it is refused\n"
        "when that does not fit any more. `activity` shows the entries.",
        changes=True,
    ),
)
