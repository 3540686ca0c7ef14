"""The Activity tab: past and running changes."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.widget import Widget

from jailer_core.model import Jail
from jailer_tui.actions import Selection
from jailer_tui.panes.activity import ActivityPane
from jailer_tui.presenters.activity import Change, steps
from jailer_tui.presenters.jails import Line
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.lines import Lines


class ActivityScreen(TabScreen):
    """The Activity tab; reads the journal while it is visible."""

    TAB = "activity_tab"
    PLACES = ("activity", "tabs", "all")
    PICKS = "open_change"

    DEFAULT_CSS = """
    ActivityScreen #beside { width: 64; padding: 0 1; }
    """

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: ActivityPane = ActivityPane(view.glyphs)
        self.side = Lines(id="beside", classes="side")

    def middle(self) -> Widget:
        """The table, and on a wide screen the steps of the selected change."""
        return Horizontal(self.pane, self.side)

    def show(self, view: AppState) -> None:
        """Show a new state of the host, and read the journal."""
        app = self.jailer
        self.pane.provide(tuple(app.jobs.all), app.session.meter, app.reader.host.clock())
        super().show(view)
        if self.is_mounted and self.is_current:
            app.session.past.look()

    def worked(self) -> None:
        """A job has ended."""
        self.jailer.session.past.look()

    def draw(self) -> None:
        """Draw everything but the table."""
        change = self.pane.current
        lines: list[Line] = []
        if change is not None and self.side.display:
            lines = [((change.title, "title"),), ()]
            if change.entry is not None:
                lines += steps(change.entry, self.view.glyphs, full=False)
        self.side.set_lines(lines)
        super().draw()

    @property
    def current(self) -> Jail | None:
        """The jail of the change under the cursor, where it still exists."""
        change = self.pane.current
        if change is None or change.entry is None:
            return None
        return self.view.jail(change.entry.jail)

    @property
    def selection(self) -> Selection:
        """The change under the cursor, and its jail."""
        return Selection(tuple(self.chosen), self.current, changes=True, change=self.pane.current)

    # --- keys --------------------------------------------------------------------------------

    def action_open_change(self) -> None:
        """Show the steps, commands and output of the change."""
        from jailer_tui.dialogs.confirm import ChangeDetailDialog  # noqa: PLC0415

        change = self.pane.current
        if change is None:
            return
        if change.job is not None:
            self.jailer.show_work(change.job)
        elif change.entry is not None:
            self.jailer.push_screen(ChangeDetailDialog(change, self._other))

    def _other(self, how: str) -> Change | None:
        """The change in the row above or below."""
        self.pane.grid.action_move("down" if how == "next" else "up")
        change = self.pane.current
        return change if change is not None and change.entry is not None else None

    def action_abort_change(self) -> None:
        """Open its dialog, which asks before aborting."""
        change = self.pane.current
        if change is not None and change.job is not None:
            self.jailer.show_work(change.job)
            self.call_later(self._abort)

    def _abort(self) -> None:
        from jailer_tui.dialogs.progress import ProgressDialog  # noqa: PLC0415

        dialog = self.jailer.screen
        if isinstance(dialog, ProgressDialog):
            dialog.action_abort()

    def action_turn(self) -> None:
        """Switch between changes and the commands of this session."""
        self.pane.turn()
        self.draw()

    def step_back(self) -> None:
        """First the changes again, then back to the jails."""
        if self.pane.commands:
            self.action_turn()
        else:
            super().step_back()
