"""The Overview tab: what needs attention, and where to fix it."""

from __future__ import annotations

from dataclasses import replace

from textual.widget import Widget

from jailer_core.model import Jail
from jailer_core.plan import Needs
from jailer_tui.panes.overview import OverviewPane
from jailer_tui.presenters.jail_parts import PROCESSES, SUMMARY
from jailer_tui.presenters.overview.graphs import STEPS
from jailer_tui.presenters.timeline import around, zoomed
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState

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
