"""Logs: the cost of opening a huge one, and the time of a search through a large one."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from jailer_core.host.local import LocalHost
from jailer_core.logs import LogFile, Place, matcher
from tests.bench.figures import Figure, median

GIANT = 1 << 30
LARGE = 100 << 20
LINE = b"Nov 24 00:07:37 www0 app[4711]: GET /orders/%08d 200 1525 bytes, nothing to see here\n"
LINES = 400


def logs() -> Iterator[Figure]:
    """A sparse log of 1 GB is opened; one of 100 MB is searched from its end to its start."""
    with tempfile.TemporaryDirectory() as folder:
        giant, large = Path(folder, "giant"), Path(folder, "large")
        with giant.open("wb") as file:
            file.truncate(GIANT)
            file.seek(GIANT - LINES * 200)
            file.writelines(LINE % number for number in range(LINES * 200 // len(LINE % 0)))
        with large.open("wb") as file:
            number = 0
            while file.tell() < LARGE:
                file.writelines(LINE % one for one in range(number, number + 10_000))
                number += 10_000
        read, peak = _cost(giant)
        yield Figure("log of 1 GB: read to open it", read, "B", 256 * 1024, "its last 400 lines")
        yield Figure("log of 1 GB: memory to open it", peak / 2**20, "MB", 4.0)
        opened = median(lambda: _timed(_open(giant)), 5) * 1000
        yield Figure("log of 1 GB: opened in", opened, "ms", 50.0)
        words = "no such words"
        took = median(lambda: _timed(_search(large, words)), 3)
        yield Figure("search through 100 MB", took, "s", 2.0, "nothing is found")


def _timed(work: object) -> float:
    """Its processor time: a busy machine does not make it more."""
    began = time.process_time()
    asyncio.run(work)  # type: ignore[arg-type]
    return time.process_time() - began


async def _open(path: Path) -> None:
    log = LogFile(LocalHost(), Place("log", str(path)))
    await log.look()
    assert await log.before(log.size, LINES)


async def _search(path: Path, words: str) -> None:
    log = LogFile(LocalHost(), Place("log", str(path)))
    await log.look()
    assert await log.find(matcher(words), log.size, forward=False) is None


def _cost(path: Path) -> tuple[int, int]:
    """Bytes read and the most memory held while it is opened."""
    read: list[int] = []
    pread = os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        read.append(size)
        return pread(descriptor, size, offset)

    os.pread = counted
    tracemalloc.start()
    try:
        asyncio.run(_open(path))
        return sum(read), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        os.pread = pread
