"""Commands in jails: what is valid, and what the form suggests."""

from __future__ import annotations

import re

from jailer_core.model import Inventory
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.in_jail.requests import Command, Exec, Packages, Services
from jailer_core.text import sanitize

_USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,31}\$?")
_SERVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ACTION = re.compile(r"[a-z][a-z_]*")
_VERB = re.compile(r"[a-z][a-z-]*")

CHANGING = ("upgrade", "install", "delete", "autoremove")
"""Verbs of pkg for which a snapshot is worth taking."""

_VERBS = (
    ("audit", "check installed packages for vulnerabilities"),
    ("upgrade", "upgrade installed packages"),
    ("install", "install packages and their dependencies"),
    ("info", "list installed packages"),
    ("delete", "remove packages"),
    ("autoremove", "remove unneeded dependencies"),
    ("update", "update the package catalogue"),
)
ACTIONS = (
    ("status", "show whether it is running"),
    ("restart", "stop and start it"),
    ("start", "start it if rc.conf enables it"),
    ("stop", "stop it"),
    ("reload", "reload its configuration"),
    ("onestart", "start it, enabled or not"),
    ("onestop", "stop it, enabled or not"),
    ("enable", "enable it at boot"),
    ("disable", "disable it at boot"),
)

Problem = tuple[str, str]
"""What is wrong, and what to do."""


def problems(_inventory: Inventory, request: Command) -> dict[str, Problem]:
    """Problems by field; for forms too."""
    result: dict[str, Problem] = {}
    if request.at_once < 1:
        result["at_once"] = "jails at a time: must be at least 1", "The number must be at least 1."
    if request.seconds < 0:
        result["seconds"] = "a time cannot be negative", "Give a number of seconds, or none."
    match request:
        case Exec():
            _of_exec(request, result)
        case Packages():
            _of_packages(request, result)
        case Services():
            _of_services(request, result)
    return result


def _of_exec(request: Exec, problems: dict[str, Problem]) -> None:
    if not request.argv or not request.argv[0]:
        problems["argv"] = "no command given", "Type one as in a shell, for example: uname -a"
    elif any("\0" in word for word in request.argv):
        problems["argv"] = "a command cannot contain a NUL byte", "Omit it."
    if request.user and not _USER.fullmatch(request.user):
        problems["user"] = f"{sanitize(request.user)} is not a user name", "Use a user of the jail."


def _of_packages(request: Packages, problems: dict[str, Problem]) -> None:
    if not _VERB.fullmatch(request.verb):
        problems["verb"] = f"pkg has no command {sanitize(request.verb)!r}", "For example: audit"
    if request.verb in ("install", "delete", "remove") and not request.words:
        problems["words"] = f"no packages to {request.verb} given", "Give package names."
    elif any("\0" in word or not word for word in request.words):
        problems["words"] = "the name of a package is empty", "Omit it."


def _of_services(request: Services, problems: dict[str, Problem]) -> None:
    if not request.service and not request.action:
        return
    if not _SERVICE.fullmatch(request.service):
        message = f"{sanitize(request.service)!r} is not a service name"
        problems["service"] = message, "For example: cron"
    if not _ACTION.fullmatch(request.action):
        message = f"unknown service action {sanitize(request.action)!r}"
        problems["action"] = message, "For example: restart"


# --- forms -----------------------------------------------------------------------------------


def form_values(_inventory: Inventory, request: Command) -> dict[str, str]:
    """The initial choice: something that changes nothing."""
    match request:
        case Packages():
            return {"verb": _VERBS[0][0]}
        case Services():
            return {"action": ACTIONS[0][0]}
    return {}


def form_hints(_inventory: Inventory, request: Command) -> dict[str, FieldHint]:
    """The choices, without those that make no sense for one jail or for this verb."""
    alone = "only one jail is selected" if len(request.names) == 1 else ""
    hints = {
        "seconds": FieldHint(suggestion="no limit", beside="seconds"),
        "at_once": FieldHint(off=alone),
    }
    match request:
        case Exec():
            count = len(request.argv)
            hints["argv"] = FieldHint(beside=f"{count} words" if count > 1 else "")
            hints["user"] = FieldHint(suggestion="root")
        case Packages():
            none = "" if request.verb in CHANGING else "nothing is changed by this command"
            no_words = request.verb in ("autoremove", "update")
            hints["verb"] = FieldHint(_VERBS)
            hints["words"] = FieldHint(off="no packages for this command" if no_words else "")
            hints["snapshot"] = FieldHint(off=none)
            hints["stop"] = FieldHint(off=alone)
        case Services():
            hints["action"] = FieldHint(ACTIONS)
    return hints
