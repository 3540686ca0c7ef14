"""Pools, and what uses their space: by jail, image and trash, and by the datasets of each."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult

from jailer_core.facts.vitals import Storage, StorageReader
from jailer_core.model import Jail, TrashEntry
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters import retention
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.storage import (
    ITSELF,
    JAIL,
    TRASH,
    User,
    cells,
    columns_for,
    parts,
    pool_lines,
    users,
)
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.screens.snapshot_space import SnapshotSpaceScreen
from jailer_tui.screens.tab_screen import WholeScreen
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row
from jailer_tui.widgets.lines import Lines

PERIOD = 10.0
"""Seconds between two readings, for the progress of a scrub."""


class StoragePane(TablePane[User]):
    """The pools above a table of what uses them."""

    TABLE = "storage"

    DEFAULT_CSS = """
    StoragePane > #pools { height: auto; max-height: 40%; }
    """

    def __init__(self, glyphs: Glyphs, dataset: str = "") -> None:
        super().__init__("users", glyphs)
        self._dataset = dataset
        self.pools = Lines(id="pools")
        self.storage: Storage | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.pools
        yield self.grid

    def on_mount(self) -> None:
        """Focus the table."""
        self.pools.can_focus = False

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        inventory, storage = view.inventory, self.storage
        if inventory is None or storage is None:
            self.grid.empty = self.reading("the pools")
            return
        width = max(20, self.size.width)
        self.pools.set_lines(pool_lines(inventory, storage, width, self.glyphs))
        use = storage.use or {}
        every = parts(use, self._dataset) if self._dataset else users(inventory, use)
        self.items = {user.key: user for user in every if self.passes(f"{user.kind} {user.name}")}
        columns = chosen_columns(view.settings, self.TABLE, columns_for(width - 1))
        most = max((user.use.used for user in every), default=0)
        rows = [
            Row(key, cells(user, columns, most, self.glyphs)) for key, user in self.items.items()
        ]
        self.set_table(columns, rows, self._nothing(storage))

    def _nothing(self, storage: Storage) -> tuple[Line, ...]:
        if storage.use is None:
            return ((("  What uses the space could not be read.", "bad"),),)
        return ((("  Nothing matches." if self.filter else "  No jail has a dataset.", "dim"),),)

    def status(self) -> list[Span]:
        """The status: filter, and the space that purging frees."""
        shown: list[Span] = [(f"/{sanitize(self.filter)}  ", "accent")] if self.filter else []
        entries, inventory = self.entries, self._view.inventory if self._view else None
        if entries and inventory is not None:
            shown.append((retention.frees(inventory, entries), "text"))
        return self.joined(shown, self.order_spans())

    @property
    def entries(self) -> tuple[TrashEntry, ...]:
        """The entry of the trash under the cursor, or all of them."""
        user, inventory = self.current, self._view.inventory if self._view else None
        if user is None or inventory is None or user.kind != TRASH:
            return ()
        if user.use.name == inventory.layout.trash:
            return inventory.trash
        return tuple(entry for entry in inventory.trash if entry.dataset == user.use.name)


class StorageScreen(WholeScreen):
    """Storage; read when it opens, and from time to time while in front."""

    PLACES = ("storage", "all")
    PICKS = "storage_open"

    pane: StoragePane

    def __init__(self, view: AppState, name: str = "", dataset: str = "") -> None:
        """Of the whole host, or of one dataset and what is below it."""
        super().__init__(view)
        self._whose = name
        self.pane = StoragePane(view.glyphs, dataset)
        self._reader = StorageReader()

    @property
    def heading(self) -> str:
        """The heading: the names."""
        return f"Storage of {sanitize(self._whose)}" if self._whose else "Storage"

    def on_mount(self) -> None:
        """Read at once."""
        self.worked()
        self.set_interval(PERIOD, self.worked)

    def worked(self) -> None:
        """A change may have freed space."""
        if self.in_front:
            self.in_background(self.read, "storage")

    async def read(self) -> None:
        """Read pools and space."""
        self.pane.storage = await self._reader.read(self.jailer.reader.host)
        self.pane.show(self.view)
        self.draw()

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor."""
        user = self.pane.current
        return self.view.jail(user.name) if user is not None and user.kind == JAIL else None

    @property
    def selection(self) -> Selection:
        """The jail or trash entries under the cursor."""
        entries = self.pane.entries
        if len(entries) == 1:
            return replace(super().selection, entry=entries[0])
        return replace(super().selection, entries=entries)

    def action_storage_open(self) -> None:
        """Show its child datasets, its snapshots, or the trash."""
        user = self.pane.current
        if user is None:
            return
        if user.kind == TRASH:
            self.jailer.call_later(self.jailer.dispatcher.perform, "trash")
            return
        names = [name for name in (self._whose, user.name) if name not in ("", ITSELF)]
        screen = StorageScreen if user.use.children else SnapshotSpaceScreen
        self.app.push_screen(screen(self.view, "/".join(names), user.use.name))
