"""Changes since a snapshot: `zfs diff`, read line by line and ended at a limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from jailer_core.errors import ParseError
from jailer_core.host import Host
from jailer_core.parse import zfsdiff
from jailer_core.parse.zfsdiff import Change

TIMEOUT = 3600.0
LIMIT = 20000
"""More lines than anybody reads."""


async def diff(
    host: Host, dataset: str, snapshot: str, other: str = "", limit: int = LIMIT
) -> AsyncGenerator[Change, None]:
    """Changes of a dataset since its snapshot, up to another (later) one or until now.

    Close the generator to end the command; it ends on its own after `limit` changes. Raises
    CommandFailed and other HostErrors; at the end ParseError when lines could not be read.
    """
    argv = (*zfsdiff.COMMAND, f"{dataset}@{snapshot}", *((f"{dataset}@{other}",) if other else ()))
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    room = limit

    def heard(line: str, error: bool) -> None:
        nonlocal room
        if not error and line and room:  # zfs may print faster than they are taken
            room -= 1
            lines.put_nowait(line)

    task = asyncio.create_task(host.stream([argv], heard, timeout=TIMEOUT))
    task.add_done_callback(lambda _task: lines.put_nowait(None))
    try:
        seen, unread = 0, ""
        while seen < limit and (line := await lines.get()) is not None:
            if line:
                seen += 1
                try:
                    change = zfsdiff.change(line)
                except ParseError as error:
                    unread = unread or error.message
                    continue
                yield change
        if seen < limit:
            (await task).output()
        if unread:
            raise ParseError(unread)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
