"""The tab of consoles: their names, and below them the current one or a list of jails."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from jailer_core.model import Jail, JailState
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.console import COLUMNS, jail_cells
from jailer_tui.presenters.jails import Line, Span, behind, in_order, keyed, matches
from jailer_tui.state import AppState, row_keys
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row
from jailer_tui.widgets.lines import Bar
from jailer_tui.widgets.terminal import TerminalView


class ConsolesPane(TablePane[Jail]):
    """`choosing`: the table of jails instead of a terminal."""

    NOUN = "running jail"

    DEFAULT_CSS = """
    ConsolesPane > #consoles { display: none; }
    ConsolesPane.open > #consoles { display: block; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("jails", glyphs)
        self.names = Bar(id="consoles")
        self.terminal = TerminalView(id="terminal")
        self.choose(on=True)
        self.counts: Mapping[str, int] = {}

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.names
        yield self.grid
        yield self.terminal

    @property
    def choosing(self) -> bool:
        """Whether the table is shown."""
        return bool(self.grid.display)

    def choose(self, *, on: bool) -> None:
        """Show the table or the terminal at once, so that the next key goes there."""
        self.grid.display = on
        self.terminal.display = not on

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        keys = dict(zip(map(id, view.jails), row_keys(view.jails), strict=True))
        running = [jail for jail in view.jails if jail.state is JailState.RUNNING]
        late = behind(view.inventory, self.filter)
        chosen = [jail for jail in running if matches(jail, self.filter, late)]
        self.items = {keys[id(jail)]: jail for jail in in_order(chosen, "name", reverse=False)}
        rows = [
            Row(key, jail_cells(jail, self.counts.get(jail.name, 0), self.glyphs))
            for key, jail in self.items.items()
        ]
        self.set_table(COLUMNS, rows, self._nothing(view, running))

    def _nothing(self, view: AppState, running: list[Jail]) -> tuple[Line, ...]:
        if view.inventory is None:
            return self.reading()
        if running:
            return self.no_match()
        return (
            (),
            (("  No jails are running.", "strong"),),
            (("  A console is a terminal inside a running jail. ", "text"),),
            keyed(" {jails_tab} shows the jails, {start} starts one.", "dim"),
        )

    def status(self) -> list[Span]:
        """The status: number of jails to choose from."""
        return [(f"{len(self.items)} running ", "dim")] if self.choosing else []
