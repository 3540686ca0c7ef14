"""Conditions on variables of rc.conf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import Inventory
from jailer_core.model.rc_files import FILES, HOMES
from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import Condition, program


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
        """Whether a variable of that value has the word, or not, as it should."""
        return (self.word in (value or "").split()) is self.present

    def holds(self, inventory: Inventory) -> bool | None:
        value = inventory.rc_value(self.name)
        return None if value is None else self.accepts(value)

    def _failure(self) -> str:
        verb = "does not hold" if self.present else "holds"
        return f"{self.name} of rc.conf {verb} {self.word}"
