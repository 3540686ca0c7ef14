"""One interface, bridge or jail of the network on the whole screen."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from jailer_core.model import Jail
from jailer_core.plan import Needs
from jailer_tui.actions import Selection
from jailer_tui.presenters.jails import Line
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.lines import Lines


class NetworkNodeScreen(AppScreen):
    """What the panel beside the table shows on wide screens."""

    PLACES = ("node", "copyable", "all")

    DEFAULT_CSS = """
    NetworkNodeScreen #about { height: 1fr; padding: 0 1; }
    """

    below: TabScreen

    def __init__(
        self, view: AppState, below: TabScreen, lines: Callable[[int], list[Line]]
    ) -> None:
        super().__init__(view)
        self.below = below
        self._lines = lines
        self._about = Lines(id="about")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._about
        yield self.keys

    def on_mount(self) -> None:
        """Ready to scroll."""
        self._about.focus()
        self.show(self.view)

    def wants(self) -> Needs:
        """The same as the table below, which still gets the updates."""
        return self.below.wants()

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor of the table."""
        return self.below.current

    def draw(self) -> None:
        """Everything about the node; the table below got the new picture before."""
        self._about.set_lines(self._lines(self.size.width - 3))
        self.keys.update()

    def action_object(self, how: str) -> None:
        """The next row of the table, or the one before."""
        self.below.pane.grid.action_move("down" if how == "next" else "up")
        self.show(self.view)

    @property
    def rows(self) -> int | None:
        """The rows that [ and ] go through."""
        return self.below.rows

    @property
    def selection(self) -> Selection:
        """The same as in the table."""
        return self.below.selection
