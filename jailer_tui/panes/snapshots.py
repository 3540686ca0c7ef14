"""The table of snapshots of all jails and images, and a line about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal

from jailer_core.model import Inventory, Snapshot
from jailer_tui.key_hints import key_for
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.retention import Keeping, kept
from jailer_tui.presenters.snapshots import Entry, age, cells, columns_for, detail, entries, matches
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.lines import Lines


class SnapshotsPane(TablePane[Entry]):
    """The table; the detail stands below it, on a wide screen beside it.

    What was read last stays until the next reading: not every refresh reads snapshots.
    """

    NOUN = "snapshot"
    TABLE = "snapshots"

    DEFAULT_CSS = """
    SnapshotsPane #below { height: 7; }
    SnapshotsPane #side { padding: 0 1; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("snapshots", glyphs)
        self.below = Lines(id="below", classes="split")
        self.side = Lines(id="side", classes="side")
        self.tags: Mapping[str, Sequence[str]] = {}
        self.keeping: Keeping | None = None
        self.known: Sequence[Entry] = ()
        self._read: tuple[Snapshot, ...] | None = None
        self._made_of: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The table, and the detail in its two places."""
        with Horizontal():
            yield self.grid
            yield self.side
        yield self.below

    def on_mount(self) -> None:
        """Focus the table."""
        self.below.can_focus = self.side.can_focus = False

    @property
    def chosen(self) -> list[Entry]:
        """The marked ones, else the one under the cursor."""
        marked = [entry for entry in self.known if entry.key in self.grid.marks]
        return marked or ([self.current] if self.current is not None else [])

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        if view.inventory is not None:
            self._take(view.inventory)
        if self._read is not None:
            self.grid.set_marks(self.grid.marks & {entry.key for entry in self.known})
        shown = [entry for entry in self.known if matches(entry, self.filter)]
        self.items = {entry.key: entry for entry in shown}
        self.total = len(self.known)
        fitting = columns_for(max(self.grid.size.width - 1, 20), shown)
        columns = chosen_columns(view.settings, self.TABLE, fitting)
        now = view.inventory.taken if view.inventory is not None else 0.0
        owners = ["", *(entry.owner for entry in shown)]
        rows = []
        for entry, before in zip(shown, owners, strict=False):
            first = bool(self.sorted_by[0]) or entry.owner != before
            basis = (entry, columns, first, age(entry, now))
            rows.append((entry.key, basis, partial(cells, entry, columns, now, first=first)))
        self.set_table(columns, self.rows_of(rows), self._nothing(view))
        self.explain()

    def _take(self, inventory: Inventory) -> None:
        """What was read; most refreshes bring nothing new, and then all stays as it is."""
        if inventory.snapshots is not None:
            self._read = inventory.snapshots
        made_of = (self._read, inventory.datasets, inventory.jails, inventory.images)
        if self._read is not None and made_of != self._made_of:
            self.known = entries(inventory, self._read)
            self._made_of = made_of

    def explain(self) -> None:
        """A line about the one under the cursor."""
        for place in (self.side, self.below):
            if place.display:
                place.set_lines(self.lines(place.size.width or 70))

    def lines(self, width: int) -> list[Line]:
        """Details of the one under the cursor."""
        entry, inventory = self.current, self._view.inventory if self._view is not None else None
        if entry is None or inventory is None:
            return []
        own = [other for other in self.known if other.top == entry.top]
        later = sum(other.parts[0].createtxg > entry.parts[0].createtxg for other in own)
        lines = detail(entry, inventory, later, self.tags.get(entry.key), self.glyphs, width)
        if self.keeping is None or entry.jail is None:
            return lines
        return [*lines, *kept(entry.jail, self.keeping, own, inventory.taken, width)]

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        if self._read is None:
            failed = view.inventory is not None and any(
                problem.source == "zfs list" for problem in view.inventory.problems
            )
            if failed:
                return ((), (("  The snapshots could not be read (see above).", "bad"),))
            return self.reading("the snapshots")
        if self.known:
            return self.no_match()
        what = "  A snapshot preserves a jail's current state and takes no space at first."
        return (
            (),
            (("  No snapshots yet.", "strong"),),
            ((what, "text"),),
            ((f"  {key_for('snap_take')}", "key"), (" takes one.", "dim")),
        )
