"""Conditions on what is configured: commands, rules of the packet filter, rc.conf.

A condition on what a command prints.

A condition on the rules that the packet filter has loaded for a jail.

Conditions on variables of rc.conf.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from jailer_core.model import CommandResult, Inventory
from jailer_core.model.host import FILES, HOMES
from jailer_core.model.network import anchor
from jailer_core.needs import Needs
from jailer_core.parse import pf
from jailer_core.parse.pf import translation
from jailer_core.plan.conditions.base import JAIL_PROGRAMS, Condition, program
from jailer_core.text import command_line

_CHANGED_BY: dict[str, tuple[frozenset[str], int]] = {
    "sysctl": (frozenset({"sysctl", "service", "kldload", "kldunload"}), -1),
    "pkg": (frozenset({"pkg"}), -1),
    "zfs": (frozenset({"zfs", "zpool"}), -1),
    "rctl": (frozenset({"rctl"}), -1),
    "devfs": (frozenset({"devfs"}), 3),
}
"""Programs that change what a program tells, and which of its words says what it is asked about.

The same program changes it only where it names that.
"""


@dataclass(frozen=True, slots=True)
class CommandSucceeds(Condition):
    """A command that only looks ends with status 0, and prints exactly `text` when that is given.

    `succeeds` False: it does not. For what no other condition covers: modules, services, packages.
    `or_fails`: that it fails is right too, as when what it lists is not there at all.
    `contains`: the beginning of `text` alone is right too.
    `description` is the sentence for when it does not hold, in place of the command.
    """

    ANSWER: ClassVar[str] = "succeeds"

    argv: tuple[str, ...]
    text: str | None = None
    succeeds: bool = True
    or_fails: bool = field(default=False, repr=False)
    contains: bool = field(default=False, repr=False)
    description: str = field(default="", repr=False, compare=False)

    def query(self) -> tuple[str, ...]:
        return self.argv

    def answer(self, result: CommandResult) -> bool:
        if result.status != 0:
            return self.or_fails is self.succeeds
        right = self.text in (None, result.stdout) or (
            self.contains and (self.text or "").startswith(result.stdout)
        )
        return right is self.succeeds

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        asked = program(self.argv)
        if asked not in _CHANGED_BY or program(argv) in JAIL_PROGRAMS - {"service"}:
            return True
        programs, place = _CHANGED_BY[asked]
        names = any(self.argv[place] in word for word in argv)
        return program(argv) in programs and (names or program(argv) != asked)

    def affected_by_file(self, path: str) -> bool:
        return path in self.argv

    def _failure(self) -> str:
        return self.description or f"the result of {command_line(self.argv)} has changed"

    def describe_unknown(self) -> str:
        return f"{command_line(self.argv)} could not be run"


@dataclass(frozen=True, slots=True)
class RulesLoaded(Condition):
    """The anchor of a jail holds the rules of that text, a rule file or what pfctl printed.

    Rules of a form that is not made here count as equal: pfctl prints them in its own words.
    """

    ANSWER: ClassVar[str] = "text"
    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS | {"pfctl", "kldload", "kldunload"}
    FAILURE: ClassVar[str] = "the rules that are loaded for {0.jail} were changed"
    UNKNOWN: ClassVar[str] = "the rules that are loaded for {0.jail} could not be read"

    jail: str
    text: str

    def query(self) -> tuple[str, ...]:
        return ("pfctl", "-a", anchor(self.jail), "-s", "nat")

    def answer(self, result: CommandResult) -> bool | None:
        if result.status != 0:
            # without the module there is no /dev/pf (recording 06)
            nothing = pf.missing(result.stderr) or "No such file" in result.stderr
            return not _rules(self.text) if nothing else None
        loaded, expected = _rules(result.stdout), _rules(self.text)
        return len(loaded) == len(expected) and all(map(_equal, loaded, expected))

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        if program(argv) == "pfctl":
            return anchor(self.jail) in argv
        return program(argv) in self.PROGRAMS


def _rules(text: str) -> list[str]:
    """Its rules without comments; NAT before redirections, as pfctl lists them."""
    plain = (line.partition("#")[0].strip() for line in text.split("\n"))
    return sorted(filter(None, plain), key=lambda line: line.startswith("rdr"))


def _equal(loaded: str, expected: str) -> bool:
    rules = (translation(loaded), translation(expected))
    return None in rules or rules[0] == rules[1]


@dataclass(frozen=True, slots=True)
class _OfVariable(Condition):
    """One on a variable of rc.conf."""

    UNKNOWN: ClassVar[str] = "rc.conf could not be read"

    name: str

    def needs(self) -> Needs:
        return Needs()

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return program(argv) == "sysrc" and any(
            word.partition("=")[0].rstrip("+-") == self.name for word in argv
        )

    def affected_by_file(self, path: str) -> bool:
        return path.startswith((*FILES, *HOMES))


@dataclass(frozen=True, slots=True)
class RcVariableIs(_OfVariable):
    """rc.conf sets that variable to exactly that value; None: it does not set it.

    FreeBSD's defaults do not count.
    """

    value: str | None

    def accepts(self, value: str | None) -> bool:
        """Whether the value is equal, regardless of whitespace."""
        if value is None or self.value is None:
            return value == self.value
        return value.split() == self.value.split()

    def holds(self, inventory: Inventory) -> bool | None:
        if inventory.rc is None or inventory.rc_value(self.name) is None:
            return None
        return self.accepts(inventory.rc.get(self.name))

    def implies(self, other: Condition) -> bool | None:
        match other:
            case RcVariableIs(name=self.name) | RcListHasWord(name=self.name):
                return other.accepts(self.value)
        return None

    def _failure(self) -> str:
        expected = "unset" if self.value is None else f'"{self.value}"'
        return f"{self.name} of rc.conf is not {expected}"


@dataclass(frozen=True, slots=True)
class RcListHasWord(_OfVariable):
    """That variable of rc.conf is a list with that word in it; `present` False: it is not."""

    ANSWER: ClassVar[str] = "present"

    word: str
    present: bool = True

    def accepts(self, value: str | None) -> bool:
        """Whether a variable of that value has the word, or lacks it, as required."""
        return (self.word in (value or "").split()) is self.present

    def holds(self, inventory: Inventory) -> bool | None:
        value = inventory.rc_value(self.name)
        return None if value is None else self.accepts(value)

    def _failure(self) -> str:
        verb = "does not hold" if self.present else "holds"
        return f"{self.name} of rc.conf {verb} {self.word}"
