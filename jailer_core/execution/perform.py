"""Carry out one action on the host; a running command ends on abort."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from jailer_core.errors import FileFailed, HostError
from jailer_core.execution import bring_over, mounting
from jailer_core.host import Hear, Host, Line, Result, libzfs
from jailer_core.parse.rcfile import with_settings
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

T = TypeVar("T")

TICK = ("sleep", "1")
"""Waits in the host's own time."""
LATE = 10.0
"""Seconds past its time at which a confirmation may still be seen."""


class Aborted(Exception):  # noqa: N818 - it is no error
    """The plan was aborted: end it, and undo what it did."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Who hears what a command prints, and that it began; and what ends it."""

    line: Line
    started: Hear | None = None
    abort: asyncio.Event | None = None


async def perform(
    host: Host, action: Action, seconds: float, hands: ActionContext
) -> Result | None:
    """Do it; the result of a command, or None. Raises HostError, and Aborted when it is ended.

    Files are written and removed at once, so an abort meets only commands.
    """
    match action:
        case Run():
            work = partial(_command, host, [action.argv], action.stdin, seconds, hands)
            mounts = mounting.mounts(action.argv)
            return await (mounting.run(host, action.argv, work) if mounts else work())
        case Pipe():
            return await _command(host, action.commands, None, seconds, hands)
        case WriteFile():
            await host.write(
                action.path,
                action.text,
                mode=action.mode,
                owner=action.owner,
                beneath=action.beneath,
                new=action.new,
            )
        case SetRc():
            await _set_rc(host, action)
        case RemoveFile():
            await host.remove(action.path)
        case MakeDir():
            await host.mkdir(action.path, action.mode)
        case RemoveDir():
            await host.rmdir(action.path)
        case AwaitConfirmation():
            await _hold(host, action, hands)
        case BringOver():
            await _until_abort(bring_over.run(host, action, hands.line, hands.started), hands.abort)
    return None


async def _hold(host: Host, action: AwaitConfirmation, hands: ActionContext) -> None:
    """Until the ticket is gone: a confirmation removes it, made here or over another connection.

    One that is found gone long after the time was removed by the watchdog (watchdog.py).
    """
    until = host.uptime() + action.seconds
    while True:
        recorded = action.plan_hash in await host.stat([action.plan_hash])
        late = host.uptime() - until
        if not recorded and late < LATE:
            return
        if late >= 0:
            raise HostError(
                f"no confirmation within {action.seconds:g} s that the host can be reached",
                "The connection may have been cut; otherwise confirm sooner.",
            )
        if hands.abort is not None and hands.abort.is_set():
            raise Aborted
        await _command(host, [TICK], None, LATE, replace(hands, started=None))


async def _set_rc(host: Host, action: SetRc) -> None:
    """Read, change, write. A file that cannot be read (a link is one) is an error, unless there
    is none.
    """  # noqa: D205 - one sentence
    try:
        text = await host.read(action.path, beneath=action.beneath)
    except FileFailed:
        # whatever a link at or above the path points to is not looked at
        if action.path in await host.stat([action.path]):
            raise
        text = ""
    text = with_settings(text, dict(action.values), action.drop)
    await host.write(action.path, text, beneath=action.beneath)


async def _command(
    host: Host,
    commands: Sequence[Sequence[str]],
    stdin: str | None,
    seconds: float,
    hands: ActionContext,
) -> Result:
    """By the host's library where it can do this; else the command itself. Raises Aborted."""

    async def work() -> Result:
        if stdin is None and len(commands) == 1:
            result = await libzfs.try_run(host, commands[0], seconds)
            if result is not None:
                for output, error in ((result.stdout, False), (result.stderr, True)):
                    for line in output.splitlines():
                        hands.line(line, error)
                return result
        return await host.stream(
            commands, hands.line, stdin=stdin, timeout=seconds, started=hands.started
        )

    return await _until_abort(work(), hands.abort)


async def _until_abort(work: Coroutine[Any, Any, T], abort: asyncio.Event | None) -> T:
    """Its result, unless it is aborted before. Raises Aborted."""
    running = asyncio.ensure_future(work)
    stop = asyncio.ensure_future((abort or asyncio.Event()).wait())
    try:
        await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        if not running.done():
            running.cancel()
            await asyncio.wait({running})
    if running.cancelled():
        raise Aborted
    return running.result()
