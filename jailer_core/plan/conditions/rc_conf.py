"""Conditions on variables of rc.conf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import Inventory
from jailer_core.model.rc_files import FILES, HOMES
from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import Condition, program


class _RcCondition(Condition):
    __slots__ = ()

    def needs(self) -> Needs:
        return Needs()

    def affected_by_file(self, path: str) -> bool:
        return path.startswith((*FILES, *HOMES))

    def _unknown(self) -> str:
        return "rc.conf could not be read"


@dataclass(frozen=True, slots=True)
class RcVariableIs(_RcCondition):
    """rc.conf sets that variable to exactly that value; None: it does not set it.

    FreeBSD's defaults do not count.
    """

    name: str
    value: str | None

    def accepts(self, value: str | None) -> bool:
        """Whether that is the value; how its words are set apart does not matter."""
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

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return _may_change(argv, self.name)

    def _failure(self) -> str:
        expected = "unset" if self.value is None else f'"{self.value}"'
        return f"{self.name} of rc.conf is not {expected}"


@dataclass(frozen=True, slots=True)
class RcListHasWord(_RcCondition):
    """That variable of rc.conf is a list with that word in it; `present` False: it is not."""

    ANSWER: ClassVar[str] = "present"

    name: str
    word: str
    present: bool = True

    def accepts(self, value: str | None) -> bool:
        """Whether a variable of that value has the word, or not, as it should."""
        return (self.word in (value or "").split()) is self.present

    def holds(self, inventory: Inventory) -> bool | None:
        value = inventory.rc_value(self.name)
        return None if value is None else self.accepts(value)

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return _may_change(argv, self.name)

    def _failure(self) -> str:
        verb = "does not hold" if self.present else "holds"
        return f"{self.name} of rc.conf {verb} {self.word}"


def _may_change(argv: tuple[str, ...], name: str) -> bool:
    return program(argv) == "sysrc" and any(
        word.partition("=")[0].rstrip("+-") == name for word in argv
    )
