"""Conditions on what a running jail may do: its limits, its CPUs, its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import CommandResult
from jailer_core.parse import jail_settings, jailconf
from jailer_core.plan.conditions.base import JAIL_PROGRAMS, Condition, program
from jailer_core.plan.conditions.effects import keeps_jail_running


@dataclass(frozen=True, slots=True)
class LimitIs(Condition):
    """The one rule of rctl(8) about a resource of a jail is `amount`; "" for no rule.

    `action` is what happens beyond it: deny or throttle.
    """

    ANSWER: ClassVar[str] = "amount"
    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS | {"rctl"}
    FAILURE: ClassVar[str] = "the limit on {0.resource} of {0.jail} has changed"
    UNKNOWN: ClassVar[str] = "the limits of {0.jail} could not be read"

    jail: str
    resource: str
    action: str
    amount: str

    def query(self) -> tuple[str, ...]:
        return ("rctl", f"jail:{self.jail}")

    def answer(self, result: CommandResult) -> bool | None:
        rules = jail_settings.listed_amounts(result.status, result.stdout, result.stderr)
        if rules is None:
            return None
        amounts = jail_settings.amounts(rules, self.resource, self.action)
        return amounts == ((self.amount,) if self.amount else ())

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        if program(argv) == "rctl":
            rule = f"jail:{self.jail}:{self.resource}:"
            return any(rule.startswith(f"{word}:") or word.startswith(rule) for word in argv)
        if argv[:2] == ("bastille", "limits"):
            return self.jail in argv
        return program(argv) in self.PROGRAMS and not keeps_jail_running(argv)


@dataclass(frozen=True, slots=True)
class CpusAre(Condition):
    """A running jail may use exactly these CPUs, as `cpuset -l` takes them: 0-2,5."""

    ANSWER: ClassVar[str] = "cpus"
    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS | {"cpuset"}
    FAILURE: ClassVar[str] = "the CPUs of {0.jail} have changed"
    UNKNOWN: ClassVar[str] = "the CPUs of {0.jail} could not be read"

    jail: str
    cpus: str

    def query(self) -> tuple[str, ...]:
        return ("cpuset", "-g", "-j", self.jail)

    def answer_of(self, stdout: str) -> bool:
        return jail_settings.cpu_ranges(jail_settings.cpu_mask(stdout)) == self.cpus


@dataclass(frozen=True, slots=True)
class ParameterIs(Condition):
    """A parameter of a running jail has that value: "true", "false", text, or a list by commas.

    jls is asked for all jails, since a name may be hostile.
    """

    ANSWER: ClassVar[str] = "value"
    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS
    UNKNOWN: ClassVar[str] = "{0.parameter} of {0.jail} could not be read"

    jail: str
    parameter: str
    value: str

    def query(self) -> tuple[str, ...]:
        return ("jls", "-d", "--libxo=json", "jid", "name", "dying", self.parameter)

    def answer_of(self, stdout: str) -> bool:
        for jail in jail_settings.running_parameters(stdout).entire():
            if jail.get("name") == self.jail and jail.get("dying") == "false":
                return jail.get(self.parameter) == self.value
        return False

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        if argv[:2] == ("jail", "-m"):
            return f"name={self.jail}" in argv and any(
                word.startswith(f"{self.parameter}=") for word in argv
            )
        return program(argv) in self.PROGRAMS and not keeps_jail_running(argv)

    def _failure(self) -> str:
        return f"{self.parameter} of {self.jail} is not {self.value or 'empty'}"


@dataclass(frozen=True, slots=True)
class ConfiguredIs(Condition):
    """A file configures a parameter of a jail so, in one spelling; None: it does not set it."""

    ANSWER: ClassVar[str] = "value"
    PROGRAMS: ClassVar[frozenset[str]] = frozenset({"bastille"})
    FAILURE: ClassVar[str] = "{0.parameter} of {0.jail} is configured differently"
    UNKNOWN: ClassVar[str] = "{0.file} could not be read"

    file: str
    jail: str
    parameter: str
    value: str | None

    def query(self) -> tuple[str, ...]:
        return ("jail", "-f", self.file, "-e", jailconf.SEPARATOR)

    def answer_of(self, stdout: str) -> bool:
        for name, params in jailconf.jails(stdout).entire():
            if name == self.jail:
                values = jailconf.plain(params).get(self.parameter)
                return (None if values is None else ",".join(values)) == self.value
        return False

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        other = argv[:2] == ("bastille", "config") and self.parameter not in argv
        return program(argv) in self.PROGRAMS and not other

    def affected_by_file(self, path: str) -> bool:
        return path == self.file
