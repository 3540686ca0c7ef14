"""What the words of the command line are made of: options, commands, and what options said."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    dataset: str = ""
    mountpoint: str = ""
    pool: str = ""
    defaults: bool = True
    address: str = ""
    size: str = ""
    interface: str = ""
    base: str = ""
    network: str = ""
    bridge: str = ""
    gateway: str = ""
    netmask: str = ""
    address6: str = ""
    gateway6: str = ""
    domain: str = ""
    resolver: str = ""
    quiet: bool = False
    copy: bool = False
    boot: bool = False
    before: str = ""
    memory: str = ""
    cpu: str = ""
    processes: str = ""
    note: str = ""
    mirror: str = ""
    alone: bool = False
    tag: str = ""
    hourly: str = ""
    daily: str = ""
    weekly: str = ""
    monthly: str = ""
    none: bool = False
    newer: bool = False
    undo: bool = False
    limit: str = ""
    silent: bool = False
    at_once: str = ""
    seconds: str = ""
    user: str = ""
    all: bool = False
    follow: bool = False
    lines: str = ""
    protocol: str = ""
    port: str = ""
    inside_port: str = ""
    index: str = ""
    every: bool = False
    ipv6: bool = False
    release: bool = False
    number: str = ""
    go_on: bool = False
    leave: bool = False
    end: bool = False
    old: bool = False
    strict: bool = False
    keep: bool = False
    keep_if: str = ""


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
    number of operands. `changes` tells that --read-only refuses it. `handed_on`: what stands
    behind `--` belongs to another program; the `--` stays, to tell where that begins. `same`
    is the command that this is only another word for.
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
    handed_on: bool = False
    same: str = ""
    below: tuple[Command, ...] = field(default=())

    @property
    def usage(self) -> str:
        """One line, as `jailer-tui destroy [options] NAME...`."""
        words = [PROGRAM, self.name]
        if self.below and not self.run:
            return " ".join([*words, "|".join(one.name.split()[-1] for one in self.below)])
        if self.options:
            words.append("[options]")
        return " ".join([*words, self.operands]).rstrip()


JSON = Option("json", "--json", "JSON instead of text", "-j")
DRY = Option("dry_run", "--dry-run", "show what would be done, and do nothing", "-D")
YES = Option("yes", "--yes", "do not ask", "-y")
START = Option("start", "--start", "start it afterwards, whether it ran before or not")
NO_START = Option("start", "--no-start", "do not start it", value=False)
STRICT = Option("strict", "--strict", "status 1 where everything is so already")
KEEP = Option("keep", "--keep", "keep a change that may cut this connection: you answer for it")
KEEP_IF = Option(
    "keep_if",
    "--keep-if",
    "keep such a change once COMMAND, run on the host, ends with status 0",
    takes="COMMAND",
)
CHANGE = (DRY, YES, STRICT, KEEP, KEEP_IF, JSON)
