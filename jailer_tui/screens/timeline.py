"""The timeline of events of all jails."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from jailer_core.model import Jail
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, bindings
from jailer_tui.glyphs import Glyphs
from jailer_tui.panes.table_pane import GridPane
from jailer_tui.presenters.jail_parts import SUMMARY
from jailer_tui.presenters.jails import Column, Span, in_order
from jailer_tui.presenters.timeline import SPANS, Mark, legend, line, marks, scale
from jailer_tui.screens.whole_screen import WholeScreen
from jailer_tui.state import AppState
from jailer_tui.stores.events import Event
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Bar

NAME = 16


class TimelinePane(GridPane):
    """One row a jail."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("jails", glyphs)
        self.legend = Bar(id="legend", bar=False)
        self.span = 86400
        self.events: Sequence[Event] = ()

    def compose(self) -> ComposeResult:
        """What the signs mean, and the table."""
        yield self.legend
        yield self.grid

    def show(self, view: AppState) -> None:
        """The host after a refresh."""
        self._view = view
        inventory = view.inventory
        if inventory is None:
            return
        self.legend.show(legend(self.glyphs))
        changes = [(entry.jail, entry.when) for entry in view.changes.entries or ()]
        by_jail: dict[str, list[Mark]] = {}
        for mark in marks(inventory, self.events, changes):
            by_jail.setdefault(mark.jail, []).append(mark)
        by_name = in_order(inventory.jails, "name", reverse=False)
        jails = [jail for jail in by_name if self.passes(jail.name)]
        width = max(10, self.size.width - NAME - 5)
        now = inventory.taken
        self.grid.set_columns(
            (
                Column("name", "NAME", NAME, 0),
                Column("time", scale(now, self.span, width), width, 0),
            )
        )
        rows = []
        for jail in jails:
            cell = line(by_jail.get(jail.name, ()), now, self.span, width, self.glyphs)
            rows.append(Row(jail.name, ((sanitize(jail.name), "strong"), cell)))
        self.grid.set_rows(rows)

    def status(self) -> list[Span]:
        """How much time is shown."""
        return [(f"the last {SPANS[self.span]}", "accent")]


class TimelineScreen(WholeScreen):
    """Events of this session, changes of the journal, snapshots."""

    PLACES = ("timeline", "all")
    MOVES = "list"
    BINDINGS = bindings(*PLACES)
    heading = "Timeline"

    pane: TimelinePane

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane = TimelinePane(view.glyphs)

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    def on_mount(self) -> None:
        """Changes are read from the journal."""
        self.jailer.session.past.look()

    def wants(self) -> Needs:
        """Snapshots are read for it."""
        return Needs(snapshots=True)

    def show(self, view: AppState) -> None:
        """A new picture of the host."""
        self.pane.events = tuple(self.jailer.session.events.all)
        super().show(view)

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor."""
        inventory = self.view.inventory
        return inventory.jail(self.pane.grid.key or "") if inventory is not None else None

    @property
    def selection(self) -> Selection:
        """The jail under the cursor."""
        return Selection(tuple(self.chosen), self.current)

    @on(Grid.Picked)
    async def _picked(self) -> None:
        await self.action_do("timeline_open")

    def action_timeline_open(self) -> None:
        """The jail on the whole screen."""
        if self.current is not None:
            self.jailer.open_jail(self.current, SUMMARY)

    def action_zoom_out(self) -> None:
        """More time."""
        self._zoom(1)

    def action_zoom_in(self) -> None:
        """Less time."""
        self._zoom(-1)

    @property
    def spans(self) -> tuple[int, int]:
        """Before and after the one that is shown."""
        place = list(SPANS).index(self.pane.span)
        return place, len(SPANS) - 1 - place

    def _zoom(self, by: int) -> None:
        spans = list(SPANS)
        place = max(0, min(spans.index(self.pane.span) + by, len(spans) - 1))
        self.pane.span = spans[place]
        self.pane.again()
        self.draw()
