"""Interrupted changes: what they mean for the next change, and what is recorded about them.

A change is interrupted when the program, the connection or the host ended in the middle of it: its
journal has no outcome. Until it is undone, resumed or dismissed, nothing
else is changed; and while one of its commands still runs, not even that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from jailer_core import journal
from jailer_core.errors import HostError, ParseError, Refused
from jailer_core.facts.on_demand import PROCESSES
from jailer_core.host import Host
from jailer_core.journal import Interrupted
from jailer_core.model import Inventory, Layout
from jailer_core.operations.undo.entry import GONE_ON, LEFT, Entry, Process
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.parse import process_tables
from jailer_core.plan import OutcomeStatus, Request
from jailer_core.plan.actions import commands_of
from jailer_core.plan.conditions.running import same_command
from jailer_core.text import sanitize

TIMEOUT = 30.0
SLACK = 3.0
"""Seconds by which two ways to tell when a process began may differ: ps counts whole seconds."""
LOOK = 1.0
"""Seconds between two looks at a command that still runs."""


Sleep = Callable[[float], Awaitable[object]]


async def check_allowed(host: Host, inventory: Inventory, request: Request) -> Interrupted | None:
    """The interrupted change that this request deals with. The caller holds the lock.

    Raises Refused for any other request while there is such a thing, and for this one while a
    command of it still runs.
    """
    cut = await journal.find_interrupted(host, inventory.layout)
    if cut is None:
        return None
    if not isinstance(request, UndoChange | Resume) or request.entry != cut.target.id:
        raise Refused(
            f"an earlier change was interrupted: {cut.target.title}",
            "Undo, resume or dismiss it first: activity recover",
        )
    processes = await still_running(host, cut)
    if processes:
        raise Refused(
            f"one of its commands is still running: {sanitize(processes[0].command)} "
            f"(process {processes[0].pid})",
            "Wait for it, or terminate it: activity recover",
        )
    return cut


async def mark_resolved(
    host: Host, inventory: Inventory, request: Request, cut: Interrupted | None, by: str
) -> None:
    """Record in the journals of older changes how they were dealt with. Raises HostError.

    `by` is the id of the change that dealt with them, "" when there was nothing to do.
    """
    if isinstance(request, UndoChange):
        await _reversed(host, inventory.layout, request, by)
    if cut is None:
        return
    for entry in cut.entries:
        if entry is not cut.target:
            await journal.add(host, entry.path, "closed", by=by, how=GONE_ON)
    if isinstance(request, Resume) and by:
        await journal.add(host, cut.target.path, "closed", by=by, how=GONE_ON)
    elif isinstance(request, Resume):
        # everything was done: only that was not written down
        await journal.add(host, cut.target.path, "outcome", ending=OutcomeStatus.DONE.value)


async def _reversed(host: Host, layout: Layout, request: UndoChange, by: str) -> None:
    """The change was undone; when it was an undo itself, what that had undone is so again."""
    entry = await journal.entry(host, layout, request.entry)
    while entry is not None:
        await journal.add(host, entry.path, "reversed", by=by or entry.id)
        older = entry.request
        if isinstance(older, UndoChange):
            again = await journal.entry(host, layout, older.entry)
            if again is not None:
                await journal.add(host, again.path, "renewed", by=by)
        entry = (
            await journal.entry(host, layout, older.entry) if isinstance(older, Resume) else None
        )


async def dismiss(host: Host, cut: Interrupted) -> None:
    """Dismiss it: nothing is changed, and it is not reported again. Raises HostError."""
    for entry in cut.entries:
        await journal.add(host, entry.path, "closed", how=LEFT)


async def find_interrupted(host: Host, layout: Layout) -> Interrupted | None:
    """What was interrupted; None too while a change is under way. Never raises HostError.

    Reading takes no lock, so it is read twice: what had no end while nothing was changing
    anything, and has none afterwards, was interrupted.
    """
    try:
        if await journal.find_interrupted(host, layout) is None or await host.changing():
            return None
        return await journal.find_interrupted(host, layout)
    except HostError:
        return None


# --- commands that still run -----------------------------------------------------------------


async def still_running(host: Host, cut: Interrupted) -> tuple[Process, ...]:
    """Its processes that still run: same pid, same start, same command. Raises HostError.

    A program that was killed right after it started a command could not record its pid:
    then it is a process with that command whose parent is gone, and which is no older than the
    step. When a process started is measured by the host's uptime: ps computes ages with it, and
    setting the clock changes neither.
    """
    printed = (await host.run(PROCESSES, timeout=TIMEOUT)).output()
    now, uptime = host.clock(), host.uptime()
    try:
        processes = process_tables.processes(printed).entire()
    except ParseError as error:
        raise HostError(error.message) from None
    candidates = [process for process in processes if not process.jid]
    recorded = {process.pid: process for process in cut.running}
    unrecorded = _unrecorded(cut.entries)
    running: list[Process] = []
    for candidate in candidates:
        process = Process(
            candidate.pid, now - candidate.age, candidate.command, uptime - candidate.age
        )
        known = recorded.get(process.pid)
        if known is not None:
            same = abs(_later(process, known)) <= SLACK
            same = same and same_command(process.command, known.command)
        else:
            same = candidate.parent == 1 and any(
                process.command == step.command and _later(process, step) >= -SLACK
                for step in unrecorded
            )
        if same:
            running.append(process)
    return tuple(running)


def _later(process: Process, other: Process) -> float:
    """How many seconds after the other it started; by the clock where only that was recorded."""
    if process.uptime is None or other.uptime is None:
        return process.since - other.since
    return process.uptime - other.uptime


def _unrecorded(entries: Iterable[Entry]) -> list[Process]:
    """Commands of steps in doubt whose processes were not recorded, with the start of the step."""
    commands: list[Process] = []
    for entry in entries:
        steps = entry.plan.steps if entry.plan is not None and not entry.running else ()
        for index in set(entry.begun) - set(entry.done) - set(entry.failed):
            action = steps[index].action if index < len(steps) else None
            when = entry.times.get(index, (entry.when, 0.0))[0]
            uptime = entry.uptimes.get(index)
            argvs = () if action is None else commands_of(action)
            commands += [Process(0, when, " ".join(argv), uptime) for argv in argvs]
    return commands


async def wait(host: Host, cut: Interrupted, sleep: Sleep = asyncio.sleep) -> None:
    """Wait until none of its commands is still running. Raises HostError."""
    while await still_running(host, cut):
        await sleep(LOOK)


async def terminate(
    host: Host, cut: Interrupted, sleep: Sleep = asyncio.sleep, patience: int = 10
) -> bool:
    """End its commands with all that they started; whether they are gone. Raises HostError.

    Each leads a process group of its number: `kill -s TERM -- -PID` (# not recorded).
    """
    for word in ("TERM", "KILL"):
        for process in await still_running(host, cut):
            with suppress(HostError):
                await host.run(("kill", "-s", word, "--", f"-{process.pid}"), timeout=TIMEOUT)
        for _ in range(patience):
            if not await still_running(host, cut):
                return True
            await sleep(LOOK)
    return not await still_running(host, cut)
