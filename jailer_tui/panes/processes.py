"""The table of the processes of a jail, or of all jails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jailer_core.model import Process
from jailer_core.text import sanitize
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import Column, Line, Span, order_sign
from jailer_tui.presenters.processes import (
    BY_KEY,
    COLUMNS,
    JAIL,
    as_tree,
    cells,
    columns_for,
    in_order,
    matches,
)
from jailer_tui.presenters.tables import chosen_columns
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Row


class ProcessesPane(TablePane[Process]):
    """A table of processes, which come through `fill`."""

    NOUN = "process"
    TABLE = "processes"
    USUAL = ("cpu", False)

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("processes", glyphs)
        self.found: tuple[Process, ...] | None = None
        self.failure = ""
        self.names: Mapping[int, str] | None = None
        self.as_tree = False
        self.following = True

    def show(self, view: AppState) -> None:
        """Show the host after a refresh; its processes come through `fill`."""
        self._view = view

    @property
    def sortable(self) -> Sequence[Column]:
        """The columns that one can sort by."""
        return COLUMNS if self.names is None else (JAIL, *COLUMNS)

    def fill(
        self,
        processes: tuple[Process, ...] | None,
        failure: str = "",
        *,
        names: Mapping[int, str] | None = None,
    ) -> None:
        """The processes as they are now; None: they cannot be known, `failure` tells why.

        `names` are those of jails by jid, where the processes of several are shown.
        """
        self.found, self.failure, self.names = processes, failure, names
        self.again()

    def again(self) -> None:
        """Update all matching rows in order."""
        names = self.names
        columns = columns_for(max(self.size.width - 1, 20), jails=names is not None)
        if self._view is not None:
            head = [column for column in columns if column.key == "jail"]
            rest = [column for column in columns if column.key != "jail"]
            columns = (*head, *chosen_columns(self._view.settings, self.TABLE, rest))
        key, reverse = self.sorted_by
        self.grid.set_columns(columns, ("", False) if self.as_tree else self.sorted_by)
        known = names or {}
        chosen = [
            process
            for process in self.found or ()
            if matches(process, self.filter, known.get(process.jid, ""))
        ]
        order = in_order(chosen, key, reverse=reverse, names=known)
        shown = as_tree(order) if self.as_tree else [(process, 0) for process in order]
        self.items = {str(process.pid): process for process, _ in shown}
        rows = [
            Row(str(process.pid), cells(process, columns, known, depth)) for process, depth in shown
        ]
        place = self.grid.place()
        self.grid.empty = self._nothing()
        self.grid.set_rows(rows)
        if not self.following:
            self.grid.move_to(place)

    def toggle_tree(self) -> None:
        """Switch between a tree and the order of a column."""
        self.as_tree = not self.as_tree
        self.again()

    def _nothing(self) -> tuple[Line, ...]:
        if self.failure:
            return ((), ((f"  {sanitize(self.failure)}", "bad"),))
        if self.found is None:
            return self.reading("the processes")
        if self.found:
            return self.no_match()
        return ((), (("  No processes: the jail is kept alive by `persist`.", "dim"),))

    def order_spans(self) -> list[Span]:
        """The order, even the default one, and whether the cursor follows."""
        sign = order_sign(self.sorted_by, self.glyphs)
        order = "tree" if self.as_tree else f"by {BY_KEY[self.sorted_by[0]].label}{sign}"
        stays: list[Span] = [] if self.following else [("stays on its line", "accent")]
        return self.joined([(order, "accent")], stays)

    def status(self) -> list[Span]:
        """The status: number of rows, filter and order."""
        total, shown = len(self.found or ()), len(self.grid.rows)
        count = f"{shown} of {total}" if self.filter else f"{total}"
        named: list[Span] = [(f"{count} process{'' if total == 1 else 'es'}", "text")]
        return self.joined(named, self.words_spans(), self.order_spans())
