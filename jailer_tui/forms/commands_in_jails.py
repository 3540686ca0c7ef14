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
from jailer_tui.forms.model import ChoiceOption, FormField, Kind

MOST_NAMES = 6

VERBS = (
    ChoiceOption("audit", "audit", "which installed packages have known holes"),
    ChoiceOption("upgrade", "upgrade", "install newer versions of what is there"),
    ChoiceOption("install", "install", "install packages, with what they need"),
    ChoiceOption("info", "info", "list what is installed"),
    ChoiceOption("delete", "delete", "remove packages"),
    ChoiceOption("autoremove", "autoremove", "remove what nothing needs any more"),
    ChoiceOption("update", "update", "fetch the lists of what there is"),
)
ACTIONS = (
    ChoiceOption("status", "status", "does it run?"),
    ChoiceOption("restart", "restart", "stop it and start it again"),
    ChoiceOption("start", "start", "start it, when rc.conf has it enabled"),
    ChoiceOption("stop", "stop", "stop it"),
    ChoiceOption("reload", "reload", "let it read its configuration again"),
    ChoiceOption("onestart", "onestart", "start it, enabled or not"),
    ChoiceOption("onestop", "onestop", "stop it, enabled or not"),
    ChoiceOption("enable", "enable", "let it start at boot"),
    ChoiceOption("disable", "disable", "let it not start at boot any more"),
)
COMMAND: Mapping[str, str] = {"command": "", "user": "", "at_once": "", "seconds": ""}
PACKAGES: Mapping[str, str] = {"verb": "audit", "words": "", "at_once": "", "seconds": ""}
SERVICE: Mapping[str, str] = {"service": "", "action": "status", "at_once": "", "seconds": ""}


@dataclass(frozen=True, slots=True)
class CommandForm:
    """One command; `names` are the jails, `last` what ran the last time."""

    names: tuple[str, ...]
    last: str = ""

    def command(self, values: Mapping[str, str]) -> str:
        """What stands there, or ran the last time."""
        return values["command"] if values["command"].strip() else self.last

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Exec:
        """What is asked for; words that cannot be split make no command."""
        argv, _ = split(self.command(values))
        return Exec(self.names, argv, values["user"].strip(), _seconds(values), _at_once(values))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        _, unfinished = split(self.command(values))
        wrong = problems(request) | ({"argv": unfinished} if unfinished[0] else {})
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
                help="Words and quotes as in a shell, but no shell is run. For one: sh -c 'a | b'.",
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

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Packages:
        """What is asked for."""
        words, _ = split(values["words"])
        return Packages(self.names, values["verb"], words, _seconds(values), _at_once(values))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        _, unfinished = split(values["words"])
        wrong = problems(self.request(inventory, values))
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
                help="Their names; for audit, upgrade and info: all when it is empty.",
                off="none are named here" if alone else "",
                **_wrong(wrong, "words"),
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
        wrong = problems(self.request(inventory, values))
        return (
            _where(self.names),
            FormField(
                "service",
                "Service",
                Kind.TEXT,
                values["service"],
                help=f"At boot start: {', '.join(map(sanitize, self.known)) or 'none'}.",
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
            return (), ("a quote is not closed", "Close it, or put a \\ before it.")
        return (), ("a \\ stands at the end", "Put what it protects behind it.")


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
            "At once",
            Kind.TEXT,
            values["at_once"],
            suggestion="" if at_once else str(AT_ONCE),
            help="In how many jails it runs at the same time.",
            off="there is only one jail" if len(names) == 1 else "",
            problem="" if not at_once or _whole(at_once) else "a number from 1 on",
        ),
        FormField(
            "seconds",
            "At most",
            Kind.TEXT,
            values["seconds"],
            suggestion="" if seconds else "no limit",
            said=("seconds", "dim"),
            help="After so many seconds it is ended in a jail; the others go on.",
            problem="" if not seconds or _whole(seconds) else "seconds, from 1 on",
        ),
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _at_once(values: Mapping[str, str]) -> int:
    return _whole(values["at_once"].strip()) or AT_ONCE


def _seconds(values: Mapping[str, str]) -> float:
    return float(_whole(values["seconds"].strip()))
