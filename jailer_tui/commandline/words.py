"""The words of the command line, declared once: parser, help and README are made of them."""

from __future__ import annotations

from jailer_tui.commandline.init_words import INIT
from jailer_tui.commandline.inside_words import INSIDE
from jailer_tui.commandline.journal_words import JOURNAL
from jailer_tui.commandline.making_words import CREATE, MAKING
from jailer_tui.commandline.net_words import NET
from jailer_tui.commandline.snap_words import SNAP
from jailer_tui.commandline.word import (
    CHANGE,
    JSON,
    NO_START,
    PROGRAM,
    START,
    Command,
    Flags,
    Option,
)
from jailer_tui.hosts import DEFAULT, SCENARIOS

__all__ = ["ANYWHERE", "COMMANDS", "PROGRAM", "SCREEN", "Command", "Flags", "Option"]


_FORCE = Option("force", "--force", "unmount what is busy by force", "-f")
_PURGE = Option("purge", "--purge", "for good, not into the trash")
_KILL = Option("kill", "--kill", "end the host's processes that hold its files")
_PROMOTE = Option("promote", "--promote", "first free what is a clone of it")
_OLD = Option("old", "--old", "everything that lies there for too long")
_FILE = Option("file", "--file", "take the new text from FILE (- is standard input)", takes="FILE")

ANYWHERE = (
    Option(
        "demo",
        "--demo",
        f"work on a simulated host: {', '.join(SCENARIOS)} (default {DEFAULT})",
        takes="SCENARIO",
        choices=SCENARIOS,
        optional=DEFAULT,
    ),
    Option("state", "--state", "keep the simulated host in FILE from call to call", takes="FILE"),
    Option("read_only", "--read-only", "change nothing, whatever is asked for"),
    Option("help", "--help", "this help; with a command, that command's", "-h"),
)

SCREEN = (
    Option(
        "mouse",
        "--mouse",
        "whether the screen takes the mouse",
        takes="on|off",
        choices=("on", "off"),
    ),
    Option("low_bandwidth", "--low-bandwidth", "fewer colours, frames and refreshes"),
    Option("ascii", "--ascii", "no characters beyond ASCII for lines and marks"),
    Option("version", "--version", "the version", "-V"),
)

TRASH = (
    Command("trash list", "destroyed jails that can come back", "trash:listing", options=(JSON,)),
    Command(
        "trash restore",
        "bring destroyed jails back",
        "trash:restore",
        "ENTRY...",
        1,
        None,
        (*CHANGE, START, NO_START),
        "ENTRY is what `trash list` shows, or the jail's name when it is there only once.\n"
        "A jail that ran when it was destroyed is started again.",
        changes=True,
    ),
    Command(
        "trash purge",
        "destroy entries of the trash for good",
        "trash:purge",
        "[ENTRY...]",
        0,
        None,
        (*CHANGE, _PROMOTE, _OLD),
        "This cannot be undone. Refused while other jails are clones of it; --promote makes\n"
        "them independent first. Old is what `trash_days` of the settings says (30 when it says\n"
        "nothing); nothing is ever purged by itself.",
        changes=True,
    ),
)

COMMANDS = (
    INIT,
    CREATE,
    Command(
        "list",
        "all jails of the host",
        "listing:show",
        options=(JSON,),
        text='In JSON, `state` is "Active" or "Stopped"; `status` is running, dying or stopped:\n'
        "a dying jail has stopped, but the kernel still holds something of it. Values of name\n"
        'to gateway are strings, "-" for none and "?" for not known; the others are null when\n'
        "they are not known.",
    ),
    Command("info", "everything about one jail", "listing:info", "NAME", 1, 1, (JSON,)),
    Command(
        "start",
        "start jails",
        "changing:start",
        "NAME...",
        1,
        None,
        CHANGE,
        "A start that fails is undone.",
        changes=True,
    ),
    Command("stop", "stop jails", "changing:stop", "NAME...", 1, None, CHANGE, changes=True),
    Command(
        "restart",
        "stop and start jails",
        "changing:restart",
        "NAME...",
        1,
        None,
        CHANGE,
        changes=True,
    ),
    Command(
        "startall",
        "start all jails of ours that do not run",
        "changing:startall",
        options=CHANGE,
        changes=True,
        text="In the order in which they start at boot. Jails of other managers are left alone.",
    ),
    Command(
        "stopall",
        "stop all jails of ours that run",
        "changing:stopall",
        options=CHANGE,
        changes=True,
        text="Each with the file that it was started with, in reverse order. Jails of other\n"
        "managers are left alone.",
    ),
    Command(
        "destroy",
        "stop jails and move them to the trash",
        "changing:destroy",
        "NAME...",
        1,
        None,
        (_FORCE, _PURGE, _KILL, *CHANGE),
        "Shows what it will do and asks for the jail's name. `trash restore` brings it back.",
        changes=True,
    ),
    *INSIDE,
    *SNAP,
    *MAKING,
    *NET,
    Command("trash", "list, restore or purge destroyed jails", below=TRASH),
    Command(
        "edit",
        "change a jail's configuration in $EDITOR",
        "edit:edit",
        "NAME",
        1,
        1,
        (_FILE, *CHANGE),
        "The change is shown and checked before the file is replaced.",
        changes=True,
    ),
    *JOURNAL,
    Command("version", "the version", "usage:version"),
    Command("help", "help on a command", "usage:show", "[COMMAND]", 0, 2),
)
