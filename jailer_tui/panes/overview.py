"""The Overview: what needs attention, graphs of the host over time, the busiest jails."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import Column, Line, Span, keyed
from jailer_tui.presenters.overview import graphs
from jailer_tui.presenters.overview.needs import Need, needs
from jailer_tui.state import AppState
from jailer_tui.stores.events import Event
from jailer_tui.stores.refresher import VitalsStore
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

SIGN = 1
SPLIT = 120
"""From that width graphs are beside the rest."""
SHORT = 17
"""Below that height the busiest jails are left out."""
SELDOM = 5.0
"""Seconds between two drawings of the busiest jails: what they use is not read more often."""
LEAST_ROWS = 3
"""Rows that what needs attention always has."""


class OverviewPane(TablePane[Need]):
    """What needs attention is a table; the rest is drawn beside or below it."""

    DEFAULT_CSS = """
    OverviewPane { height: 1fr; layout: vertical; }
    OverviewPane #left { height: 1fr; }
    OverviewPane #needs { height: auto; min-height: 3; }
    OverviewPane .split { padding: 0; }
    OverviewPane #graphs { height: auto; }
    OverviewPane #busiest { height: 1fr; }
    OverviewPane.short #busiest { display: none; }
    OverviewPane.wide { layout: horizontal; }
    OverviewPane.wide > #left { width: 3fr; }
    OverviewPane.wide > #graphs { width: 2fr; height: 1fr; padding: 0 1; }
    OverviewPane #whole { height: auto; max-height: 3; padding: 0 1; }
    OverviewPane #whole.none { display: none; }
    """

    def __init__(self, vitals: VitalsStore, glyphs: Glyphs) -> None:
        super().__init__("needs", glyphs)
        self.vitals = vitals
        self.grid = Grid(glyphs=glyphs, header=False, id="needs")
        self.whole = Lines(id="whole", classes="none")
        self.graphs = Lines(wrap=False, id="graphs", classes="split")
        self.busiest = Lines(wrap=False, id="busiest", classes="split")
        self.step = 10.0
        self.events: Sequence[Event] = ()
        self._room = 0
        self._busiest_at = -SELDOM

    def compose(self) -> ComposeResult:
        """The problems above the busiest jails, and the graphs below or beside them."""
        with Vertical(id="left"):
            yield self.grid
            yield self.whole
            yield self.busiest
        yield self.graphs

    def on_mount(self) -> None:
        """Focus the table."""
        self.graphs.can_focus = self.busiest.can_focus = self.whole.can_focus = False

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        limits, packages = self.vitals.limits, self.vitals.packages
        every = needs(view, self.events, limits, packages)
        self.items = {need.key: need for need in every if self.passes(need.text)}
        self._lay_out()
        self.grid.empty = self._nothing(view)
        self.grid.set_rows([self._row(need) for need in self.items.values()])
        self.draw()

    def explain(self) -> None:
        """The whole line under the cursor, where its row is too short for it."""
        need = self.current
        cut = need is not None and len(need.text) > self._room
        self.whole.set_class(not cut, "none")
        self.whole.set_lines([((need.text, need.tone),)] if need is not None and cut else [])

    def _lay_out(self) -> None:
        width = max(20, (self.grid.size.width or self.size.width) - 2)
        verb = max((len(need.verb) for need in self.items.values()), default=0)
        text = max(12, width - SIGN - verb - 4)
        self._room = text
        columns = (Column("glyph", "", SIGN, 0), Column("text", "", text, 0))
        self.grid.set_columns((*columns, Column("verb", "", verb, 0)))
        table = 0 if self.has_class("short") else graphs.COUNT + 2
        others = table if self.has_class("wide") else table + 2 + len(self._graphs())
        self.grid.styles.max_height = max(LEAST_ROWS, (self.size.height or 20) - others)
        self.grid.styles.height = max(LEAST_ROWS, len(self.items))

    def _row(self, need: Need) -> Row:
        sign = self.glyphs.broken if need.tone in ("bad", "warn") else self.glyphs.dot
        cells = ((sign, need.tone), (need.text, need.tone), (need.verb, "dim"))
        return Row(need.key, cells)

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        if view.inventory is None or not view.full:
            return self.reading()
        if self.filter:
            return (keyed("  Nothing matches. {clear} shows all.", "dim"),)
        return (((f"  {self.glyphs.done} Nothing needs attention.", "ok"),),)

    def _graphs(self) -> Sequence[graphs.Graph]:
        inventory = self._view.inventory if self._view is not None else None
        if inventory is None or self.vitals.now is None:
            return ()
        return graphs.graphs(inventory, self.vitals.now, self.vitals.trends)

    def draw(self) -> None:
        """Draw the graphs and busiest jails after each reading."""
        now, view = self.vitals.now, self._view
        if view is None or view.inventory is None or now is None:
            self.graphs.set_lines([((" Reading how busy the host is", "dim"),)])
            return
        height = (self.size.height or 20) if self.has_class("wide") else 0
        width = self.graphs.size.width or self.size.width
        frame = graphs.Frame(width, height, now.taken, self.step, self.glyphs)
        self.graphs.set_lines(graphs.lines(self._graphs(), self.vitals.trends, frame))
        if now.taken - self._busiest_at >= SELDOM:
            self._busiest_at = now.taken
            known = graphs.rates(self.vitals.before, now)
            width = self.busiest.size.width or self.size.width
            self.busiest.set_lines(graphs.busiest(view.inventory, known, width, self.glyphs))

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new width."""
        self.set_class(self.size.width >= SPLIT, "wide")
        self.graphs.set_class(self.size.width < SPLIT, "split")
        self.set_class(self.size.height < SHORT, "short")
        self._busiest_at = -SELDOM
        self.call_after_refresh(self.again)

    # --- what the keys do --------------------------------------------------------------------

    def status(self) -> list[Span]:
        """The status: the filter."""
        return self.words_spans()
