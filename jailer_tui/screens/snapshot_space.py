"""Space that destroying snapshots of a dataset would free: one alone, or with all older ones."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.errors import JailerError
from jailer_core.facts import on_demand
from jailer_core.facts.vitals import frees
from jailer_core.model import Snapshot
from jailer_core.operations.snapshots.requests import SnapshotDestroy
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.actions.selection import Selection
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.presenters.snapshots import Entry
from jailer_tui.screens.tab_screen import WholeScreen
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row

MOST = 60
"""For how many snapshots the space with older ones is read; each costs one command."""


class SnapshotSpacePane(TablePane[Snapshot]):
    """The snapshots, the newest first."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("snapshots", glyphs)
        self.snapshots: tuple[Snapshot, ...] | None = None
        self.ranges: dict[str, int | None] = {}
        self.failure = ""
        self.now = 0.0

    @property
    def older(self) -> tuple[Snapshot, ...]:
        """The snapshot under the cursor and all older ones."""
        current, every = self.current, self.snapshots or ()
        return tuple(
            snapshot for snapshot in every if current and snapshot.createtxg <= current.createtxg
        )

    def show(self, view: AppState) -> None:
        """Show all matching rows, with current ages."""
        self._view = view
        if view.inventory is not None:
            self.now = view.inventory.taken
        name = max(12, self.size.width - 50)
        columns = (
            Column("name", "SNAPSHOT", name, 0, title="Name"),
            Column("age", "AGE", 7, 0, right=True, title="Age"),
            Column("alone", "ALONE", 7, 0, right=True, title="Held alone"),
            Column("older", "WITH OLDER", 10, 0, right=True, title="Held with older ones"),
            Column("holds", "", 12, 0),
        )
        newest_first = sorted(self.snapshots or (), key=lambda snapshot: -snapshot.createtxg)
        self.items = {
            snapshot.name: snapshot for snapshot in newest_first if self.passes(snapshot.name)
        }
        rows = [self._row(snapshot) for snapshot in self.items.values()]
        self.set_table(columns, rows, self._nothing())

    def _row(self, snapshot: Snapshot) -> Row:
        size = self.ranges.get(snapshot.name)
        known = snapshot.name in self.ranges
        older = human_bytes(size) if size is not None else "?" if known else ""
        kept = "held" if snapshot.holds else "has clones" if snapshot.clones else ""
        cells: tuple[Span, ...] = (
            (sanitize(snapshot.name), "strong"),
            (human_age(int(max(0, self.now - snapshot.creation))), "text"),
            (human_bytes(snapshot.used), "text"),
            (older, "accent"),
            (kept, "warn"),
        )
        return Row(snapshot.name, cells)

    def _nothing(self) -> tuple[Line, ...]:
        if self.failure:
            return (((f"  {sanitize(self.failure)}", "bad"),),)
        if self.snapshots is None:
            return self.reading("the snapshots")
        return ((("  Nothing matches." if self.filter else "  It has no snapshots.", "dim"),),)

    def status(self) -> list[Span]:
        """The status: the space that destroying all of them would free."""
        newest = max(self.snapshots or (), key=lambda snapshot: snapshot.createtxg, default=None)
        size = self.ranges.get(newest.name) if newest is not None else None
        return [(f"total: {human_bytes(size)}", "text")] if size is not None else []


class SnapshotSpaceScreen(WholeScreen):
    """The space of a jail's snapshots; read when it opens and after each change."""

    PLACES = ("space", "all")
    PICKS = "space_one"

    pane: SnapshotSpacePane

    def __init__(self, view: AppState, name: str, dataset: str) -> None:
        super().__init__(view)
        self._whose = name
        self._dataset = dataset
        self.pane = SnapshotSpacePane(view.glyphs)

    @property
    def heading(self) -> str:
        """The heading: the names."""
        return f"Space held by the snapshots of {sanitize(self._whose)}"

    def on_mount(self) -> None:
        """Read at once."""
        self.worked()

    def worked(self) -> None:
        """A job has ended: read again."""
        self.in_background(self.read, "space")

    async def read(self) -> None:
        """Read the snapshots, and what each would free together with all older ones."""
        reader, pane = self.jailer.reader, self.pane
        try:
            snapshots = await on_demand.snapshots(reader.host, self._dataset)
        except JailerError as error:
            pane.failure = error.message
            pane.again()
            return
        own = [snapshot for snapshot in snapshots if snapshot.dataset == self._dataset]
        own.sort(key=lambda snapshot: snapshot.createtxg)
        pane.snapshots, pane.ranges = tuple(own), {}
        pane.again()
        for snapshot in own[-MOST:]:
            size = await frees(reader.host, self._dataset, own[0].name, snapshot.name)
            pane.ranges[snapshot.name] = size
        pane.again()
        self.draw()

    @property
    def selection(self) -> Selection:
        """The snapshot under the cursor."""
        snapshot, inventory = self.pane.current, self.view.inventory
        if snapshot is None or inventory is None:
            return Selection(snapshots=())
        jail = inventory.jail(self._whose)
        entry = Entry(self._whose, jail, self._dataset, (snapshot,), 0)
        return Selection(snapshots=(entry,), snapshot=entry)

    def action_space_one(self) -> None:
        """Preview destroying this snapshot alone."""
        current = self.pane.current
        if current is not None:
            self._destroy((current,))

    def action_space_older(self) -> None:
        """Preview destroying it and all older ones that can be destroyed."""
        older = self.pane.older
        kept = [snapshot for snapshot in older if snapshot.holds or snapshot.clones]
        free = tuple(snapshot for snapshot in older if snapshot not in kept)
        if not free:
            self.jailer.notify_user("all of them are held or have clones")
            return
        if kept:
            names = ", ".join(sanitize(snapshot.name) for snapshot in kept)
            self.jailer.notify_user(f"not included, because held or cloned: {names}")
        self._destroy(free)

    def _destroy(self, snapshots: Sequence[Snapshot]) -> None:
        names = tuple(snapshot.full_name for snapshot in snapshots)
        request = SnapshotDestroy(names, recursive=False)
        self.jailer.start_task(self.jailer.runner.run(request), "free space")
