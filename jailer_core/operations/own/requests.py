"""A command of the user's own, as the settings declare it ([[command]])."""

from __future__ import annotations

from jailer_core.operations.spec import Scope, Undo, operation, provided
from jailer_core.request import Request


@operation(
    "own",
    summary="run a command that the settings declare",
    scope=Scope.HOST,
    undo=Undo.NEVER,
    plan="own.command:run",
)
class RunOwnCommand(Request):
    """Run a command of the user's settings, on the host or (`inside`) in a jail."""

    label: str = provided("What the settings call it.")
    argv: tuple[str, ...] = provided("The command, with its fields filled in.")
    name: str = provided("The jail that it is about, or nothing.")
    inside: bool = provided("Whether it runs in the jail.")
