"""The commands of the command line, declared once: parser, help and docs are made from them."""

from __future__ import annotations

from jailer_tui.cli.command import JSON, PROGRAM, YES, Command, Flags, Option
from jailer_tui.cli.commands_jails import EDIT, INIT, INSIDE, JAILS, MAKING, TRASH
from jailer_tui.cli.commands_parts import DATASETS, JOURNAL, MOUNTS, NET, SETTINGS, SNAP
from jailer_tui.host_selection import DEFAULT, SCENARIOS

__all__ = ["ANYWHERE", "COMMANDS", "PROGRAM", "SCREEN", "Command", "Flags", "Option"]


ANYWHERE = (
    Option(
        "demo",
        "--demo",
        f"simulate a host: {', '.join(SCENARIOS)} (default {DEFAULT})",
        takes="SCENARIO",
        choices=SCENARIOS,
        optional=DEFAULT,
    ),
    Option(
        "state", "--state", "keep the simulated host's state in FILE between calls", takes="FILE"
    ),
    Option(
        "hosts",
        "--host",
        "work on another host (repeatable): docs/hosts.md",
        takes="HOST",
        repeated=True,
    ),
    Option("read_only", "--read-only", "change nothing"),
    Option("help", "--help", "show this help, or help for a command", "-h"),
)

SCREEN = (
    Option(
        "mouse",
        "--mouse",
        "whether the screen uses the mouse",
        takes="on|off",
        choices=("on", "off"),
    ),
    Option("low_bandwidth", "--low-bandwidth", "fewer colours, frames and refreshes"),
    Option("ascii", "--ascii", "use only ASCII characters for lines and symbols"),
    Option("version", "--version", "show the version", "-V"),
)

SIMULATE = Command(
    "simulate",
    "run a FreeBSD command on the simulated host",
    "simulate:run",
    "-- COMMAND",
    handed_on=True,
    text=(
        "For documentation, bug reports and tests. Prints what the command prints and exits with "
        "its status, or with 127 if the simulated host has no such command. --demo=SCENARIO "
        "chooses the host. Each call starts with a new host unless --state FILE is given. With "
        "--read-only, FILE is not written."
    ),
)

AGENT = Command(
    "agent",
    "serve this host to jailer-tui on another machine",
    "hosts:run",
    text=(
        "It talks to the other jailer-tui over standard input and output, and ends with the "
        "connection. You do not start it yourself: --host does."
    ),
)

HOSTS = Command(
    "hosts",
    "list the hosts that are in the settings",
    "hosts:show",
    "[HOST...]",
    options=(JSON,),
    text=(
        "A host is a table [host.NAME] of the settings: see docs/hosts.md. `hosts check` connects "
        "to each host and shows why one cannot be reached."
    ),
    below=(
        Command(
            "hosts check",
            "connect to hosts and show what is wrong",
            "hosts:check",
            "[HOST...]",
            options=(JSON,),
        ),
    ),
)

COMMANDS = (
    INIT,
    *JAILS,
    *INSIDE,
    *SNAP,
    *MAKING,
    *SETTINGS,
    MOUNTS,
    DATASETS,
    *NET,
    TRASH,
    EDIT,
    *JOURNAL,
    Command(
        "completion",
        "print a completion script for sh, bash, zsh, fish or tcsh",
        "completion:show",
        "SHELL",
        text="Names of jails are completed too. For bash: jailer-tui completion bash >\n"
        "/usr/local/share/bash-completion/completions/jailer-tui",
    ),
    Command(
        "settings",
        "show your settings, where each is set, and mistakes in them",
        "report:show_settings",
        options=(JSON,),
        text="Exits with status 1 if there is a mistake. docs/settings.md describes every setting.",
    ),
    Command(
        "report",
        "show versions, terminal, settings and failures for a bug report",
        "report:show",
        "[FILE]",
        options=(YES,),
        text=(
            "It works on any machine, and says what could not be read. Anything that looks like a "
            "secret is hidden. With FILE the text is shown, and written to FILE if you agree. "
            "Read it before you send it: it still contains names and addresses of jails."
        ),
    ),
    HOSTS,
    SIMULATE,
    AGENT,
    Command("version", "print the version", "help_text:version"),
    Command("help", "show help for a command", "help_text:show", "[COMMAND]", unshown=1),
)
