"""The table of jails: filter, order, marks; what it shows is always the last refresh."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len

from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.jails import (
    SORTABLE,
    Column,
    Line,
    behind,
    cells,
    columns_for,
    in_order,
    matches,
)
from jailer_tui.presenters.messages import start_lines
from jailer_tui.presenters.tables import named_filter
from jailer_tui.state import AppState, row_keys
from jailer_tui.theme import Glyphs


class JailsPane(TablePane[Jail]):
    """The table of jails."""

    NOUN = "jail"
    TABLE = "jails"
    USUAL = ("name", False)

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("jails", glyphs)

    @property
    def sortable(self) -> Sequence[Column]:
        """All columns, shown or not."""
        return SORTABLE

    @property
    def marked(self) -> list[Jail]:
        """All marked jails that still exist, in the order of their names."""
        by_key = self._view.by_key() if self._view is not None else {}
        jails = [by_key[key] for key in self.grid.marks if key in by_key]
        return in_order(jails, "name", reverse=False)

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        self._view = view
        keys = dict(zip(map(id, view.jails), row_keys(view.jails), strict=True))
        if view.full:
            self.grid.set_marks(self.grid.marks & set(keys.values()))
        columns = self._columns(view)
        key, reverse = self.sorted_by
        words = named_filter(view.settings, self.filter)
        late = behind(view.inventory, words)
        chosen = [jail for jail in view.jails if matches(jail, words, late)]
        order = in_order(chosen, key, reverse=reverse)
        self.items = {keys[id(jail)]: jail for jail in order}
        self.total = len(view.jails)
        self.grid.set_columns(columns, self.sorted_by)
        self.grid.empty = self._nothing(view)
        self.grid.set_rows(
            self.rows_of(
                (key, (jail, columns), partial(cells, jail, columns, self.glyphs))
                for key, jail in self.items.items()
            )
        )

    def _columns(self, view: AppState) -> tuple[Column, ...]:
        longest = max((cell_len(sanitize(jail.name)) for jail in view.jails), default=0)
        tagged = any(jail.tags for jail in view.jails)
        chosen = view.settings.columns.get(self.TABLE, ())
        return columns_for(max(self.size.width - 1, 20), longest, chosen, tagged=tagged)

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        if view.inventory is None:
            return self.reading()
        if view.jails:
            return self.no_match()
        if any(problem.source == "jls" for problem in view.inventory.problems):
            return ((), (("  The jails could not be read (see above).", "bad"),))
        return tuple(start_lines(view.inventory, self.glyphs))
