"""An agent that replays the answers of a host: `python -I -S -B canned_agent.py ARCHIVE FILE`.

It is started as a real one is, from the archive, and has nothing else in memory.
"""

# ruff: noqa: E402
from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, sys.argv[1])
sys.modules["ssl"] = None  # type: ignore[assignment]  # as bootstrap.py does

from jailer_core.agent.serve import run
from jailer_core.errors import CommandMissing, FileFailed
from jailer_core.host import Host, Result
from jailer_core.host.local import LocalHost
from jailer_core.model import FileStamp


class Canned(LocalHost):
    """Answers commands and files from a table."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__()
        self.said = said
        self.name = said["name"]

    async def run(self, argv: Any, **_options: Any) -> Result:
        found = self.said["run"].get("\0".join(argv))
        if found is None:
            raise CommandMissing(argv[0])
        return Result(tuple(argv), *found)

    async def read(self, path: str, **_options: Any) -> str:
        found: str | None = self.said["read"].get(path)
        if found is None:
            raise FileFailed("read", path, "No such file or directory")
        return found

    async def listdir(self, path: str, **_options: Any) -> tuple[str, ...]:
        return tuple(self.said["listdir"].get(path, ()))

    async def stat(self, paths: Any) -> dict[str, FileStamp]:
        known = self.said["stat"]
        return {path: FileStamp(**known[path]) for path in paths if path in known}

    def clock(self) -> float:
        return float(self.said["now"])

    def uptime(self) -> float:
        return time.monotonic()


table = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
sys.exit(run(cast("Host", Canned(table)), "bench"))
