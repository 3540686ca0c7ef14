"""The Activity tab: past and running changes."""

from __future__ import annotations

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from jailer_core.model import Jail
from jailer_tui.actions import Selection, bindings
from jailer_tui.panes.activity import ActivityPane
from jailer_tui.presenters.activity import Change, detail, steps
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Lines


class ActivityScreen(TabScreen):
    """The journal is read while this is in sight."""

    TAB = "activity_tab"
    PLACES = ("activity", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    DEFAULT_CSS = """
    ActivityScreen #beside { display: none; width: 64; padding: 0 1; border-left: vkey $edge; }
    .-ascii ActivityScreen #beside { border-left: ascii $edge; }
    ActivityScreen.wide #beside { display: block; }
    """

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: ActivityPane = ActivityPane(view.glyphs, id="pane")
        self.side = Lines(id="beside")

    def middle(self) -> Widget:
        """The table and, on a wide screen, the steps of the chosen change."""
        return Horizontal(self.pane, self.side)

    def show(self, view: AppState) -> None:
        """A new picture of the host; the journal is looked at along with it."""
        app = self.jailer
        self.pane.provide(tuple(app.jobs.all), app.session.meter, app.reader.host.clock())
        super().show(view)
        if self.is_mounted and self.is_current:
            app.session.past.look()

    def worked(self) -> None:
        """Some work has ended."""
        self.jailer.session.past.look()

    def draw(self) -> None:
        """Everything but the table."""
        self.pane.explain()
        if self.side.display:
            self._draw_side()
        super().draw()

    def _draw_side(self) -> None:
        change = self.pane.current
        if change is None:
            self.side.set_lines([])
            return
        head = detail(change, self.view.glyphs)[:1]
        entry = change.entry
        told = steps(entry, self.view.glyphs, full=False) if entry is not None else []
        self.side.set_lines([*head, (), *told])

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.action_open_change()

    @property
    def current(self) -> Jail | None:
        """The jail of the change under the cursor, where it still exists."""
        change, inventory = self.pane.current, self.view.inventory
        if change is None or change.entry is None or inventory is None:
            return None
        return inventory.jail(change.entry.jail)

    @property
    def selection(self) -> Selection:
        """The change under the cursor, and its jail."""
        return Selection(tuple(self.chosen), self.current, changes=True, change=self.pane.current)

    # --- keys --------------------------------------------------------------------------------

    def action_open_change(self) -> None:
        """Its steps, commands and output."""
        from jailer_tui.dialogs.change_detail import ChangeDetailDialog  # noqa: PLC0415

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
        """Its dialog, where aborting is asked about."""
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
        """Changes, or the commands of this session."""
        self.pane.turn()
        self.draw()

    def action_clear(self) -> None:
        """Escape: first the filter, then the changes again, then back to the jails."""
        if self.has_class("filtering") or self.pane.filter:
            super().action_clear()
        elif self.pane.commands:
            self.action_turn()
        else:
            self.dismiss()
