"""Operations inside jails: what each can be asked for.

A command of the user's own, as the settings declare it ([[command]]).
"""

from __future__ import annotations

from jailer_core.operations import fields
from jailer_core.operations.spec import (
    Kind,
    Scope,
    Undo,
    operand,
    operation,
    option,
    provided,
    switch,
)
from jailer_core.request import Request

AT_ONCE = 4
"""How many jails a command runs in at the same time by default."""

EXIT_STATUS = (
    "With one jail, the exit status is that of the command; with several, it is 0 if all "
    "succeeded, else 1. What the command does cannot be undone."
)


@operation(
    "exec",
    command="exec",
    summary="run a command in jails, side by side",
    label="Run a command",
    help="Each line of output is prefixed with the jail's name; with a single jail the output is\n"
    f"not changed. No shell is involved; to use one: -- sh -c 'a | b'.\n{EXIT_STATUS}",
    scope=Scope.RUNNING,
    undo=Undo.NEVER,
    plan="in_jail.commands:plan",
    form="in_jail.form",
    refusal="guards:require_running",
)
class Exec(Request):
    """Run one command in jails, side by side; `user` "" is root, `seconds` 0 is no limit."""

    names: tuple[str, ...] = operand("Jails", kind=Kind.JAIL, many=True)
    argv: tuple[str, ...] = operand(
        "Command",
        "Quoted as in a shell, but not run by one. For pipes: sh -c 'a | b'.",
        kind=Kind.WORDS,
        metavar="COMMAND",
        many=True,
    )
    user: str = option(
        "User", "Run as USER of the jail instead of root.", "-u", "--user", metavar="USER"
    )
    seconds: float = fields.time_limit()
    at_once: int = fields.at_once(AT_ONCE)


@operation(
    "pkg",
    command="pkg",
    summary="manage packages in jails: install, upgrade, audit…",
    label="Packages",
    help="VERB and its arguments are those of pkg(8), for example: pkg web01 -- install nginx.\n"
    f"Verbs that would ask run with -y.\n{EXIT_STATUS}",
    scope=Scope.RUNNING,
    undo=Undo.NEVER,
    plan="in_jail.commands:plan",
    form="in_jail.form",
    needs="in_jail.commands:package_needs",
    refusal="guards:require_running",
)
class Packages(Request):
    """Run pkg(8) in jails; `words` are what follows the verb, names or options."""

    names: tuple[str, ...] = operand("Jails", kind=Kind.JAIL, many=True)
    verb: str = operand("pkg", metavar="VERB")
    words: tuple[str, ...] = operand(
        "Packages",
        "Package names; empty means all for audit, upgrade and info.",
        kind=Kind.WORDS,
        metavar="ARG",
        many=True,
        default=(),
    )
    seconds: float = fields.time_limit()
    at_once: int = fields.at_once(AT_ONCE)
    snapshot: bool = switch(
        "Snapshot", "Snapshot each jail first, and check its health afterwards.", "--snapshot"
    )
    stop: bool = switch(
        "Stop on error", "After a failure, skip the remaining jails.", "--stop-on-failure"
    )
    stamp: str = provided("The time as letters and digits; it names the snapshots.", default="")


@operation(
    "service",
    command="service",
    summary="manage services in jails: list, start, stop…",
    label="Services",
    help="Without SERVICE, lists the services that start at boot. For several jails: "
    f"NAME... -- SERVICE ACTION. {EXIT_STATUS}",
    scope=Scope.RUNNING,
    undo=Undo.NEVER,
    plan="in_jail.commands:plan",
    form="in_jail.form",
    refusal="guards:require_running",
)
class Services(Request):
    """Run service(8) in jails; without a service: list those that start at boot."""

    names: tuple[str, ...] = operand("Jails", kind=Kind.JAIL, many=True)
    service: str = operand("Service", metavar="SERVICE", default="")
    action: str = operand("Action", metavar="ACTION", default="")
    seconds: float = fields.time_limit()
    at_once: int = fields.at_once(AT_ONCE)


Command = Exec | Packages | Services


@operation(
    "signal",
    command="signal",
    summary="send a signal to a process of a jail",
    label="Signal",
    help="SIGNAL is TERM (the default), KILL, HUP, INT, STOP or CONT.",
    scope=Scope.JAIL,
    undo=Undo.NEVER,
    plan="in_jail.signals:signal",
    refusal="guards:require_running",
)
class Signal(Request):
    """Send a signal to a process of a jail; `command` is its command as ps shows it now."""

    name: str = operand("Jail", kind=Kind.JAIL)
    pid: int = operand("PID", kind=Kind.COUNT, metavar="PID")
    command: str = provided("The command of that process, as ps shows it.")
    signal: str = operand("Signal", metavar="SIGNAL", default="TERM")


@operation(
    "own",
    summary="run a command that the settings declare",
    scope=Scope.HOST,
    undo=Undo.NEVER,
    plan="in_jail.own_command:run",
)
class RunOwnCommand(Request):
    """Run a command of the user's settings, on the host or (`inside`) in a jail."""

    label: str = provided("What the settings call it.")
    argv: tuple[str, ...] = provided("The command, with its fields filled in.")
    name: str = provided("The jail that it is about, or nothing.")
    inside: bool = provided("Whether it runs in the jail.")
