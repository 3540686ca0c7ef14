"""The table of jails: filter, order, marks; what it shows is always the last refresh."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.presenters.getting_started import start_lines
from jailer_tui.presenters.jails import (
    BY_KEY,
    Column,
    Line,
    Span,
    cells,
    columns_for,
    descends,
    in_order,
    matches,
)
from jailer_tui.presenters.tables import named_filter, order_in
from jailer_tui.state import AppState, row_keys
from jailer_tui.widgets.grid import Grid, Row

TABLE = "jails"
"""What settings call this table."""


class JailsPane(Vertical):
    """The table. Its state (filter, order, marks, cursor) outlives every refresh."""

    DEFAULT_CSS = """
    JailsPane { width: 1fr; height: 1fr; }
    JailsPane > Grid { height: 1fr; }
    """

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self.grid = Grid(glyphs=glyphs, id="jails")
        self.filter = ""
        self.sorted_by = ("name", False)
        self._ordered = False
        self._view: AppState | None = None
        self._columns: tuple[Column, ...] = ()
        self._made: dict[str, tuple[Jail, Row]] = {}
        self._shown: dict[str, Jail] = {}

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self.grid

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
        found = self._view.by_key() if self._view is not None else {}
        jails = [found[key] for key in self.grid.marks if key in found]
        return in_order(jails, "name", reverse=False)

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """The host after a refresh."""
        self._view = view
        if not self._ordered:
            self._ordered = True
            self.sorted_by = order_in(view.settings, TABLE, BY_KEY)
        keys = dict(zip(map(id, view.jails), row_keys(view.jails), strict=True))
        gone = self.grid.marks - set(keys.values())
        if gone and view.full:
            self.grid.set_marks(self.grid.marks - gone)
        self._lay_out(view)
        key, reverse = self.sorted_by
        words = named_filter(view.settings, self.filter)
        chosen = [one for one in view.jails if matches(one, words)]
        order = in_order(chosen, key, reverse=reverse)
        self._shown = {keys[id(one)]: one for one in order}
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
        wanted = view.settings.columns.get(TABLE, ())
        columns = columns_for(max(self.size.width - 1, 20), longest, wanted, tagged=tagged)
        if columns != self._columns:
            self._columns = columns
            self._made = {}
        self.grid.set_columns(columns, self.sorted_by)

    def _nothing(self, view: AppState) -> tuple[Line, ...]:
        """What an empty table says."""
        if view.inventory is None:
            return (
                (
                    (
                        "  Reading the host…"
                        if self.glyphs is UNICODE
                        else "  Reading the host...",
                        "dim",
                    ),
                ),
            )
        if view.jails:
            return (
                (),
                (
                    ("  No jail matches ", "dim"),
                    (sanitize(self.filter), "strong"),
                    (". ", "dim"),
                    ("esc", "key"),
                    (" shows all again.", "dim"),
                ),
            )
        if any(problem.source == "jls" for problem in view.inventory.problems):
            return ((), (("  The jails could not be read (see above).", "bad"),))
        return tuple(start_lines(view.inventory, self.glyphs))

    def on_resize(self, _event: Resize) -> None:
        """The width decides which columns there are."""
        if self._view is not None:
            self.show(self._view)

    # --- what the keys do --------------------------------------------------------------------

    def filter_by(self, words: str) -> None:
        """Show only what matches."""
        if words != self.filter:
            self.filter = words
            self._again()

    def sort_by(self, key: str) -> None:
        """Sort by that column; by the same one again: the other way round."""
        old, reverse = self.sorted_by
        self.sorted_by = (key, not reverse if key == old else False)
        self._again()

    def turn_round(self) -> None:
        """The other way round."""
        self.sort_by(self.sorted_by[0])

    def _again(self) -> None:
        if self._view is not None:
            self.show(self._view)

    def mark(self, how: str) -> None:
        """Marks: `one` (under the cursor, then down), `all` shown, `none`, `invert` the shown."""
        self.grid.mark(how, frozenset(self._shown))

    def status(self) -> list[Span]:
        """What is chosen, for the line above: filter, order, marks."""
        dot = f" {self.glyphs.dot} "
        spans: list[Span] = []
        total = len(self._view.jails) if self._view is not None else 0
        if self.filter:
            spans += [
                (f"{len(self._shown)} of {total}", "text"),
                (dot, "dim"),
                (f"/{sanitize(self.filter)}", "accent"),
            ]
        marks = len(self.grid.marks)
        if marks:
            spans += [(dot, "dim")] if spans else []
            spans.append((f"{marks} marked", "warn"))
        key, reverse = self.sorted_by
        if (key, reverse) != ("name", False):
            down = descends(key, reverse=reverse)
            sign = self.glyphs.down if down else self.glyphs.up
            spans += [(dot, "dim")] if spans else []
            spans.append((f"by {BY_KEY[key].label or key}{sign}", "accent"))
        return spans
