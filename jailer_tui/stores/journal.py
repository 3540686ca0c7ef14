"""Earlier changes: read while their tab is shown, and after each change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from jailer_core import journal_peek
from jailer_core.errors import JailerError
from jailer_core.model import FileStamp, Inventory, Layout
from jailer_core.text import sanitize
from jailer_tui.state import JournalState
from jailer_tui.stores.owner import StoreOwner

if TYPE_CHECKING:
    from jailer_core.journal import Entry
MOST = 500
"""So many changes are shown; older ones are counted."""


class JournalStore:
    """The app holds it. What it finds goes into the view."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app
        self._known: dict[str, tuple[FileStamp, Entry | None]] = {}
        self._again = False
        self._reading = False

    @property
    def layout(self) -> Layout:
        """Where things are, as far as is known."""
        inventory = self.app.view.inventory
        return inventory.layout if inventory is not None else Layout()

    def look(self) -> None:
        """Read what is new; while a look is under way another one follows it."""
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
        """All of them now, the newest first; files that have not changed are not read again."""
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
        """Whether anything was changed before, and has no end; costs next to nothing."""
        host, layout = self.app.reader.host, inventory.layout
        running = bool(self.app.jobs.running)
        title = "" if running else await journal_peek.interrupted_names(host, layout)
        changed = running or bool(await journal_peek.names(host, layout))
        view = self.app.view
        if (title, changed) != (view.cut_off, view.changed):
            self.app.set_view(replace(self.app.view, cut_off=title, changed=changed))
