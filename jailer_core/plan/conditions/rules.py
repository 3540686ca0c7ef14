"""A condition on the rules that the packet filter has loaded for a jail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import CommandResult
from jailer_core.model.firewall import anchor
from jailer_core.parse import pf
from jailer_core.parse.translations import translation
from jailer_core.plan.conditions.base import JAIL_PROGRAMS, Condition, program


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
