"""One command in many jails: what runs where. execution/fan_out.py runs it concurrently.

Jails are named by their jid: a name of digits is one for jexec, pkg and service, and a jail that
was restarted in between is not the one that was shown. Recorded: `jexec -l JAIL CMD`
(12), `pkg -j JAIL info` and `service -j JAIL NAME ACTION` (12), all with names.
"""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.in_jail.form import problems
from jailer_core.operations.in_jail.requests import Command, Exec, Packages, Services
from jailer_core.plan import Danger, JailRuns, Needs, Plan, Run, Step
from jailer_core.text import command_line, sanitize

FOR_EVER = 1e9
"""Seconds of a step that has no limit."""

HAS_PKG = ("pkg", "-N")
"""Whether this host has packages at all (recording 01: exit status 1 where it has none)."""

JEXEC = "/usr/sbin/jexec"
"""By its path: an empty environment has no PATH."""

YES = ("install", "upgrade", "delete", "remove", "autoremove", "bootstrap")
"""Verbs of pkg that ask before they start: nothing could answer, and the preview has asked."""

_PKG_LOOKS = ("audit", "info", "search", "query", "rquery", "version", "stats", "which", "check")
_SERVICE_LOOKS = ("", "status", "rcvar", "enabled", "describe", "extracommands")


def package_needs(_inventory: Inventory, _request: Packages) -> Needs:
    """Whether the host has pkg for `pkg -j`; without it, the jail's own pkg is used."""
    return Needs(commands=(HAS_PKG,))


def plan(inventory: Inventory, request: Command) -> Plan:
    """A step for each jail in which it can run; the others are in the notes.

    Raises Refused when it can run in none, or when it is not a command.
    """
    guards.refuse(problems(inventory, request))
    able, unable = sorted_out(inventory, request.names)
    if not able:
        first = next(iter(unable.values()), Refused("no jail is named"))
        if len(unable) > 1:
            raise Refused("none of these jails is running", "Start them first.")
        raise first
    looks = only_looks(request)
    notes = [] if looks else [_warning(request, len(able))]
    notes += [f"{_not_in(name)}{sanitize(why.message)}." for name, why in unable.items()]
    return Plan(
        request,
        f"{title(request)} in {_jails(able)}",
        tuple(_step(inventory, request, jail) for jail in able),
        Danger.NONE if looks else Danger.CHANGES,
        notes=tuple(notes),
        jail=able[0].name if len(able) == 1 else "",
    )


def sorted_out(inventory: Inventory, names: Sequence[str]) -> tuple[list[Jail], dict[str, Refused]]:
    """The jails in which it can run, and for the others the reason, by name."""
    able: list[Jail] = []
    unable: dict[str, Refused] = {}
    for name in dict.fromkeys(names):
        try:
            jail = guards.require_jail(inventory, name, guards.require_running)
        except Refused as error:
            unable[name] = error
        else:
            able.append(jail)
    return able, unable


def _not_in(name: str) -> str:
    return f"Not in {sanitize(name)}: "


def left_out(plan: Plan) -> dict[str, str]:
    """Why it does not run in some of the requested jails, by name."""
    names: Sequence[str] = getattr(plan.request, "names", ())
    return {
        name: note.removeprefix(_not_in(name)).removesuffix(".")
        for name in names
        for note in plan.notes
        if note.startswith(_not_in(name))
    }


def title(request: Command) -> str:
    """The title: what is done, in a few words."""
    return f"Run {sanitize(words(request))}"


def words(request: Command) -> str:
    """The command as typed, without the part that runs it in the jail."""
    match request:
        case Exec():
            return command_line(request.argv)
        case Packages():
            return command_line(("pkg", *_pkg_words(request)))
        case Services():
            return command_line(("service", *_service_words(request)))


def only_looks(request: Command) -> bool:
    """Whether it certainly changes nothing."""
    match request:
        case Packages():
            if "-n" in request.words and request.verb in YES:
                return True
            return request.verb in _PKG_LOOKS and "-F" not in request.words
        case Services():
            return request.action in _SERVICE_LOOKS
    return False


def argv_for(inventory: Inventory, request: Command, jid: int) -> tuple[str, ...]:
    """What is run on the host."""
    match request:
        case Exec():
            if not request.user:
                return ("jexec", "-l", str(jid), *request.argv)
            # -l enters a home, and most users of services have none (12: `chdir: /nonexistent`);
            # 14's jexec knows no -d. Without -l it sets PATH, HOME, USER, SHELL all the same.
            return ("env", "-i", JEXEC, "-U", request.user, str(jid), *request.argv)
        case Packages():
            if has_pkg(inventory):
                return ("pkg", "-j", str(jid), *_pkg_words(request))
            yes = ("env", "ASSUME_ALWAYS_YES=yes") if request.verb in YES else ()
            return ("jexec", "-l", str(jid), *yes, "pkg", *_pkg_words(request))
        case Services():
            return ("service", "-j", str(jid), *_service_words(request))


def complaint(request: Command, status: int, output: str) -> str:
    """What is wrong although a command ended with 0, or "".

    rc.subr refuses to start a service that is not enabled, and ends well (recording 06).
    """
    if isinstance(request, Services) and status == 0 and output.startswith("Cannot '"):
        return "the service is not enabled in the jail's rc.conf"
    return ""


def has_pkg(inventory: Inventory) -> bool:
    """Whether the host has pkg."""
    return inventory.output(HAS_PKG) is not None


def _pkg_words(request: Packages) -> tuple[str, ...]:
    asks = request.verb in YES and not any(word in ("-y", "-n", "-yf") for word in request.words)
    return (request.verb, *(("-y",) if asks else ()), *request.words)


def _service_words(request: Services) -> tuple[str, ...]:
    return (request.service, request.action) if request.service else ("-e",)


def _step(inventory: Inventory, request: Command, jail: Jail) -> Step:
    jid = guards.require_running(jail)
    return Step(
        Run(argv_for(inventory, request, jid)),
        f"{title(request)} in {sanitize(jail.name)}",
        timeout=request.seconds or FOR_EVER,
        irreversible_because="it only reads"
        if only_looks(request)
        else "what a command changes is not known",
        preconditions=(JailRuns(jail.name, jid),),
        jail=jail.name,
    )


def _warning(request: Command, count: int) -> str:
    limit = f", for at most {request.seconds:g} s in each" if request.seconds else ""
    side = f"{min(request.at_once, count)} at a time" if count > 1 else "in one jail"
    user = sanitize(request.user) if isinstance(request, Exec) and request.user else "root"
    return f"It runs as {user}, {side}{limit}. What it does cannot be undone."


def _jails(jails: Sequence[Jail]) -> str:
    return sanitize(jails[0].name) if len(jails) == 1 else f"{len(jails)} jails"
