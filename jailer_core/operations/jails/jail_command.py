"""jail(8) command lines and how long they may take.

Why not service(8): it exits 0 when a start failed, and stops without poststop
(docs/freebsd-facts.md, Starting and stopping).

The parts that all ways to stop a jail share: notes for the preview, and the undo.
"""

from __future__ import annotations

from jailer_core.model import JailConfig
from jailer_core.plan import JailRuns, JailStopped, Run, Undo
from jailer_core.text import sanitize

START_TIMEOUT = 300.0
"""Seconds: a start that is merely slow must not be undone. One DHCP interface waits up to 30 s
(recording 04), and a database that recovers takes minutes; who is tired of waiting aborts."""

STOP_MARGIN = 120.0
"""Seconds above stop.timeout: rc.shutdown gives services 90 s before its own watchdog ends it
(rcshutdown_timeout in rc.conf(5)), and poststop commands and umounts follow."""

STOP_TIMEOUT = 10.0
"""jail(8)'s stop.timeout: then processes that ignore SIGTERM are killed (docs/freebsd-facts.md)."""


def argv(file: str, op: str, name: str) -> tuple[str, ...]:
    """`jail -v -f FILE -c NAME`."""
    return ("jail", "-v", "-f", file, op, *named(name))


def named(name: str) -> tuple[str, ...]:
    """The name as the last argument; `--` before one that looks like a flag is not recorded."""
    return ("--", name) if name.startswith("-") else (name,)


def seconds(config: JailConfig, param: str, default: float) -> float:
    """A parameter that is a number of seconds."""
    value = config.first(param)
    return float(value) if value.isdigit() else default


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
        timeout=START_TIMEOUT,
    )
