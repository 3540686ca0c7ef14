"""A condition on what a command prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from jailer_core.model import CommandResult
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
