"""The processes of one jail on the whole screen: sorted, filtered, signalled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual import on
from textual.widget import Widget

from jailer_core.errors import JailerError
from jailer_core.model import Jail
from jailer_tui.actions import Action, Selection, bindings
from jailer_tui.dialogs.choice import sorting
from jailer_tui.panes.processes import ProcessesPane
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.processes import COLUMNS
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid


class ProcessesScreen(TabScreen):
    """They are read again with every refresh while this is in front."""

    TAB = ""
    PLACES = ("processes", "all")
    BINDINGS = bindings(*PLACES)

    def __init__(self, view: AppState, key: str) -> None:
        super().__init__(view)
        self._key = key
        self.pane: ProcessesPane = ProcessesPane(view.glyphs, id="pane")

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    @property
    def current(self) -> Jail | None:
        """The jail, while it exists."""
        return self.view.by_key().get(self._key)

    def footer_actions(self) -> list[Action]:
        """The way back before everything else."""
        return sorted(super().footer_actions(), key=lambda action: action.id != "back")

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """A new picture of the host: read the processes too."""
        super().show(view)
        self.host_read()

    def host_read(self) -> None:
        """Processes come and go without a change of the jails."""
        if self.is_mounted and self.in_front:
            work: Any = self.read  # a coroutine that is never begun would complain
            self.run_worker(work, group="processes", exclusive=True, exit_on_error=False)

    async def read(self) -> None:
        """The processes as they are now."""
        jail = self.current
        if jail is None or not jail.running:
            name = self.jailer.shown_name(self._key)
            gone = "no longer exists" if jail is None else "is not running"
            self.pane.fill(None, f"{name} {gone}.")
        else:
            try:
                self.pane.fill(await self.jailer.reader.processes(jail))
            except JailerError as error:
                self.pane.fill(None, error.message)
        self.draw()

    def _labels(self, _said: int) -> list[tuple[Action, str]]:
        """There are no tabs here."""
        return []

    def _tab_line(self) -> Line:
        right = self.pane.status()
        name = f" Processes of {self.jailer.shown_name(self._key)}"
        space = self.size.width - len(name) - sum(len(text) for text, _ in right) - 1
        return ((name, "strong"), (" " * max(1, space), "text"), *right)

    @property
    def selection(self) -> Selection:
        """The process under the cursor, and its jail."""
        return replace(super().selection, process=self.pane.current)

    # --- keys --------------------------------------------------------------------------------

    @on(Grid.Picked)
    async def _picked(self) -> None:
        await self.action_do("signal")

    @on(Grid.HeaderPicked)
    def _header_picked(self, event: Grid.HeaderPicked) -> None:
        self._sort(event.column)

    def action_back(self) -> None:
        """First the filter, then back."""
        if self.has_class("filtering") or self.pane.filter:
            self.action_clear()
        else:
            self.dismiss()

    def worked(self) -> None:
        """A signal was sent."""
        self.show(self.view)

    def action_sort(self) -> None:
        """Choose a column."""
        dialog = sorting(COLUMNS, self.pane.sorted_by, self.pane.glyphs)
        self.app.push_screen(dialog, self._sort)

    def _sort(self, key: str | None) -> None:
        if key is not None:
            self.pane.sort_by(key)
            self.draw()

    def action_reverse(self) -> None:
        """The order turned round."""
        self.pane.turn_round()
        self.draw()
