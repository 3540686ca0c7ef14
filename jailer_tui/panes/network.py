"""The network as a table in several views, and beside it the node under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal

from jailer_core.model import Jail
from jailer_tui.key_hints import told
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.presenters.network.addresses import ADDRESSES, ROUTES
from jailer_tui.presenters.network.detail import detail
from jailer_tui.presenters.network.nat import TRANSLATIONS
from jailer_tui.presenters.network.table import Entry, NetView, NetworkTable, matches, picture
from jailer_tui.presenters.network.tree import TREE
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row
from jailer_tui.widgets.lines import Bar, Lines, clicked

VIEWS: tuple[NetView, ...] = (TREE, ADDRESSES, ROUTES, TRANSLATIONS)
"""In the order in which the keys go through them."""


class NetworkPane(TablePane[Entry]):
    """The views of the network; filter and cursor survive refreshes."""

    DEFAULT_CSS = """
    NetworkPane #node { padding: 0 1; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("network", glyphs)
        self.side = Lines(id="node", classes="side")
        self.names = Bar(id="views", bar=False)
        self.shown: NetView = VIEWS[0]
        self.picture: NetworkTable | None = None
        self._all: Sequence[Entry] = ()
        self._places: dict[str, str | None] = {}

    def compose(self) -> ComposeResult:
        """The views, the table and, on a wide screen, the node under the cursor."""
        yield self.names
        with Horizontal():
            yield self.grid
            yield self.side

    @property
    def jail(self) -> Jail | None:
        """The jail of the row under the cursor, as last read."""
        jail = self.current.jail if self.current is not None else None
        if jail is None or self.picture is None:
            return None
        same = (other for other in self.picture.inventory.jails if other.name == jail.name)
        return next((other for other in same if other.jid == jail.jid), None)

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        self.names.show(
            tuple(
                (f" {net_view.title} ", "title" if net_view is self.shown else "dim")
                for net_view in VIEWS
            )
        )
        if view.inventory is None or not view.full:
            self.grid.empty = self._nothing(view)
            self.grid.set_rows([])
            return
        inventory, old = view.inventory, self.picture
        if inventory.connections is None and old is not None:
            # it rests while out of sight: what was last read stays until it is read again
            inventory = replace(inventory, connections=old.inventory.connections)
        self.picture = picture(inventory, view.traffic, self.glyphs, old)
        self._all = self.shown.entries(self.picture)
        self.total = len(self._all)
        self.items = {entry.key: entry for entry in self._chosen()}
        columns = self.shown.columns(max(self.grid.size.width - 1, 20))
        rows = [
            Row(key, tuple(entry.cells[column.key] for column in columns))
            for key, entry in self.items.items()
        ]
        self.set_table(columns, rows, self._nothing(view))
        self.explain()

    def _chosen(self) -> list[Entry]:
        """Those that the filter wants, with what they hang on."""
        if not self.filter:
            return list(self._all)
        keys_shown: set[str] = set()
        for entry in self._all:
            if matches(entry, self.filter):
                keys_shown.update((entry.key, *entry.above))
        return [entry for entry in self._all if entry.key in keys_shown]

    def explain(self) -> None:
        """Show everything about the node under the cursor if there is room."""
        if self.side.display:
            self.side.set_lines(self.lines(self.side.size.width - 2))

    def lines(self, width: int) -> list[Line]:
        """Everything about the node under the cursor."""
        entry = self.current
        if entry is None or self.picture is None:
            return []
        about = detail(entry.node, self.picture, width) if entry.node is not None else []
        between: list[Line] = [()] if entry.detail and about else []
        return [*entry.detail, *between, *about]

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        if view.inventory is None or not view.full:
            return self.reading()
        if self._all:
            return self.no_match()
        return ((), ((f"  {told(self.shown.nothing)}", "dim"),))

    @property
    def sortable(self) -> Sequence[Column]:
        """The sortable columns; a tree has none."""
        return () if self.shown is VIEWS[0] else super().sortable

    # --- what the keys do --------------------------------------------------------------------

    def beside(self, step: int) -> NetView:
        """The view `step` places after the visible one."""
        return VIEWS[(VIEWS.index(self.shown) + step) % len(VIEWS)]

    def turn_to(self, view: NetView) -> None:
        """Go to that view; each keeps its own position."""
        self._places[self.shown.id] = self.grid.key
        self.shown = view
        self.sorted_by = self.USUAL
        self.again()
        self.grid.move_to_key(self._places.get(self.shown.id) or "")

    def view_at(self, x: int) -> NetView | None:
        """The view of that name."""
        return clicked(x, ((net_view, len(net_view.title) + 2) for net_view in VIEWS))

    def filter_by(self, words: str) -> None:
        """Show only what matches."""
        if words != self.filter:
            super().filter_by(words)
            if self.current is None or not matches(self.current, words):
                first = next((entry.key for entry in self._all if matches(entry, words)), "")
                self.grid.move_to_key(first)

    def status(self) -> list[Span]:
        """The status: the filter and the number of matching rows."""
        shown = sum(matches(entry, self.filter) for entry in self._all) if self.filter else 0
        return self.joined(self.filter_spans(shown), self.order_spans())
