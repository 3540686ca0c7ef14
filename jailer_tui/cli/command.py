"""The building blocks of the command line: options, commands, and parsed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from jailer_core.errors import UsageError
from jailer_core.request import Request
from jailer_core.text import sanitize

PROGRAM = "jailer-tui"


@dataclass(frozen=True, slots=True)
class Flags:
    """What the options said.

    The fields are options of the program as a whole and of every change; `given` holds what
    belongs to one command, by the names that its options declare. `demo` and `state` are "" when
    not given.
    """

    json: bool = False
    dry_run: bool = False
    yes: bool = False
    strict: bool = False
    keep: bool = False
    keep_if: str = ""
    demo: str = ""
    state: str = ""
    hosts: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    read_only: bool = False
    mouse: bool = True
    low_bandwidth: bool = False
    ascii: bool = False
    help: bool = False
    version: bool = False
    given: Mapping[str, str | bool] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value of an option of this command, or ""."""
        return str(self.given.get(name, ""))

    def on(self, name: str) -> bool:
        """Whether a switch of this command was given."""
        return bool(self.given.get(name, False))

    def number(self, name: str, default: int, allowed: range, complaint: str, hint: str) -> int:
        """The value of an option that is a number. Raises UsageError, with its text in {}."""
        text = self.text(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) not in allowed:
            raise UsageError(complaint.format(sanitize(text)), hint)
        return int(text)


GLOBAL = frozenset(field.name for field in fields(Flags)) - {"given"}
"""Options that every command may have."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: what `field` names becomes `value`, or what is given when `takes` says so.

    `takes` is the word for the value in help, `choices` what it may be (any when empty).
    `optional` is what the field becomes when an optional value is left out. One that is `repeated`
    has all the values that were given.
    """

    field: str
    long: str
    help: str
    short: str = ""
    value: bool = True
    takes: str = ""
    choices: tuple[str, ...] = ()
    optional: str = ""
    repeated: bool = False

    @property
    def shown(self) -> str:
        """The option as shown in help: `-j, --json`, `--state FILE`."""
        words = f"{self.short}, {self.long}" if self.short else f"    {self.long}"
        if self.optional:
            return f"{words} [{self.takes}]"
        if self.choices:
            return f"{words}={self.takes}"
        return f"{words} {self.takes}" if self.takes else words


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words, what it takes, and the function that runs it.

    `run` is `module:function` below this package, imported when it is wanted. `operands` tells how
    many there are: [one that may be left out], any number... `changes` tells that --read-only
    refuses it. `handed_on`: what is after `--` belongs to another program; the `--` stays, to tell
    where that begins. `aliases` are other words for its last one, which help does not show.
    `request` is the operation that it is derived from (derive.py). `may_be_empty` are the operands,
    by position, that may be "". `signed`: a word that begins with - is an operand, unless it is one
    of its options. `unshown`: how many more operands than help shows.
    """

    name: str
    summary: str
    run: str = ""
    operands: str = ""
    options: tuple[Option, ...] = ()
    text: str = ""
    changes: bool = False
    handed_on: bool = False
    aliases: tuple[str, ...] = ()
    below: tuple[Command, ...] = field(default=())
    request: type[Request] | None = field(default=None, repr=False)
    may_be_empty: tuple[int, ...] = ()
    signed: bool = False
    unshown: int = 0

    @property
    def least(self) -> int:
        """How many operands it needs."""
        needed = [word for word in self.operands.split() if not word.startswith("[")]
        return 0 if self.handed_on else len(needed)

    @property
    def most(self) -> int | None:
        """How many operands it may have; None for any number."""
        if self.handed_on or "..." in self.operands:
            return None
        return len(self.operands.split()) + self.unshown

    @property
    def words(self) -> tuple[str, ...]:
        """Its last word, with the aliases."""
        return (self.name.split()[-1], *self.aliases)

    @property
    def usage(self) -> str:
        """The usage line: `jailer-tui destroy [options] NAME...`."""
        words = [PROGRAM, self.name]
        if self.below and not self.run:
            return " ".join([*words, "|".join(command.name.split()[-1] for command in self.below)])
        if self.options:
            words.append("[options]")
        return " ".join([*words, self.operands]).rstrip()


JSON = Option("json", "--json", "JSON instead of text", "-j")
DRY = Option("dry_run", "--dry-run", "show what would be done, but change nothing", "-D")
YES = Option("yes", "--yes", "do not ask for confirmation", "-y")
PRODUCTION = Option(
    "production",
    "--production",
    "with --yes: destroy on HOST even though it is marked as production",
    takes="HOST",
    repeated=True,
)
STRICT = Option("strict", "--strict", "exit with status 1 if nothing had to be changed")
KEEP = Option("keep", "--keep", "keep a change that may cut this connection, without confirmation")
KEEP_IF = Option(
    "keep_if",
    "--keep-if",
    "keep such a change if COMMAND, run on the host, succeeds",
    takes="COMMAND",
)
STOP = Option("stop_early", "--stop-on-failure", "after a failure, skip the rest")
CHANGE = (DRY, YES, PRODUCTION, STRICT, KEEP, KEEP_IF, JSON)
