"""`simulate`: one FreeBSD command on the simulated host, with its output and exit status."""

from __future__ import annotations

import asyncio

from jailer_core.errors import CommandMissing, UsageError
from jailer_core.host import Host
from jailer_tui import host_selection
from jailer_tui.cli.parser import DASHES, Invocation
from jailer_tui.cli.terminal import Terminal

NOT_FOUND = 127
"""What sh(1) gives for a command that does not exist."""
LONGEST = 1e9
"""Seconds on the simulated host's clock that a command may take; nothing waits for them here."""
SIGNALLED = 128
"""What sh(1) adds to the number of the signal that ended a command."""


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Run `simulate`. Returns the command's exit status. Raises UsageError without a command."""
    words = invocation.operands
    if words[:1] != (DASHES,) or len(words) < 2:
        raise UsageError("simulate needs a command after --", "For example: simulate -- jls.")
    flags = invocation.flags
    choice = host_selection.Choice(flags.demo or host_selection.DEFAULT, flags.state)
    host = host_selection.open_host(choice, pace=0.0)
    status = asyncio.run(_run(host, words[1:], terminal))
    if not flags.read_only:
        host_selection.keep(host, choice)
    return status


async def _run(host: Host, argv: tuple[str, ...], terminal: Terminal) -> int:
    def line(text: str, error: bool) -> None:
        terminal.line("", text.encode(errors="surrogateescape"), error=error)

    try:
        status = (await host.stream([argv], line, timeout=LONGEST)).status
    except CommandMissing as error:
        terminal.failed(error)
        return NOT_FOUND
    finally:
        await host.close()
    return SIGNALLED - status if status < 0 else status
