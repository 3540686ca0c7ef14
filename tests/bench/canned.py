"""A host that replays the answers of a simulated one, so that only our program is measured.

record("large", path)                    asks everything that the screen asks
python -m tests.bench.canned_screen FILE the screen on what was recorded
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from jailer_core.errors import CommandMissing, FileFailed
from jailer_core.facts import Reader
from jailer_core.host import Host, JailEvent, Result
from jailer_core.model import FileStamp

ROUNDS = 3


class Canned:
    """Answers commands and files from a table."""

    simulated = True
    connection = None

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said
        self.name = said["name"]
        self.now = said["now"]
        self.stamps = {path: FileStamp(**stamp) for path, stamp in said["stat"].items()}

    async def run(self, argv: Sequence[str], **_options: object) -> Result:
        """See Host."""
        found = self.said["run"].get("\0".join(argv))
        if found is None:
            raise CommandMissing(argv[0])
        return Result(tuple(argv), *found)

    def learn_roots(self, roots: Iterable[str]) -> None:
        """See Host."""

    async def read(self, path: str, **_options: object) -> str:
        """See Host."""
        found: str | None = self.said["read"].get(path)
        if found is None:
            raise FileFailed("read", path, "No such file or directory")
        return found

    async def listdir(self, path: str, **_options: object) -> tuple[str, ...]:
        """See Host."""
        return tuple(self.said["listdir"].get(path, ()))

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        """See Host."""
        return {path: self.stamps[path] for path in paths if path in self.stamps}

    async def changing(self) -> bool:
        """See Host."""
        return False

    def watch(self) -> AsyncIterator[JailEvent] | None:
        """See Host."""
        return None

    def clock(self) -> float:
        """See Host."""
        return float(self.now)

    def uptime(self) -> float:
        """See Host. It passes: the rhythm of reading goes by it."""
        return time.monotonic()

    async def close(self) -> None:
        """See Host."""


class _Listening:
    """A host whose answers are written down."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self.said: dict[str, Any] = {"run": {}, "read": {}, "listdir": {}, "stat": {}}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)

    async def run(self, argv: Sequence[str], **options: Any) -> Result:
        result: Result = await self.host.run(argv, **options)
        self.said["run"]["\0".join(argv)] = (result.status, result.stdout, result.stderr)
        return result

    async def read(self, path: str, **options: Any) -> str:
        text: str = await self.host.read(path, **options)
        self.said["read"][path] = text
        return text

    async def listdir(self, path: str, **options: Any) -> tuple[str, ...]:
        names: tuple[str, ...] = await self.host.listdir(path, **options)
        self.said["listdir"][path] = names
        return names

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        stamps: dict[str, FileStamp] = await self.host.stat(paths)
        self.said["stat"] |= {path: asdict(stamp) for path, stamp in stamps.items()}
        return stamps


def record(scenario: str, path: Path) -> None:
    """Write down what a host of that scenario says to the reader, first and warm."""
    from jailer_core.simulator.scenarios import build  # noqa: PLC0415 - not in the child

    record_host(build(scenario), path)


def record_host(machine: Any, path: Path) -> None:
    """The same for any machine."""
    from jailer_core.simulator.host import SimulatedHost  # noqa: PLC0415 - not in the child

    listening = _Listening(SimulatedHost(machine))

    async def ask() -> None:
        for quick in (True, False):
            reader = Reader(cast("Host", listening))
            for _ in range(ROUNDS):
                await reader.gather(quick=quick)

    asyncio.run(ask())
    said = listening.said | {"name": listening.host.name, "now": listening.host.clock()}
    path.write_text(json.dumps(said), encoding="utf-8")
