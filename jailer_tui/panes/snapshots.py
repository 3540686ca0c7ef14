"""The table of snapshots of all jails and images, and a line about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from jailer_core.model import Inventory, Snapshot
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.key_hints import key_for
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.presenters.retention import Keeping, kept
from jailer_tui.presenters.snapshots import Entry, age, cells, columns_for, detail, entries, matches
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Row
from jailer_tui.widgets.lines import Lines


class SnapshotsPane(TablePane):
    """The table; the detail stands below it, on a wide screen beside it.

    What was read last stays until the next reading: not every refresh reads snapshots.
    """

    NOUN = "snapshot"
    TABLE = "snapshots"

    DEFAULT_CSS = """
    SnapshotsPane #below { height: 7; }
    SnapshotsPane #side { display: none; width: 48; padding: 0 1; border-left: vkey $edge; }
    .-ascii SnapshotsPane #side { border-left: ascii $edge; }
    """

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("snapshots", glyphs, id=id)
        self.below = Lines(id="below", classes="split")
        self.side = Lines(id="side")
        self.tags: Mapping[str, Sequence[str]] = {}
        self.keeping: Keeping | None = None
        self._inventory: Inventory | None = None
        self._read: tuple[Snapshot, ...] | None = None
        self._all: list[Entry] = []
        self._shown: dict[str, Entry] = {}
        self._made_of: tuple[object, ...] = ()
        self._columns: tuple[Column, ...] = ()
        self._made: dict[str, tuple[tuple[Entry, bool, str], Row]] = {}

    def compose(self) -> ComposeResult:
        """The table, and the detail in its two places."""
        with Horizontal():
            yield self.grid
            yield self.side
        yield self.below

    def on_mount(self) -> None:
        """Keys go to the table alone."""
        self.below.can_focus = self.side.can_focus = False

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Entry | None:
        """The one under the cursor."""
        return self._shown.get(self.grid.key or "")

    @property
    def chosen(self) -> list[Entry]:
        """The marked ones, else the one under the cursor."""
        marked = [entry for entry in self._all if entry.key in self.grid.marks]
        return marked or ([self.current] if self.current is not None else [])

    @property
    def known(self) -> Sequence[Entry]:
        """All of them."""
        return self._all

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """The host after a refresh."""
        self._view = view
        inventory = view.inventory
        self._inventory = inventory
        if inventory is not None:
            self._take(inventory)
        vanished = self.grid.marks - {entry.key for entry in self._all}
        if vanished and self._read is not None:
            self.grid.set_marks(self.grid.marks - vanished)
        shown = [entry for entry in self._all if matches(entry, self.filter)]
        self._shown = {entry.key: entry for entry in shown}
        fitting = columns_for(max(self.grid.size.width - 1, 20), shown)
        columns = chosen_columns(view.settings, "snapshots", fitting)
        now = inventory.taken if inventory is not None else 0.0
        if columns != self._columns:
            self._columns, self._made = columns, {}
        made, self._made = self._made, {}
        before = ""
        for entry in shown:
            first = bool(self.sorted_by[0]) or entry.owner != before
            looks = (entry, first, age(entry, now))
            old = made.get(entry.key)
            same = old is not None and old[0] == looks
            row = old[1] if old is not None and same else self._row(entry, now, first=looks[1])
            self._made[entry.key] = (looks, row)
            before = entry.owner
        self.set_table(columns, [row for _, row in self._made.values()], self._nothing(view))
        self.explain()

    def _take(self, inventory: Inventory) -> None:
        """What was read; most refreshes bring nothing new, and then all stays as it is."""
        if inventory.snapshots is not None:
            self._read = inventory.snapshots
        made_of = (self._read, inventory.datasets, inventory.jails, inventory.images)
        if self._read is not None and made_of != self._made_of:
            self._all = entries(inventory, self._read)
            self._made_of = made_of

    def _row(self, entry: Entry, now: float, *, first: bool) -> Row:
        return Row(entry.key, cells(entry, self._columns, now, first=first))

    def explain(self) -> None:
        """A line about the one under the cursor."""
        for place in (self.side, self.below):
            if place.display:
                place.set_lines(self.lines(place.size.width or 70))

    def lines(self, width: int) -> list[Line]:
        """Details of the one under the cursor."""
        entry, inventory = self.current, self._inventory
        if entry is None or inventory is None:
            return []
        later = sum(
            other.top == entry.top and other.parts[0].createtxg > entry.parts[0].createtxg
            for other in self._all
        )
        lines = detail(entry, inventory, later, self.tags.get(entry.key), self.glyphs, width)
        if self.keeping is None or entry.jail is None:
            return lines
        own = [other for other in self._all if other.top == entry.top]
        return [*lines, *kept(entry.jail, self.keeping, own, inventory.taken, width)]

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        """What an empty table says."""
        if self._read is None:
            failed = view.inventory is not None and any(
                problem.source == "zfs list" for problem in view.inventory.problems
            )
            if failed:
                return ((), (("  The snapshots could not be read (see above).", "bad"),))
            return self.reading("the snapshots")
        if self._all:
            return self.no_match()
        return (
            (),
            (("  No snapshots yet.", "strong"),),
            (
                (
                    "  A snapshot preserves a jail's current state and takes no space at first.",
                    "text",
                ),
            ),
            ((f"  {key_for('snap_take')}", "key"), (" takes one.", "dim")),
        )

    def status(self) -> list[Span]:
        """Filter, marks and order."""
        return self.joined(self.filter_spans(len(self._shown), len(self._all)), self.order_spans())
