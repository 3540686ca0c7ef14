"""Words about what is inside jails: console, exec, packages, services, logs."""

from __future__ import annotations

from jailer_tui.commandline.word import Command, Option

_USER = Option("user", "--user", "log in as USER instead of root", "-u", takes="USER")

INSIDE: tuple[Command, ...] = (
    Command(
        "console",
        "a login session in a jail, on this terminal",
        "console:console",
        "NAME",
        1,
        1,
        (_USER,),
        "The jail must run. The session is login(1)'s: `jexec -l JID login -f USER`. In the demo\n"
        "a small simulated shell answers.",
        changes=True,
    ),
)
