"""Commands inside jails: console, exec, packages, services, logs."""

from __future__ import annotations

from functools import partial

from jailer_core.operations.catalog import CONSOLE
from jailer_core.operations.in_jail.requests import Exec, Packages, Services, Signal
from jailer_tui.cli.command import DRY, JSON, Command, Option
from jailer_tui.cli.derive import command

_USER = Option("user", "--user", "log in as USER instead of root", "-u", takes="USER")
_ALL = Option("all", "--all", "in all running jails", "-a")
_in_jails = partial(command, options=(_ALL,), changes=(DRY, JSON), handed_on=True)

INSIDE: tuple[Command, ...] = (
    Command(
        CONSOLE.command,
        f"{CONSOLE.summary}, on this terminal",
        "console:console",
        "NAME",
        (_USER,),
        "The jail must be running. The session is a login(1) session: `jexec -l JID login -f "
        "USER`. In the demo, a small simulated shell answers.",
        changes=True,
    ),
    _in_jails(Exec, "in_jail:execute", operands="NAME... -- COMMAND"),
    _in_jails(Packages, "in_jail:packages", operands="NAME... -- VERB"),
    _in_jails(Services, "in_jail:services", operands="NAME [SERVICE ACTION]"),
    Command(
        "log",
        "show a jail's console log, or a file of its /var/log",
        "log:show",
        "NAME",
        (
            Option("follow", "--follow", "keep showing new lines until ctrl-c", "-f"),
            Option("lines", "--lines", "show the last N lines (default 20)", "-n", takes="N"),
            Option("file", "--file", "FILE of the jail's /var/log, or console", takes="FILE"),
            JSON,
        ),
        "Without --file, this is the console log (exec.consolelog), or messages if the jail has "
        "no console log. Symbolic links in the jail are not followed.",
    ),
    command(Signal, "in_jail:signal"),
)
