"""The words of the command line, declared once: parser, help and README are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from jailer_tui.hosts import DEFAULT, SCENARIOS

PROGRAM = "jailer-tui"


@dataclass(frozen=True, slots=True)
class Flags:
    """What the options said. `demo` and `state` are "" when not given; `start` None likewise."""

    json: bool = False
    dry_run: bool = False
    yes: bool = False
    demo: str = ""
    state: str = ""
    read_only: bool = False
    mouse: bool = True
    low_bandwidth: bool = False
    ascii: bool = False
    help: bool = False
    version: bool = False
    force: bool = False
    purge: bool = False
    kill: bool = False
    start: bool | None = None
    promote: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `field` of Flags becomes `value`, or what is given when `takes` says so.

    `takes` is the word for the value in help, `choices` what it may be (any when empty).
    `optional` is what the field becomes when an optional value is left out.
    """

    field: str
    long: str
    help: str
    short: str = ""
    value: bool = True
    takes: str = ""
    choices: tuple[str, ...] = ()
    optional: str = ""

    @property
    def shown(self) -> str:
        """As it stands in help: `-j, --json`, `--state FILE`."""
        words = f"{self.short}, {self.long}" if self.short else f"    {self.long}"
        if self.optional:
            return f"{words} [{self.takes}]"
        if self.choices:
            return f"{words}={self.takes}"
        return f"{words} {self.takes}" if self.takes else words


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words, what it takes, and the function that carries it out.

    `run` is `module:function` below this package, imported when it is wanted. `most` None: any
    number of operands. `changes` tells that --read-only refuses it.
    """

    name: str
    summary: str
    run: str = ""
    operands: str = ""
    least: int = 0
    most: int | None = 0
    options: tuple[Option, ...] = ()
    text: str = ""
    changes: bool = False
    below: tuple[Command, ...] = field(default=())

    @property
    def usage(self) -> str:
        """One line, as `jailer-tui destroy [options] NAME...`."""
        words = [PROGRAM, self.name]
        if self.below:
            return " ".join([*words, "|".join(one.name.split()[-1] for one in self.below)])
        if self.options:
            words.append("[options]")
        return " ".join([*words, self.operands]).rstrip()


_JSON = Option("json", "--json", "JSON instead of text", "-j")
_DRY = Option("dry_run", "--dry-run", "show what would be done, and do nothing", "-D")
_YES = Option("yes", "--yes", "do not ask", "-y")
_FORCE = Option("force", "--force", "unmount what is busy by force", "-f")
_PURGE = Option("purge", "--purge", "for good, not into the trash")
_KILL = Option("kill", "--kill", "end the host's processes that hold its files")
_START = Option("start", "--start", "start it afterwards, whether it ran before or not")
_NO_START = Option("start", "--no-start", "do not start it", value=False)
_PROMOTE = Option("promote", "--promote", "first free what is a clone of it")
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

_CHANGE = (_DRY, _YES, _JSON)

TRASH = (
    Command("trash list", "destroyed jails that can come back", "trash:listing", options=(_JSON,)),
    Command(
        "trash restore",
        "bring destroyed jails back",
        "trash:restore",
        "ENTRY...",
        1,
        None,
        (*_CHANGE, _START, _NO_START),
        "ENTRY is what `trash list` shows, or the jail's name when it is there only once.\n"
        "A jail that ran when it was destroyed is started again.",
        changes=True,
    ),
    Command(
        "trash purge",
        "destroy entries of the trash for good",
        "trash:purge",
        "ENTRY...",
        1,
        None,
        (*_CHANGE, _PROMOTE),
        "This cannot be undone. Refused while other jails are clones of it; --promote makes\n"
        "them independent first.",
        changes=True,
    ),
)

COMMANDS = (
    Command(
        "list",
        "all jails of the host",
        "listing:show",
        options=(_JSON,),
        text='In JSON, `state` is "Active" or "Stopped"; `status` is running, dying or stopped:\n'
        "a dying jail has stopped, but the kernel still holds something of it. Values of name\n"
        'to gateway are strings, "-" for none and "?" for not known; the others are null when\n'
        "they are not known.",
    ),
    Command("info", "everything about one jail", "listing:info", "NAME", 1, 1, (_JSON,)),
    Command(
        "start",
        "start jails",
        "changing:start",
        "NAME...",
        1,
        None,
        _CHANGE,
        "A start that fails is undone.",
        changes=True,
    ),
    Command("stop", "stop jails", "changing:stop", "NAME...", 1, None, _CHANGE, changes=True),
    Command(
        "restart",
        "stop and start jails",
        "changing:restart",
        "NAME...",
        1,
        None,
        _CHANGE,
        changes=True,
    ),
    Command(
        "startall",
        "start all jails of ours that do not run",
        "changing:startall",
        options=_CHANGE,
        changes=True,
        text="In the order in which they start at boot. Jails of other managers are left alone.",
    ),
    Command(
        "stopall",
        "stop all jails of ours that run",
        "changing:stopall",
        options=_CHANGE,
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
        (_FORCE, _PURGE, _KILL, *_CHANGE),
        "Shows what it will do and asks for the jail's name. `trash restore` brings it back.",
        changes=True,
    ),
    Command("trash", "list, restore or purge destroyed jails", below=TRASH),
    Command(
        "edit",
        "change a jail's configuration in $EDITOR",
        "edit:edit",
        "NAME",
        1,
        1,
        (_FILE, *_CHANGE),
        "The change is shown and checked before the file is replaced.",
        changes=True,
    ),
    Command("version", "the version", "usage:version"),
    Command("help", "help on a command", "usage:show", "[COMMAND]", 0, 2),
)
