"""Commands inside jails: console, exec, packages, services, logs."""

from __future__ import annotations

from jailer_core.operations.catalog import CONSOLE
from jailer_core.operations.in_jail.requests import Exec, Packages, Services, Signal
from jailer_tui.cli.command import DRY, JSON, Command, Option
from jailer_tui.cli.derive import command

_USER = Option("user", "--user", "log in as USER instead of root", "-u", takes="USER")
_ALL = Option("all", "--all", "in all running jails", "-a")
_MANY = (DRY, JSON)

INSIDE: tuple[Command, ...] = (
    Command(
        CONSOLE.command,
        f"{CONSOLE.summary}, on this terminal",
        "console:console",
        "NAME",
        1,
        1,
        (_USER,),
        "The jail must be running. The session is that of login(1): `jexec -l JID login -f USER`.\n"
        "In the demo a small simulated shell answers.",
        changes=True,
    ),
    command(
        Exec,
        "in_jail:execute",
        operands="NAME... -- COMMAND",
        least=0,
        most=None,
        options=(_ALL,),
        changes=_MANY,
        handed_on=True,
    ),
    command(
        Packages,
        "in_jail:packages",
        operands="NAME... -- VERB",
        least=0,
        most=None,
        options=(_ALL,),
        changes=_MANY,
        handed_on=True,
    ),
    command(
        Services,
        "in_jail:services",
        operands="NAME [SERVICE ACTION]",
        least=0,
        most=None,
        options=(_ALL,),
        changes=_MANY,
        handed_on=True,
    ),
    Command(
        "log",
        "show a jail's console log, or a file of its /var/log",
        "log:show",
        "NAME",
        1,
        1,
        (
            Option("follow", "--follow", "keep showing new lines until ctrl-c", "-f"),
            Option("lines", "--lines", "show the last N lines (default 20)", "-n", takes="N"),
            Option("file", "--file", "FILE of the jail's /var/log, or console", takes="FILE"),
            JSON,
        ),
        "Without --file the console log (exec.consolelog), or messages if the jail has none. No\n"
        "symbolic link in the jail is followed.",
    ),
    command(Signal, "in_jail:signal"),
)
