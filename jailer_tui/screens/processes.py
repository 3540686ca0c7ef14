"""The processes of one jail on the whole screen: sorted, filtered, signalled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import on
from textual.widget import Widget

from jailer_core.errors import JailerError
from jailer_core.model import Jail, Process
from jailer_core.operations.in_jail.requests import Signal
from jailer_core.operations.in_jail.signals import SIGNALS
from jailer_core.text import sanitize
from jailer_tui.actions import Action, bindings
from jailer_tui.dialogs.choice import ChoiceDialog, sorting
from jailer_tui.panes.processes import ProcessesPane
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.presenters.processes import COLUMNS
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row

_SIGNAL = (Column("name", "", 6, 0), Column("said", "", 60, 0))


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

    # --- what is possible --------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now on the process under the cursor."""
        said = super().why_not(action)
        if said or not action.op:
            return said
        return "" if self.pane.current is not None else "no process is selected"

    # --- keys --------------------------------------------------------------------------------

    @on(Grid.Picked)
    async def _picked(self) -> None:
        await self.action_do("signal")

    @on(Grid.HeaderPicked)
    def _header_picked(self, event: Grid.HeaderPicked) -> None:
        self._sort(event.column)

    def do_back(self) -> None:
        """First the filter, then back."""
        if self.has_class("filtering") or self.pane.filter:
            self.do_clear()
        else:
            self.dismiss()

    def do_signal(self) -> None:
        """Choose one, see what it would do, send it."""
        process = self.pane.current
        if process is None:
            return
        rows = [Row(name, ((name, "strong"), (said, "dim"))) for name, said in SIGNALS.items()]
        title = f"Send a signal to {sanitize(process.command)} ({process.pid})"
        dialog: ChoiceDialog[str] = ChoiceDialog(title[:70], _SIGNAL, rows)
        dialog.then = lambda name: self._send(process, name, dialog.leave)
        self.app.push_screen(dialog)

    def do_end_process(self) -> None:
        """Ask it to end."""
        if self.pane.current is not None:
            self._send(self.pane.current, "TERM")

    def _send(
        self, process: Process, name: str, accepted: Callable[[], object] | None = None
    ) -> None:
        jail = self.current
        if jail is not None:
            request = Signal(jail.name, process.pid, process.command, name)
            self.jailer.start_task(self.jailer.runner.run(request, accepted), request.op)

    def worked(self) -> None:
        """A signal was sent."""
        self.show(self.view)

    def do_sort(self) -> None:
        """Choose a column."""
        dialog = sorting(COLUMNS, self.pane.sorted_by, self.pane.glyphs)
        self.app.push_screen(dialog, self._sort)

    def _sort(self, key: str | None) -> None:
        if key is not None:
            self.pane.sort_by(key)
            self.draw()

    def do_reverse(self) -> None:
        """The order turned round."""
        self.pane.turn_round()
        self.draw()
