"""The cost of starting a process, and the effect of a flood of output on everything else."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from jailer_core.errors import CommandTimedOut, OutputTooLong
from jailer_core.host import OUTPUT_LIMIT
from jailer_core.host.local import LocalHost
from tests.bench.figures import Figure

PROCESSES = 50
ROUNDS = 30
BALLAST = 96 << 20
"""Bytes that the program is made larger by: with Textual it has some 60 MB of its own."""
COMMAND = ("true",)


# --- starting --------------------------------------------------------------------------------


def spawning() -> Iterator[Figure]:
    """Our own CPU for a process, beside that of asyncio in the same program."""
    importlib.import_module("textual.app")
    importlib.import_module("jailer_tui.app")
    ballast = bytearray(os.urandom(1 << 20) * (BALLAST >> 20))
    ours, theirs = asyncio.run(_compared())
    note = f"{_most() >> 20} MB of memory, {PROCESSES} processes, best of {ROUNDS} rounds"
    yield Figure("CPU of ours for one process", ours * 1e6, "us", note=note)
    yield Figure("the same with asyncio.create_subprocess_exec", theirs * 1e6, "us")
    yield Figure("ours beside asyncio's", ours / theirs, "", 0.25)
    del ballast


async def _compared() -> tuple[float, float]:
    host = LocalHost()

    async def ours() -> None:
        await host.run(COMMAND)

    async def theirs() -> None:
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=nothing,
            stdout=pipe,
            stderr=pipe,
            cwd="/",
            env={"PATH": os.environ["PATH"]},
            start_new_session=True,
        )
        await process.communicate()

    values: dict[Callable[[], Awaitable[None]], list[float]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for way, costs in values.items():
            await way()
            began = time.process_time()
            for _ in range(PROCESSES):
                await way()
            costs.append((time.process_time() - began) / PROCESSES)
    return min(values[ours]), min(values[theirs])


# --- floods ----------------------------------------------------------------------------------

LIMIT = 1.0
"""Seconds that a flood may take."""
FLOODS = {
    "just what may be kept": f"print(end='y' * {OUTPUT_LIMIT - 1})",
    "the same in wide letters": f"print(end='\\U0001f600' * {OUTPUT_LIMIT // 10 - 1})",
    "short lines": "import os\nwhile True: os.write(1, b'y\\n' * 32768)",
    "a line without end": "import os\nwhile True: os.write(1, b'y' * 65536)",
    "both outputs, no text": (
        "import os\ndata = os.urandom(65536)\nwhile True: os.write(1, data); os.write(2, data)"
    ),
}
_MEASURE = """
import asyncio, resource, sys
from tests.bench import spawning
print(*asyncio.run(spawning.flooded(sys.argv[1], sys.argv[2])))
"""


def floods() -> Iterator[Figure]:
    """Output that comes faster than it is read: time-outs, abort, turns of others, memory."""
    for kind in ("run", "stream", "attend"):
        for name in FLOODS:
            argv = [sys.executable, "-c", _MEASURE, kind, name]
            done = subprocess.run(argv, check=True, capture_output=True, text=True)
            late, abort, turn, memory = map(float, done.stdout.split())
            what = f"{kind}, {name}"
            yield Figure(f"{what}: time-out late by", late, "s", 0.5)
            yield Figure(f"{what}: abort takes", abort, "s", 0.5)
            yield Figure(f"{what}: others wait at most", turn, "s", 0.5)
            yield Figure(f"{what}: memory", memory, "MiB", 16.0)


async def flooded(kind: str, name: str) -> tuple[float, float, float, float]:
    """How late a time-out is, how long an abort takes, the longest turn of the loop, memory."""
    host = LocalHost()
    argv = [sys.executable, "-I", "-S", "-c", FLOODS[name]]
    await host.run((sys.executable, "-I", "-S", "-c", "print('a' * 99999)"))
    before = _forget_most()
    measuring = asyncio.create_task(turns())

    async def command(seconds: float) -> None:
        if kind == "run":
            await host.run(argv, timeout=seconds)
        elif kind == "stream":
            await host.stream([argv], lambda _line, _error: None, timeout=seconds)
        else:
            await host.attend(argv, lambda _data, _error: None, timeout=seconds)

    began = time.monotonic()
    with suppress(CommandTimedOut, OutputTooLong):
        await command(LIMIT)
    late = max(0.0, time.monotonic() - began - LIMIT)
    task = asyncio.create_task(command(60.0))
    await asyncio.sleep(LIMIT)
    began = time.monotonic()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    abort = time.monotonic() - began
    measuring.cancel()
    longest = await measuring
    return late, abort, longest, (_most() - before) / 2**20


async def turns() -> float:
    """The longest time between two turns that are due at once, until it is cancelled."""
    longest, last = 0.0, time.monotonic()
    try:
        while True:
            await asyncio.sleep(0.001)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return longest


def _forget_most() -> int:
    """What this program holds now; `_most` counts from here on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _most()


def _most() -> int:
    """The most memory that this program has held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
