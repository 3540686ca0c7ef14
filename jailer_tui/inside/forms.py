"""The forms over a command in many jails: the command itself, pkg, service. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from jailer_core.model import Inventory
from jailer_core.operations.inside.commands import problems
from jailer_core.operations.inside.requests import AT_ONCE, Exec, Packages, Services
from jailer_core.text import visible
from jailer_tui.forms import Item, Kind, Option

MOST_NAMES = 6

VERBS = (
    Option("audit", "audit", "which installed packages have known holes"),
    Option("upgrade", "upgrade", "install newer versions of what is there"),
    Option("install", "install", "install packages, with what they need"),
    Option("info", "info", "list what is installed"),
    Option("delete", "delete", "remove packages"),
    Option("autoremove", "autoremove", "remove what nothing needs any more"),
    Option("update", "update", "fetch the lists of what there is"),
)
ACTIONS = (
    Option("status", "status", "does it run?"),
    Option("restart", "restart", "stop it and start it again"),
    Option("start", "start", "start it, when rc.conf has it enabled"),
    Option("stop", "stop", "stop it"),
    Option("reload", "reload", "let it read its configuration again"),
    Option("onestart", "onestart", "start it, enabled or not"),
    Option("onestop", "onestop", "stop it, enabled or not"),
    Option("enable", "enable", "let it start at boot"),
    Option("disable", "disable", "let it not start at boot any more"),
)
COMMAND: Mapping[str, str] = {"command": "", "user": "", "at_once": "", "seconds": ""}
PACKAGES: Mapping[str, str] = {"verb": "audit", "words": "", "at_once": "", "seconds": ""}
SERVICE: Mapping[str, str] = {"service": "", "action": "status", "at_once": "", "seconds": ""}


@dataclass(frozen=True, slots=True)
class CommandSubject:
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

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[Item, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        _, unfinished = split(self.command(values))
        wrong = problems(request) | ({"argv": unfinished} if unfinished[0] else {})
        words = f"{len(request.argv)} words" if len(request.argv) > 1 else ""
        return (
            _where(self.names),
            Item(
                "command",
                "Command",
                Kind.TEXT,
                values["command"],
                suggestion="" if values["command"].strip() else visible(self.last),
                said=(words, "dim"),
                help="Words and quotes as in a shell, but no shell is run. For one: sh -c 'a | b'.",
                **_wrong(wrong, "argv"),
            ),
            Item(
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
class PackagesSubject:
    """What pkg is to do; `names` are the jails."""

    names: tuple[str, ...]

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Packages:
        """What is asked for."""
        words, _ = split(values["words"])
        return Packages(self.names, values["verb"], words, _seconds(values), _at_once(values))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[Item, ...]:
        """Every line of the form."""
        _, unfinished = split(values["words"])
        wrong = problems(self.request(inventory, values))
        wrong |= {"words": unfinished} if unfinished[0] else {}
        alone = values["verb"] in ("autoremove", "update")
        return (
            _where(self.names),
            Item("verb", "pkg", Kind.CHOICE, values["verb"], options=VERBS),
            Item(
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
class ServiceSubject:
    """What a service is to do; `names` are the jails, `known` services that start at boot."""

    names: tuple[str, ...]
    known: tuple[str, ...]

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Services:
        """What is asked for."""
        service = values["service"].strip()
        return Services(self.names, service, values["action"], _seconds(values), _at_once(values))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[Item, ...]:
        """Every line of the form."""
        wrong = problems(self.request(inventory, values))
        return (
            _where(self.names),
            Item(
                "service",
                "Service",
                Kind.TEXT,
                values["service"],
                help=f"At boot start: {', '.join(map(visible, self.known)) or 'none'}.",
                **_wrong(wrong, "service"),
            ),
            Item("action", "What", Kind.CHOICE, values["action"], options=ACTIONS),
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
    return {"problem": visible(problem), "hint": visible(hint)}


def _where(names: Sequence[str]) -> Item:
    shown = ", ".join(map(visible, names[:MOST_NAMES]))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return Item("where", "In", Kind.FACT, said=(shown + more, "text"))


def _limits(names: Sequence[str], values: Mapping[str, str]) -> tuple[Item, ...]:
    """How many at once, how long each."""
    at_once, seconds = values["at_once"].strip(), values["seconds"].strip()
    return (
        Item(
            "at_once",
            "At once",
            Kind.TEXT,
            values["at_once"],
            suggestion="" if at_once else str(AT_ONCE),
            help="In how many jails it runs at the same time.",
            off="there is only one jail" if len(names) == 1 else "",
            problem="" if not at_once or _whole(at_once) else "a number from 1 on",
        ),
        Item(
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
