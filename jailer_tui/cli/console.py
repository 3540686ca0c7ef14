"""`console`: a login session in a jail, on this very terminal."""

from __future__ import annotations

import os
import sys

from jailer_core import jail_console
from jailer_core.errors import CommandMissing, HostError, Refused
from jailer_core.host import executing
from jailer_core.host.local.spawn import PATH
from jailer_tui.cli.session import Session


async def console(session: Session, operands: tuple[str, ...]) -> int:
    """Run `console`. Raises Refused when the jail is not running. Here it never returns."""
    from jailer_core.operations.guards import require_jail, require_running  # noqa: PLC0415 - heavy

    session.may_change()
    if session.answers is not None:
        raise Refused("a console is opened on one host", "Name that host alone with --host.")
    user = jail_console.checked(session.flags.text("user") or jail_console.ROOT)
    inventory = await session.inventory(quick=True)
    argv = jail_console.argv(require_running(require_jail(inventory, operands[0])), user)
    if session.host.simulated or executing.of(session.host) is not None:
        from jailer_tui.console.raw_terminal import on_this_terminal  # noqa: PLC0415 - only for a demo

        sys.stdout.flush()
        return await on_this_terminal(session.host, argv)
    return _become(argv)


def _become(argv: tuple[str, ...]) -> int:
    """The console takes the place of this program: terminal, signals and status are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    environ = {**os.environ, "PATH": PATH}
    try:
        os.execvpe(argv[0], argv, environ)  # noqa: S606 - no shell is wanted
    except FileNotFoundError:
        raise CommandMissing(argv[0]) from None
    except OSError as error:
        raise HostError(f"{argv[0]}: {error.strerror}") from None
