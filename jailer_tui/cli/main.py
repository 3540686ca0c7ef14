"""The main function: runs the command, returns the exit status, never shows a traceback."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from jailer_core import lean_asyncio
from jailer_core.errors import JailerError, UsageError
from jailer_tui.cli.parser import Invocation, parse
from jailer_tui.cli.terminal import Terminal

DONE, FAILED, WRONG = 0, 1, 2

PLAIN = frozenset({"help_text", "completion"})
"""Modules of commands that do without asyncio."""
HOSTLESS = PLAIN | {"simulate", "agent", "hosts", "settings", "report"}
"""Modules of commands that open no host, or their own."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program. Returns 0 (done), 1 (failed or refused) or 2 (wrong usage)."""
    terminal = Terminal()
    try:
        status = _carry_out(parse(sys.argv[1:] if argv is None else argv), terminal)
    except UsageError as error:
        terminal.failed(error)
        status = WRONG
    except JailerError as error:
        terminal.failed(error)
        status = FAILED
    except KeyboardInterrupt:
        terminal.fail("interrupted")
        status = FAILED
    except Exception as error:  # noqa: BLE001 - a user gets a line, the log the rest
        from jailer_tui import crash  # noqa: PLC0415 - rarely needed

        terminal.fail(crash.report(error), crash.HINT)
        status = FAILED
    terminal.close()
    return FAILED if terminal.gone and status == DONE else status


def _carry_out(invocation: Invocation, terminal: Terminal) -> int:
    command = invocation.command
    module, _, function = command.run.partition(":") if command is not None else ("", "", "")
    if module not in PLAIN:
        lean_asyncio.load()
    if command is None:
        from jailer_tui.cli.launch import launch  # noqa: PLC0415 - heavy

        return launch(invocation.flags)
    if module in HOSTLESS:
        run = getattr(importlib.import_module(f"{__package__}.{module}"), function)
        return int(run(invocation, terminal))
    import asyncio  # noqa: PLC0415 - help and version do without

    from jailer_tui.cli import session  # noqa: PLC0415

    return asyncio.run(session.run(command.run, invocation, terminal))
