"""The Overview tab: what needs attention, and where to fix it.

The timeline of events of all jails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.widget import Widget

from jailer_core.model import Jail
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.panes.overview import OverviewPane
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jail_parts import PROCESSES, SUMMARY
from jailer_tui.presenters.jails import Column, Span, in_order
from jailer_tui.presenters.overview.graphs import STEPS
from jailer_tui.presenters.timeline import SPANS, Mark, around, legend, line, marks, scale, zoomed
from jailer_tui.screens.tab_screen import TabScreen, WholeScreen
from jailer_tui.state import AppState
from jailer_tui.stores.events import Event
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row
from jailer_tui.widgets.lines import Bar

OF_JAILS = ("start", "jail", "processes", "pkg")
"""Actions of lines that are about one jail."""


class OverviewScreen(TabScreen):
    """The Overview tab; enter on a problem opens the plan or view that fixes it."""

    TAB = "overview_tab"
    PLACES = ("overview", "tabs", "all")
    PICKS = "mend"
    SHOWS_USE = True

    DEFAULT_CSS = """
    OverviewScreen OverviewPane.wide > #graphs { border-left: vkey $edge; }
    """

    pane: OverviewPane

    def middle(self) -> Widget:
        """The pane."""
        self.pane = OverviewPane(self.jailer.session.vitals, self.jailer.glyphs)
        return self.pane

    def wants(self) -> Needs:
        """The facts for network problems."""
        return Needs(network=True)

    @property
    def current(self) -> Jail | None:
        """The jail of the line under the cursor."""
        need = self.pane.current
        return self.view.jail(need.target) if need is not None and need.action in OF_JAILS else None

    def on_mount(self) -> None:
        """Read graphs often while visible, and reset the count of notices."""
        self.jailer.session.vitals.watch(self._vitals_read)
        self.call_after_refresh(self._seen)

    def _seen(self) -> None:
        view = self.jailer.view
        if view.unseen:
            self.jailer.set_view(replace(view, unseen=0))

    def on_screen_resume(self) -> None:
        """Resume reading the graphs."""
        if self.is_mounted:
            self.jailer.session.vitals.watch(self._vitals_read)
            self._seen()

    def on_screen_suspend(self) -> None:
        """Pause reading the graphs."""
        self.jailer.session.vitals.watch(None)

    def on_unmount(self) -> None:
        """Stop reading the graphs."""
        self.jailer.session.vitals.watch(None)

    def _vitals_read(self) -> None:
        if self.app.screen is self and self.pane.is_mounted:
            self.pane.draw()

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        self.pane.events = tuple(self.jailer.session.events.all)
        super().show(view)

    @property
    def spans(self) -> tuple[int, int]:
        """Of the graphs."""
        return around(STEPS, self.pane.step)

    def action_zoom_out(self) -> None:
        """Show more time per column."""
        self._zoom(1)

    def action_zoom_in(self) -> None:
        """Show less time per column."""
        self._zoom(-1)

    def _zoom(self, by: int) -> None:
        self.pane.step = zoomed(STEPS, self.pane.step, by)
        self.pane.draw()

    def action_mend(self) -> None:
        """Open the plan or the view that fixes the selected problem."""
        need = self.pane.current
        if need is None:
            return
        app, jail = self.jailer, self.current
        match need.action:
            case "jail" | "processes" if jail is not None:
                app.open_jail(jail, SUMMARY if need.action == "jail" else PROCESSES)
            case "filter":
                app.call_later(app.dispatcher.perform, "jails_tab")
                app.call_later(app.filter_jails, need.target)
            case action:
                app.call_later(app.dispatcher.perform, action)


NAME = 16


class TimelinePane(TablePane[Jail]):
    """One row for each jail."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("jails", glyphs)
        self.legend = Bar(id="legend", bar=False)
        self.span = 86400
        self.events: Sequence[Event] = ()

    def compose(self) -> ComposeResult:
        """The legend and the table."""
        yield self.legend
        yield self.grid

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        inventory = view.inventory
        if inventory is None:
            return
        self.legend.show(legend(self.glyphs))
        changes = [(entry.jail, entry.when) for entry in view.changes.entries or ()]
        by_jail: dict[str, list[Mark]] = {}
        for mark in marks(inventory, self.events, changes):
            by_jail.setdefault(mark.jail, []).append(mark)
        jails = in_order(inventory.jails, "name", reverse=False)
        width = max(10, self.size.width - NAME - 5)
        now = inventory.taken
        time = Column("time", scale(now, self.span, width), width, 0)
        self.grid.set_columns((Column("name", "NAME", NAME, 0), time))
        rows = []
        for jail in jails:
            if self.passes(jail.name):
                cell = line(by_jail.get(jail.name, ()), now, self.span, width, self.glyphs)
                rows.append(Row(jail.name, ((sanitize(jail.name), "strong"), cell)))
        self.grid.set_rows(rows)

    def status(self) -> list[Span]:
        """The status: the time span."""
        return [(f"the last {SPANS[self.span]}", "accent")]


class TimelineScreen(WholeScreen):
    """The timeline: events of this session, changes, and snapshots."""

    PLACES = ("timeline", "all")
    PICKS = "timeline_open"
    heading = "Timeline"

    pane: TimelinePane

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane = TimelinePane(view.glyphs)

    def on_mount(self) -> None:
        """Read changes from the journal."""
        self.jailer.session.past.look()

    def wants(self) -> Needs:
        """The facts: snapshots."""
        return Needs(snapshots=True)

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        self.pane.events = tuple(self.jailer.session.events.all)
        super().show(view)

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor."""
        return self.view.jail(self.pane.grid.key or "")

    def action_timeline_open(self) -> None:
        """The jail on the whole screen."""
        if self.current is not None:
            self.jailer.open_jail(self.current, SUMMARY)

    def action_zoom_out(self) -> None:
        """Show more time."""
        self._zoom(1)

    def action_zoom_in(self) -> None:
        """Show less time."""
        self._zoom(-1)

    @property
    def spans(self) -> tuple[int, int]:
        """How many shorter and longer time spans there are."""
        return around(SPANS, self.pane.span)

    def _zoom(self, by: int) -> None:
        self.pane.span = zoomed(SPANS, self.pane.span, by)
        self.pane.again()
        self.draw()
