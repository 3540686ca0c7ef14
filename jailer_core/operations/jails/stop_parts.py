"""The parts that all ways to stop a jail share: notes for the preview, and the undo."""

from __future__ import annotations

from jailer_core.operations.jails import jail_command
from jailer_core.plan import JailRuns, JailStopped, Run, Undo
from jailer_core.text import sanitize


def stop_wait(limit: float) -> str:
    """Why a stop may take a while; `limit` is stop.timeout in seconds."""
    if limit <= 0:
        return "its services stop"
    return f"its services stop; {limit:g} s later, processes that ignore SIGTERM are killed"


def stop_trace(name: str, inside: tuple[str, ...] = ()) -> str:
    """What differs although the jail runs (again); `inside` are the jails inside it."""
    lost = f" {', '.join(map(sanitize, inside))} inside it do not come back;" if inside else ""
    return (
        f"the processes of {sanitize(name)} were stopped, or restarted with another JID;{lost} "
        "see its console log"
    )


def start_again(action: Run, name: str, jid: int) -> Undo:
    """Start it again, unless it never stopped: then it still has that jid."""
    return Undo(
        action,
        f"Start {sanitize(name)} again",
        preconditions=(JailStopped(name),),
        done_when=(JailRuns(name, jid),),
        timeout=jail_command.START_TIMEOUT,
    )
