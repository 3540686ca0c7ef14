"""The table of jails: filter, order, marks; what it shows is always the last refresh."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.panes.table_pane import TablePane
from jailer_tui.presenters.getting_started import start_lines
from jailer_tui.presenters.jails import (
    SORTABLE,
    Column,
    Line,
    Span,
    behind,
    cells,
    columns_for,
    in_order,
    matches,
)
from jailer_tui.presenters.tables import named_filter
from jailer_tui.state import AppState, row_keys
from jailer_tui.widgets.grid import Row


class JailsPane(TablePane):
    """The table of jails."""

    NOUN = "jail"
    TABLE = "jails"
    USUAL = ("name", False)

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("jails", glyphs, id=id)
        self._columns: tuple[Column, ...] = ()
        self._made: dict[str, tuple[Jail, Row]] = {}
        self._shown: dict[str, Jail] = {}

    @property
    def sortable(self) -> Sequence[Column]:
        """All columns that there are, shown or not."""
        return SORTABLE

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that are shown."""
        return self._columns

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor."""
        return self._shown.get(self.grid.key or "")

    @property
    def marked(self) -> list[Jail]:
        """All marked jails that still exist, in the order of their names."""
        by_key = self._view.by_key() if self._view is not None else {}
        jails = [by_key[key] for key in self.grid.marks if key in by_key]
        return in_order(jails, "name", reverse=False)

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """The host after a refresh."""
        self._view = view
        keys = dict(zip(map(id, view.jails), row_keys(view.jails), strict=True))
        vanished = self.grid.marks - set(keys.values())
        if vanished and view.full:
            self.grid.set_marks(self.grid.marks - vanished)
        self._lay_out(view)
        key, reverse = self.sorted_by
        words = named_filter(view.settings, self.filter)
        late = behind(view.inventory, words)
        chosen = [jail for jail in view.jails if matches(jail, words, late)]
        order = in_order(chosen, key, reverse=reverse)
        self._shown = {keys[id(jail)]: jail for jail in order}
        made, self._made = self._made, {}
        for name, jail in self._shown.items():
            old = made.get(name)
            fresh = old if old is not None and old[0] is jail else self._row(name, jail)
            self._made[name] = fresh
        self.grid.empty = self._nothing(view)
        self.grid.set_rows([row for _, row in self._made.values()])

    def _row(self, key: str, jail: Jail) -> tuple[Jail, Row]:
        return jail, Row(key, cells(jail, self._columns, self.glyphs))

    def _lay_out(self, view: AppState) -> None:
        longest = max((cell_len(sanitize(jail.name)) for jail in view.jails), default=0)
        tagged = any(jail.tags for jail in view.jails)
        columns_chosen = view.settings.columns.get(self.TABLE, ())
        columns = columns_for(max(self.size.width - 1, 20), longest, columns_chosen, tagged=tagged)
        if columns != self._columns:
            self._columns = columns
            self._made = {}
        self.grid.set_columns(columns, self.sorted_by)

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        """The text of an empty table."""
        if view.inventory is None:
            return self.reading()
        if view.jails:
            return self.no_match()
        if any(problem.source == "jls" for problem in view.inventory.problems):
            return ((), (("  The jails could not be read (see above).", "bad"),))
        return tuple(start_lines(view.inventory, self.glyphs))

    def status(self) -> list[Span]:
        """Filter, marks and order."""
        total = len(self._view.jails) if self._view is not None else 0
        return self.joined(self.filter_spans(len(self._shown), total), self.order_spans())
