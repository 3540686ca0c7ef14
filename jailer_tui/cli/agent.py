"""`agent`: serves the host over the standard streams to another jailer-tui."""

from __future__ import annotations

import sys

from jailer_core.agent import start
from jailer_core.errors import UsageError
from jailer_tui import __version__, host_selection
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal


def run(invocation: Invocation, _terminal: Terminal) -> int:
    """The exit status. Raises UsageError on a terminal, Refused where there are no jails."""
    if sys.stdin.isatty() or sys.stdout.isatty():
        raise UsageError("agent speaks to a program, not to a terminal", "Use --host instead.")
    flags = invocation.flags
    choice = host_selection.Choice(flags.demo, flags.state)
    host = host_selection.open_host(choice, live=True)
    try:
        return start.run(host, __version__)
    finally:
        host_selection.keep(host, choice)
