"""Read the changes since a snapshot: one dataset after the other, while they are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

from jailer_core.errors import JailerError
from jailer_core.facts.snapshot_diff import LIMIT, diff
from jailer_core.host import Host
from jailer_core.model import Snapshot
from jailer_core.parse.zfsdiff import Branch, grow
from jailer_core.text import sanitize

TOLD = 200
"""Changes after which it is time to draw again."""


class SnapshotDiff:
    """The tree as far as it was read. `told` is called when there is something new to see.

    `base` is where the jail's dataset is mounted: paths are told from there.
    """

    def __init__(
        self, host: Host, snapshots: Sequence[Snapshot], base: str, told: Callable[[], None]
    ) -> None:
        self.top = Branch("")
        self.over = False
        self.cut = False
        self.stopped = False
        self.failure = ""
        self._host = host
        self._snapshots = tuple(snapshots)
        self._base = base
        self._told = told

    async def read(self) -> None:
        """All of it, or as much as may be. Cancelling ends the command."""
        try:
            for snapshot in self._snapshots:
                await self._one(snapshot)
        except JailerError as error:
            self.failure = sanitize(error.message)
        except asyncio.CancelledError:
            self.stopped = True
            raise
        finally:
            self.over = True
            self._told()

    async def _one(self, snapshot: Snapshot) -> None:
        room = LIMIT - self.top.total
        if room <= 0:
            self.cut = True
            return
        seen = 0
        async with aclosing(
            diff(self._host, snapshot.dataset, snapshot.name, limit=room)
        ) as stream:
            async for change in stream:
                grow(self.top, change, self._base)
                seen += 1
                if seen % TOLD == 0:
                    self._told()
                    await asyncio.sleep(0)
        self.cut = self.cut or seen >= room
