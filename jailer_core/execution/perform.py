"""Mount safely: mount(8) follows links, so a mount that ended up elsewhere is removed at once.

A jail's root user can put a link in the place of a directory after it was looked at. FreeBSD has
no way to mount on a directory that is held open, so what was mounted is looked at afterwards.
Bastille's own command runs mount(8) as well.

Carry out one action on the host; a running command ends on abort.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from jailer_core.errors import FileFailed, HostError
from jailer_core.execution import bring_over
from jailer_core.host import Hear, Host, Line, Result, optional
from jailer_core.model import Mount
from jailer_core.model.trees import normal
from jailer_core.parse import mount_tables, process_tables
from jailer_core.parse.rcconf import with_settings
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
from jailer_core.text import sanitize

LIST = ("mount", "-p")
JAILS = ("jls", "-d", "--libxo=json", "jid", "name", "path", "dying")
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Target:
    """What to mount where; `hint` is for when it was mounted elsewhere."""

    fstype: str
    source: str
    path: str
    hint: str = "Something in the jail has changed it in the meantime: find out what."


def is_mount(argv: tuple[str, ...]) -> bool:
    """Whether that command mounts something that this program names."""
    return argv[:2] in (("mount", "-t"), ("bastille", "mount"))


async def run_mount(
    host: Host, argv: tuple[str, ...], command: Callable[[], Awaitable[Result]]
) -> Result:
    """Run `mount -t TYPE … SOURCE PATH` or `bastille mount JAIL SOURCE TARGET TYPE …`.

    However it ends: raises HostError where it went to another path.
    """
    target = await _target(host, argv)
    before = Counter(await _mounts(host))
    try:
        return await command()
    finally:
        made = Counter(await _mounts(host)) - before
        await _check(host, target, list(made))


async def _target(host: Host, argv: tuple[str, ...]) -> Target:
    if argv[0] == "mount":
        return Target(argv[2], argv[-2], argv[-1])
    _, _, name, source, path, fstype = argv[:6]
    jails = process_tables.jails((await host.run(JAILS, timeout=TIMEOUT)).output()).entire()
    root = next((jail.path for jail in jails if jail.name == name and not jail.dying), None)
    if root is None:
        raise HostError(f"{sanitize(name)} does not run any more", "Start it first.")
    hint = f"Bastille has recorded it: remove that line from the fstab of {sanitize(name)}."
    return Target(fstype, source, normal(f"{root}/{path}"), hint)


async def _check(host: Host, target: Target, made: list[Mount]) -> None:
    elsewhere = [
        entry
        for entry in made
        if entry.fstype == target.fstype
        and entry.device in (target.source, target.fstype)
        and entry.path != target.path
    ]
    if not elsewhere or any(entry.path == target.path for entry in made):
        return
    done = await host.run(("umount", elsewhere[-1].path), timeout=TIMEOUT)
    where, path = sanitize(elsewhere[-1].path), sanitize(target.path)
    if not done.ok:
        raise HostError(
            f"{path} has become a symbolic link to {where}, where it is mounted now",
            f"Unmount it: umount {where}",
        )
    raise HostError(
        f"{path} has become a symbolic link to {where}: nothing stays mounted there", target.hint
    )


async def _mounts(host: Host) -> tuple[Mount, ...]:
    return mount_tables.mounts((await host.run(LIST, timeout=TIMEOUT)).output()).entire()


T = TypeVar("T")

TICK = ("sleep", "1")
"""Waits in the host's own time."""
LATE = 10.0
"""Seconds past its time at which a confirmation may still be seen."""


class Aborted(Exception):  # noqa: N818 - it is no error
    """The plan was aborted: stop it and undo what it did."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Callbacks for the start and the output of a command, and its abort flag."""

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
            mounts = is_mount(action.argv)
            return await (run_mount(host, action.argv, work) if mounts else work())
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
            result = await optional.try_run(host, commands[0], seconds)
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
