"""Real programs for tests, and whether they have gone."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path


def py(code: str, *args: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code, *args]


STUBBORN = (
    "import os,signal,sys,time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = os.fork()\n"
    "if child == 0: signal.pause()\n"
    "print(os.getpid(), child, flush=True)\n"
    "signal.pause()\n"
)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # a killed grandchild is a zombie until init takes it, which not every container has
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def vanished(pids: list[int]) -> None:
    """All were killed already, but the kernel may still be about it."""
    async with asyncio.timeout(20):
        while not all(gone(pid) for pid in pids):  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0)
