"""Conditions on what runs: jails and processes.

A condition on what uses a resource of the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import Inventory
from jailer_core.needs import Needs
from jailer_core.parse import process_tables
from jailer_core.parse.base import first
from jailer_core.plan.conditions.base import JAIL_PROGRAMS, Condition, program
from jailer_core.plan.conditions.effects import keeps_jail_running
from jailer_core.plan.conditions.users import User, find_users, needs_of

NEW_JID = -1
"""In `JailRuns.jid`: the jid that was seen right after the step ran."""
LIST_JAILS = ("jls", "-d", "--libxo=json", "jid", "name", "dying")
"""Lists all jails (recording 04): a name may be hostile, so jls is not given one."""
LIST_PROCESSES = ("ps", "-ax", "-o", "jid,pid,command", "--libxo=json")
"""Lists all processes with their jails (recording 12)."""


class _RunningCondition(Condition):
    __slots__ = ()

    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS
    UNKNOWN: ClassVar[str] = "the processes could not be read"

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return program(argv) in self.PROGRAMS and not keeps_jail_running(argv)


@dataclass(frozen=True, slots=True)
class _OfJail(_RunningCondition):
    """One on the jail of that name."""

    name: str

    def query(self) -> tuple[str, ...]:
        return LIST_JAILS

    def needs(self) -> Needs:
        return Needs()


@dataclass(frozen=True, slots=True)
class JailRuns(_OfJail):
    """A jail of that name runs; with a jid: that very one (see NEW_JID)."""

    FAILURE: ClassVar[str] = "the jail {0.name} is not running, or is not the same one"

    jid: int | None = None

    def answer_of(self, stdout: str) -> bool:
        jid = jid_of(self.name, stdout)
        return jid is not None and self.jid in (None, jid)

    def holds(self, inventory: Inventory) -> bool | None:
        jail = inventory.jail(self.name)
        return jail is not None and jail.running and self.jid in (None, jail.jid)

    def implies(self, other: Condition) -> bool | None:
        match other:
            case JailRuns(name=self.name):
                return True if None in (self.jid, other.jid) else self.jid == other.jid
            case JailStopped(name=self.name):
                return False
        return None


@dataclass(frozen=True, slots=True)
class JailStopped(_OfJail):
    """No jail of that name runs (a dying one may remain)."""

    FAILURE: ClassVar[str] = "the jail {0.name} is running"

    def answer_of(self, stdout: str) -> bool:
        return jid_of(self.name, stdout) is None

    def holds(self, inventory: Inventory) -> bool | None:
        jail = inventory.jail(self.name)
        return jail is None or not jail.running

    def implies(self, other: Condition) -> bool | None:
        match other:
            case JailStopped(name=self.name):
                return True
            case JailRuns(name=self.name):
                return False
        return None


@dataclass(frozen=True, slots=True)
class ProcessRuns(_RunningCondition):
    """A process of that pid still runs that command; `running` False: it is gone.

    With a jid: it runs in that jail.
    """

    ANSWER: ClassVar[str] = "running"
    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS | {"kill"}

    pid: int
    command: str
    running: bool = True
    jid: int | None = None

    def query(self) -> tuple[str, ...]:
        return LIST_PROCESSES

    def answer_of(self, stdout: str) -> bool:
        process = first(process_tables.processes(stdout), lambda process: process.pid == self.pid)
        runs = (
            process is not None
            and self.jid in (None, process.jid)
            and same_command(process.command, self.command)
        )
        return runs is self.running

    def _failure(self) -> str:
        where = "" if self.jid is None else f" of the jail with jid {self.jid}"
        return f"process {self.pid} is no longer {self.command}{where}"


def jid_of(name: str, jls_output: str) -> int | None:
    """The jid of the running jail of that name, from the output of LIST_JAILS."""
    jail = first(
        process_tables.jails(jls_output), lambda jail: jail.name == name and not jail.dying
    )
    return None if jail is None else jail.jid


def same_command(line: str, command: str) -> bool:
    """Whether a command line is that command, or its program as fstat truncates it."""
    if line == command:
        return True
    program = line.split(" ", 1)[0].rpartition("/")[2].strip("[]:")
    return bool(command) and " " not in command and program.startswith(command)


_THINGS = {
    "ruleset": "the devfs ruleset {name}",
    "bridge": "the bridge {name}",
    "interface": "the interface {name}",
    "dataset": "the dataset {name}",
    "directory": "the directory {name}",
    "mount": "what is mounted on {name}",
    "mountpoint": "the directory of {name}",
    "package": "the package {name}",
    "boot": "the start of jails at boot",
    "forwarding": "the forwarding of packets",
    "anchors": "the packet filter",
    "zfs": "ZFS",
}


@dataclass(frozen=True, slots=True)
class NotInUse(Condition):
    """Nothing uses a thing of the host. What counts as a use, by `kind`: see users.py.

    `except_jails` are users that had nothing when it was made either, by name.
    """

    FAILURE: ClassVar[str] = "{0.thing} is in use"
    UNKNOWN: ClassVar[str] = "what uses {0.thing} could not be determined"

    kind: str
    name: str
    except_jails: tuple[str, ...] = ()

    def needs(self) -> Needs:
        return needs_of(self.kind, self.name)

    def users(self, inventory: Inventory) -> tuple[User, ...] | None:
        """Its users, without `except_jails`; None if unknown."""
        using = find_users(inventory, self.kind, self.name)
        if using is None:
            return None
        return tuple(user for user in using if user.name not in self.except_jails)

    def holds(self, inventory: Inventory) -> bool | None:
        using = self.users(inventory)
        return None if using is None else not using

    @property
    def thing(self) -> str:
        """The thing that is used, in words."""
        return _THINGS[self.kind].replace("{name}", self.name)
