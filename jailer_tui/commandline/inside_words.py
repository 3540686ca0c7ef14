"""Words about what is inside jails: console, exec, packages, services, logs."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, DRY, JSON, Command, Option

_AT_ONCE = Option(
    "at_once", "--at-once", "in how many jails at the same time (default 4)", "-n", takes="N"
)
_SECONDS = Option(
    "seconds", "--time", "end it in a jail after so many seconds", "-t", takes="SECONDS"
)
_USER = Option("user", "--user", "log in as USER instead of root", "-u", takes="USER")
_AS_USER = Option("user", "--user", "as USER of the jail instead of root", "-u", takes="USER")
_ALL = Option("all", "--all", "in every jail that runs", "-a")
_MANY = (_AT_ONCE, _SECONDS, _ALL, DRY, JSON)

_ENDS = "The exit status is 0 when it went well in all. What it does cannot be undone."

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
    Command(
        "exec",
        "run a command in jails, side by side",
        "inside:execute",
        "NAME... -- COMMAND",
        0,
        None,
        (_AS_USER, *_MANY),
        "Each line of output is told with the jail's name before it; of one jail alone, as it\n"
        f"comes. Who wants a shell says so: -- sh -c 'a | b'.\n{_ENDS}",
        changes=True,
        handed_on=True,
    ),
    Command(
        "pkg",
        "packages in jails: install, upgrade, audit…",
        "inside:packages",
        "NAME... -- VERB",
        0,
        None,
        _MANY,
        "VERB and what follows are pkg(8)'s, as in: pkg web01 -- install nginx. Its questions\n"
        f"are answered with yes.\n{_ENDS}",
        changes=True,
        handed_on=True,
    ),
    Command(
        "service",
        "services in jails: list, start, stop…",
        "inside:services",
        "NAME [SERVICE ACTION]",
        0,
        None,
        _MANY,
        "Without SERVICE: those that start at boot. In several jails: NAME... -- SERVICE ACTION.\n"
        f"{_ENDS}",
        changes=True,
        handed_on=True,
    ),
    Command(
        "log",
        "a jail's console log, or a file of its /var/log",
        "log:show",
        "NAME",
        1,
        1,
        (
            Option("follow", "--follow", "go on with what comes, until ctrl-c", "-f"),
            Option("lines", "--lines", "so many lines of the end (default 20)", "-n", takes="N"),
            Option("file", "--file", "FILE of the jail's /var/log, or console", takes="FILE"),
        ),
        "Without --file the console log (exec.consolelog); where there is none, messages. No\n"
        "symbolic link in the jail is followed.",
    ),
    Command(
        "signal",
        "send a signal to a process of a jail",
        "inside:signal",
        "NAME PID [SIGNAL]",
        2,
        3,
        CHANGE,
        "SIGNAL is TERM unless it is said, or KILL, HUP, INT, STOP, CONT.",
        changes=True,
    ),
)
