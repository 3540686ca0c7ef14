"""Earlier changes: read while their tab is shown, and after each change.

Read the changes since a snapshot: one dataset after the other, while they are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from jailer_core import journal_peek
from jailer_core.errors import JailerError
from jailer_core.facts.on_demand import LIMIT, diff
from jailer_core.host import Host
from jailer_core.model import FileStamp, Inventory, Layout, Snapshot
from jailer_core.parse.zfsdiff import Branch, grow
from jailer_core.text import sanitize
from jailer_tui.state import JournalState
from jailer_tui.stores.preferences import StoreOwner

if TYPE_CHECKING:
    from jailer_core.operations.undo.entry import Entry


MOST = 500
"""How many changes are shown; older ones are counted."""


class JournalStore:
    """Reads the journal into the state."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app
        self._known: dict[str, tuple[FileStamp, Entry | None]] = {}
        self._again = False
        self._reading = False

    @property
    def layout(self) -> Layout:
        """The layout of the host, as far as it is known."""
        inventory = self.app.view.inventory
        return inventory.layout if inventory is not None else Layout()

    def look(self) -> None:
        """Read new entries; a call during a reading starts another one afterwards."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        self.app.run_worker(self._look(), group="past", exit_on_error=False)

    async def _look(self) -> None:
        try:
            while True:
                self._again = False
                changes = await self.read()
                if changes != self.app.view.changes:
                    self.app.set_view(replace(self.app.view, changes=changes))
                if not self._again:
                    return
        finally:
            self._reading = False

    async def read(self) -> JournalState:
        """Read all entries, the newest first; unchanged files are not read again."""
        from jailer_core import journal  # noqa: PLC0415 - imports all operations

        host = self.app.reader.host
        try:
            paths = await journal_peek.names(host, self.layout)
            stamps = await host.stat(paths[:MOST])
        except JailerError as error:
            return JournalState((), failure=sanitize(error.message))

        async def one(path: str) -> None:
            known = self._known.get(path)
            if known is None or known[0] != stamps[path]:
                self._known[path] = (stamps[path], await journal.read_path(host, path))

        await asyncio.gather(*(one(path) for path in paths[:MOST] if path in stamps))
        listed = [self._known[path][1] for path in paths[:MOST] if path in stamps]
        entries = tuple(entry for entry in listed if entry is not None)
        return JournalState(entries, more=max(0, len(paths) - MOST))

    async def cut_off(self, inventory: Inventory) -> None:
        """Update whether a change is interrupted, and whether there are changes; cheap."""
        host, layout = self.app.reader.host, inventory.layout
        running = bool(self.app.jobs.running)
        title = "" if running else await journal_peek.interrupted_names(host, layout)
        changed = running or bool(await journal_peek.names(host, layout))
        view = self.app.view
        if (title, changed) != (view.cut_off, view.changed):
            self.app.set_view(replace(self.app.view, cut_off=title, changed=changed))


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
        """Read all changes up to the limit. Cancelling ends the command."""
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
