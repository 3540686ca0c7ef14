"""How faults of a simulated host name the actions that they hit."""

from __future__ import annotations

from jailer_core.plan import (
    Action,
    AwaitConfirmation,
    BringOver,
    MakeDir,
    Pipe,
    RemoveDir,
    RemoveFile,
    Run,
    SetRc,
    WriteFile,
)


def matches(action: Action) -> tuple[str, ...]:  # noqa: PLR0911 - one for each kind
    match action:
        case Run():
            return action.argv
        case Pipe():
            return action.commands[-1]
        case WriteFile() | SetRc():
            return ("<write>", action.path)
        case RemoveFile():
            return ("<remove>", action.path)
        case MakeDir():
            return ("<mkdir>", action.path)
        case RemoveDir():
            return ("<rmdir>", action.path)
        case AwaitConfirmation():
            return ("<hold>", action.plan_hash)
        case BringOver():
            return ("<change>", action.path)
    raise AssertionError(action)
