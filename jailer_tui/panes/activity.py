"""Past and running changes; or every command of this session with its cost."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.model.host import Meter
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters import activity as present
from jailer_tui.presenters.activity import Change
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.stores.jobs import Work
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row


class ActivityPane(TablePane[Change]):
    """The table, and below it a line about the row under the cursor."""

    NOUN = "change"
    TABLE = "activity"

    DEFAULT_CSS = """
    ActivityPane > #said { height: 6; }
    ActivityPane.commands > #said { height: 4; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("activity", glyphs, below="said")
        self.commands = False
        self._work: Sequence[Work] = ()
        self._meter = Meter()
        self._now = 0.0

    def provide(self, work: Sequence[Work], meter: Meter, now: float) -> None:
        """Set what is not in the state: jobs of this session, and the cost of commands."""
        self._work, self._meter, self._now = work, meter, now

    def turn(self) -> None:
        """Switch between changes and commands."""
        self.commands = not self.commands
        self.set_class(self.commands, "commands")
        self.grid.set_rows([])
        self.again()
        self.grid.action_move("top")

    def show(self, view: AppState) -> None:
        """Show the host after a refresh or a job."""
        self._view = view
        if self.commands:
            self._show_commands()
        else:
            self._show_changes(view)
        self.explain()

    def _show_changes(self, view: AppState) -> None:
        entries = view.changes.entries or ()
        every = present.changes(entries, self._work, view.cut_off, self._now)
        self.total = len(every)
        self.items = {
            change.key: change for change in every if present.matches(change, self.filter)
        }
        fitting = present.columns_for(max(self.size.width - 2, 20))
        columns = chosen_columns(view.settings, self.TABLE, fitting)
        rows = [
            Row(key, present.cells(change, columns, self.glyphs, self._now))
            for key, change in self.items.items()
        ]
        self.set_table(columns, rows, self._nothing(view))

    def _show_commands(self) -> None:
        """The newest first; a row is known by its place since the first command."""
        last = list(self._meter.last)
        first = id(self._meter)
        self.items = {}
        self.grid.set_columns(present.command_columns(max(self.size.width - 2, 20)))
        rows = [
            Row(f"{first} {id(cost)}", present.command_cells(cost))
            for cost in reversed(last)
            if self.passes(present.command_text(cost))
        ]
        self.grid.empty = ((), ((("  No command matches."), "dim"),)) if last else ()
        self.grid.set_rows(rows, follow=False)

    def explain(self) -> None:
        """Show a line about the row under the cursor."""
        if self.commands:
            self.detail.set_lines(self._spent())
            return
        change = self.current
        self.detail.set_lines(present.detail(change, self.glyphs) if change is not None else [])

    def _spent(self) -> list[Line]:
        """The whole command under the cursor."""
        cells = next((row.cells for row in self.grid.rows if row.key == self.grid.key), ())
        lines: list[Line] = [((cells[-1][0], "key"),)] if cells else []
        kept = len(self._meter.last)
        if self._meter.processes > kept:
            lines.append(((f"The last {kept} are shown.", "dim"),))
        return lines

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        if view.changes.entries is None:
            return self.reading("the journal")
        if view.changes.failure:
            return ((), ((f"  {view.changes.failure}", "warn"),))
        if self.total:
            return self.no_match()
        root = view.inventory is None or view.inventory.host.root
        message = "No changes yet." if root else "Only root can see past changes."
        more = "  Every change is recorded with its steps and can be undone from here."
        return ((), ((f"  {message}", "strong"),), ((more, "text"),))

    def status(self) -> list[Span]:
        """The status: filter, number of rows, or cost of commands."""
        if self.commands:
            return self.joined(self.words_spans(), present.sums(self._meter))
        count: list[Span] = []
        if self._view is not None and self._view.changes.entries is not None:
            more = self._view.changes.more
            shown = f"{len(self.items)} of {self.total}" if self.filter else f"{self.total}"
            word = "change" if self.total == 1 else "changes"
            count = [(f"{shown} {word}" + (f", {more} older" if more else ""), "dim")]
        return self.joined(self.words_spans(), self.order_spans(), count)
