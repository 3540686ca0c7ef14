"""Our own background programs on a simulated host: the watchdog that reverts a change.

`python3.11 … -m jailer_core.watchdog STATE MARK SECONDS` becomes a process of the host; the
next client of that host runs it (`attend`) beside everything else, as a client of its own.
It waits in the host's own time: on a host without pace until someone else lets time pass.
Not recorded: no recording runs Python.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Call, Machine, Running, command, fail
from jailer_core.ssh_client import REVERTER

Watch = Callable[..., Coroutine[Any, Any, None]]


@command("python3.11")
def python(machine: Machine, call: Call) -> Running:
    words = call.args
    if REVERTER not in words or len(words) != words.index(REVERTER) + 4:
        return (yield from fail("python3.11", "only jailer_core.watchdog is simulated", 2))
    state, mark = words[-3:-1]
    folder = f"{state}/revert"
    if not call.root or not machine.files.is_dir(folder):
        return (yield from fail("", f"cannot write {folder}/{mark}"))
    machine.files.write(f"{folder}/{mark}", b"", mode=0o600)
    kernel.spawn(machine, " ".join(call.argv))
    return 0


def waiting(machine: Machine) -> list[tuple[int, tuple[str, ...]]]:
    """Pid and arguments of those that are not being run yet."""
    return [
        (process.pid, tuple(process.command.split()[-3:]))
        for process in machine.state.processes.values()
        if f" {REVERTER} " in process.command and process.pid not in machine.detached
    ]


async def attend(host: Any, machine: Machine, pid: int, words: tuple[str, ...]) -> None:
    """Run one to its end, as the client `host`."""
    watch: Watch = importlib.import_module(REVERTER).watch
    try:
        with suppress(JailerError, ValueError):
            await watch(host, words[0], words[1], float(words[2]), lambda: None)
        # cancelled, it is the client that ends: the process stays
        machine.state.processes.pop(pid, None)
    finally:
        machine.detached.discard(pid)


async def passed(machine: Machine, seconds: float) -> None:
    """Wait until that much time has passed on the host, by whatever someone else does."""
    due = machine.state.now + seconds
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    machine.sleepers.append((due, over))
    await over


def wake(machine: Machine) -> None:
    """Time has passed: resume everything that waited for that."""
    if not machine.sleepers:
        return
    due = [sleeper for sleeper in machine.sleepers if sleeper[0] <= machine.state.now]
    machine.sleepers[:] = [sleeper for sleeper in machine.sleepers if sleeper not in due]
    for _, over in due:
        if not over.done():
            over.set_result(None)
