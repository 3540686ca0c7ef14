"""The forms over a command in many jails: the command itself, pkg, service. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from jailer_core.model import Inventory
from jailer_core.operations.in_jail.commands import problems
from jailer_core.operations.in_jail.requests import AT_ONCE, Exec, Packages, Services
from jailer_core.text import sanitize
from jailer_tui.forms.model import NO, ON_OFF, YES, ChoiceOption, FormField, Kind
from jailer_tui.presenters.jail_parts import stamp

MOST_NAMES = 6

VERBS = (
    ChoiceOption("audit", "audit", "check installed packages for vulnerabilities"),
    ChoiceOption("upgrade", "upgrade", "upgrade installed packages"),
    ChoiceOption("install", "install", "install packages and their dependencies"),
    ChoiceOption("info", "info", "list installed packages"),
    ChoiceOption("delete", "delete", "remove packages"),
    ChoiceOption("autoremove", "autoremove", "remove unneeded dependencies"),
    ChoiceOption("update", "update", "update the package catalogue"),
)
ACTIONS = (
    ChoiceOption("status", "status", "show whether it is running"),
    ChoiceOption("restart", "restart", "stop and start it"),
    ChoiceOption("start", "start", "start it if rc.conf enables it"),
    ChoiceOption("stop", "stop", "stop it"),
    ChoiceOption("reload", "reload", "reload its configuration"),
    ChoiceOption("onestart", "onestart", "start it, enabled or not"),
    ChoiceOption("onestop", "onestop", "stop it, enabled or not"),
    ChoiceOption("enable", "enable", "enable it at boot"),
    ChoiceOption("disable", "disable", "disable it at boot"),
)
COMMAND: Mapping[str, str] = {"command": "", "user": "", "at_once": "", "seconds": ""}
PACKAGES: Mapping[str, str] = {
    "verb": "audit",
    "words": "",
    "snapshot": NO,
    "at_once": "",
    "seconds": "",
}
CHANGING = ("upgrade", "install", "delete", "autoremove")
"""What a snapshot is worth taking for."""
SERVICE: Mapping[str, str] = {"service": "", "action": "status", "at_once": "", "seconds": ""}


@dataclass(frozen=True, slots=True)
class CommandForm:
    """One command; `names` are the jails, `last` what ran the last time."""

    names: tuple[str, ...]
    last: str = ""

    def command(self, values: Mapping[str, str]) -> str:
        """The present value, or that of the last time."""
        return values["command"] if values["command"].strip() else self.last

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Exec:
        """What is asked for; words that cannot be split make no command."""
        argv, _ = split(self.command(values))
        return Exec(self.names, argv, values["user"].strip(), _seconds(values), _at_once(values))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        _, unfinished = split(self.command(values))
        wrong = problems(inventory, request) | ({"argv": unfinished} if unfinished[0] else {})
        words = f"{len(request.argv)} words" if len(request.argv) > 1 else ""
        return (
            _where(self.names),
            FormField(
                "command",
                "Command",
                Kind.TEXT,
                values["command"],
                suggestion="" if values["command"].strip() else sanitize(self.last),
                said=(words, "dim"),
                help="Quoted as in a shell, but not run by one. For pipes: sh -c 'a | b'.",
                **_wrong(wrong, "argv"),
            ),
            FormField(
                "user",
                "User",
                Kind.TEXT,
                values["user"],
                suggestion="" if values["user"].strip() else "root",
                help="A user of the jail.",
                **_wrong(wrong, "user"),
            ),
            *_limits(self.names, values),
        )


@dataclass(frozen=True, slots=True)
class PackagesForm:
    """What pkg is to do; `names` are the jails."""

    names: tuple[str, ...]

    def request(self, inventory: Inventory, values: Mapping[str, str]) -> Packages:
        """What is asked for."""
        words, _ = split(values["words"])
        verb = values["verb"]
        return Packages(
            self.names,
            verb,
            words,
            _seconds(values),
            _at_once(values),
            snapshot=verb in CHANGING and values["snapshot"] == YES,
            stamp=stamp(inventory.taken),
        )

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        _, unfinished = split(values["words"])
        wrong = problems(inventory, self.request(inventory, values))
        wrong |= {"words": unfinished} if unfinished[0] else {}
        alone = values["verb"] in ("autoremove", "update")
        return (
            _where(self.names),
            FormField("verb", "pkg", Kind.CHOICE, values["verb"], options=VERBS),
            FormField(
                "words",
                "Packages",
                Kind.TEXT,
                values["words"],
                help="Package names; empty means all for audit, upgrade and info.",
                off="no packages for this command" if alone else "",
                **_wrong(wrong, "words"),
            ),
            FormField(
                "snapshot",
                "Snapshot",
                Kind.CHOICE,
                values["snapshot"],
                options=ON_OFF,
                help="Of each jail, before; rolled back where the health command fails after.",
                off="" if values["verb"] in CHANGING else "nothing is changed by this command",
            ),
            *_limits(self.names, values),
        )


@dataclass(frozen=True, slots=True)
class ServiceForm:
    """What a service is to do; `names` are the jails, `known` services that start at boot."""

    names: tuple[str, ...]
    known: tuple[str, ...]

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Services:
        """What is asked for."""
        service = values["service"].strip()
        return Services(self.names, service, values["action"], _seconds(values), _at_once(values))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        wrong = problems(inventory, self.request(inventory, values))
        return (
            _where(self.names),
            FormField(
                "service",
                "Service",
                Kind.TEXT,
                values["service"],
                help=f"Enabled at boot: {', '.join(map(sanitize, self.known)) or 'none'}.",
                **_wrong(wrong, "service"),
            ),
            FormField("action", "What", Kind.CHOICE, values["action"], options=ACTIONS),
            *_limits(self.names, values),
        )


def split(text: str) -> tuple[tuple[str, ...], tuple[str, str]]:
    """The words of a line as a shell would split it; what is wrong with it, and what to do."""
    try:
        return tuple(shlex.split(text)), ("", "")
    except ValueError as error:
        if "quotation" in str(error):
            return (), ("a quote is not closed", "Close it, or escape it with \\.")
        return (), ("trailing \\", "Add the character to escape after it.")


class _Wrong(TypedDict, total=False):
    """The part of an Item that tells what is wrong with it."""

    problem: str
    hint: str


def _wrong(found: Mapping[str, tuple[str, str]], field: str) -> _Wrong:
    problem, hint = found.get(field, ("", ""))
    return {"problem": sanitize(problem), "hint": sanitize(hint)}


def _where(names: Sequence[str]) -> FormField:
    shown = ", ".join(map(sanitize, names[:MOST_NAMES]))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return FormField("where", "In", Kind.FACT, said=(shown + more, "text"))


def _limits(names: Sequence[str], values: Mapping[str, str]) -> tuple[FormField, ...]:
    """How many at once, how long each."""
    at_once, seconds = values["at_once"].strip(), values["seconds"].strip()
    return (
        FormField(
            "at_once",
            "In parallel",
            Kind.TEXT,
            values["at_once"],
            suggestion="" if at_once else str(AT_ONCE),
            help="Number of jails in which it runs at the same time.",
            off="only one jail is selected" if len(names) == 1 else "",
            problem="" if not at_once or _whole(at_once) else "a number of at least 1",
        ),
        FormField(
            "seconds",
            "At most",
            Kind.TEXT,
            values["seconds"],
            suggestion="" if seconds else "no limit",
            said=("seconds", "dim"),
            help="Stop it in a jail after this many seconds; other jails continue.",
            problem="" if not seconds or _whole(seconds) else "at least 1 second",
        ),
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _at_once(values: Mapping[str, str]) -> int:
    return _whole(values["at_once"].strip()) or AT_ONCE


def _seconds(values: Mapping[str, str]) -> float:
    return float(_whole(values["seconds"].strip()))
