"""The base class of all tables: filter, order, marks, empty text, status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_core.text import sanitize
from jailer_tui.presenters.jails import Column, Line, Span, has_words, keyed, order_sign
from jailer_tui.presenters.tables import in_order
from jailer_tui.state import AppState
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

T = TypeVar("T")


class Pane(Vertical):
    """The part of a tab between the notices and the keys: a table, or text.

    Its state (filter, cursor) outlives every refresh. `grid` has the keys.
    """

    grid: Grid | Lines

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="pane")
        self.glyphs = glyphs
        self.filter = ""

    def show(self, view: AppState) -> None:
        """Show the host after a refresh."""
        raise NotImplementedError

    def again(self) -> None:
        """Redraw with another filter, order or width."""
        raise NotImplementedError

    def explain(self) -> None:
        """What is told about the row under the cursor."""

    def status(self) -> list[Span]:
        """The status for the line above."""
        raise NotImplementedError

    def filter_by(self, words: str) -> None:
        """Show only what matches."""
        if words != self.filter:
            self.filter = words
            self.again()

    def passes(self, text: str) -> bool:
        """Whether a text has all words of the filter; see has_words."""
        return has_words(text.casefold(), self.filter)

    def words_spans(self) -> list[Span]:
        """The words of the filter."""
        return [(f"/{sanitize(self.filter)}", "accent")] if self.filter else []


class TablePane(Pane, Generic[T]):
    """A table that can be filtered, sorted and marked.

    Subclasses show rows (`show`), and say what an empty table says (`_nothing`). `items` are what
    the rows are about, by key, `total` how many there are without the filter. With `below` there
    are lines of that id about the row under the cursor.
    """

    DEFAULT_CSS = """
    TablePane { width: 1fr; height: 1fr; }
    TablePane Grid { width: 1fr; height: 1fr; }
    """

    NOUN: ClassVar[str] = "row"
    """What a row is, for a filter that leaves none."""
    TABLE: ClassVar[str] = ""
    """What settings call the table; its order is kept under this name."""
    USUAL: ClassVar[tuple[str, bool]] = ("", False)
    """The order at first: a column, and whether in reverse."""

    grid: Grid

    def __init__(self, name: str, glyphs: Glyphs = UNICODE, *, below: str = "") -> None:
        super().__init__(glyphs)
        self.grid = Grid(glyphs=glyphs, id=name)
        self.detail = Lines(id=below or None, classes="split")
        self.items: dict[str, T] = {}
        self.total = 0
        self.sorted_by = self.USUAL
        self._view: AppState | None = None
        self._made: dict[str, tuple[object, Row]] = {}

    def compose(self) -> ComposeResult:
        """The table, and the details of a row."""
        yield self.grid
        if self.detail.id:
            self.detail.can_focus = False
            yield self.detail

    @property
    def current(self) -> T | None:
        """The node of the row under the cursor."""
        return self.items.get(self.grid.key or "")

    # --- showing -----------------------------------------------------------------------------

    def again(self) -> None:
        """Redraw with another filter, order or width."""
        if self._view is not None:
            self.show(self._view)

    def on_resize(self, _event: Resize) -> None:
        """Choose the columns for the new width."""
        self.again()

    def set_table(
        self, columns: Sequence[Column], rows: Sequence[Row], nothing: tuple[Line, ...]
    ) -> None:
        """Show these rows in the chosen order, or the text `nothing`."""
        self.grid.set_columns(columns, self.sorted_by)
        self.grid.empty = nothing
        self.grid.set_rows(in_order(rows, columns, *self.sorted_by))

    def rows_of(
        self, rows: Iterable[tuple[str, object, Callable[[], tuple[Span, ...]]]]
    ) -> list[Row]:
        """Rows by key, what they are made of, and how; only what differs is made again."""
        old, self._made = self._made, {}
        for key, basis, cells in rows:
            made = old.get(key)
            same = made is not None and made[0] == basis
            self._made[key] = made if made is not None and same else (basis, Row(key, cells()))
        return [row for _, row in self._made.values()]

    def reading(self, what: str = "the host") -> tuple[Line, ...]:
        """The text while the data is being read."""
        return (((f"  Reading {what}{self.glyphs.dots}", "dim"),),)

    def no_match(self) -> tuple[Line, ...]:
        """The text if no row matches the filter."""
        words = (f"  No {self.NOUN} matches ", "dim"), (sanitize(self.filter), "strong")
        return ((), (*words, *keyed(". {clear} shows all again.", "dim")))

    # --- what the keys do --------------------------------------------------------------------

    @property
    def sortable(self) -> Sequence[Column]:
        """The columns to sort by."""
        return [column for column in self.grid.columns if column.label]

    def sort_by(self, key: str) -> None:
        """Sort by a column; by the same one again, in reverse."""
        old, reverse = self.sorted_by
        self.sorted_by = (key, not reverse if key == old else False)
        self.again()

    # --- the line above ----------------------------------------------------------------------

    def status(self) -> list[Span]:
        """The status: filter, marks and order."""
        return self.joined(self.filter_spans(len(self.items)), self.order_spans())

    def joined(self, *parts: Sequence[Span]) -> list[Span]:
        """Parts with dots between them."""
        spans: list[Span] = []
        for part in filter(None, parts):
            spans += [(f" {self.glyphs.dot} ", "dim")] if spans else []
            spans += part
        return spans

    def filter_spans(self, shown: int) -> list[Span]:
        """The filter, the number of matching rows, and the number of marks."""
        count: list[Span] = [(f"{shown} of {self.total}", "text")] if self.filter else []
        marks = len(self.grid.marks)
        marked: list[Span] = [(f"{marks} marked", "warn")] if marks else []
        return self.joined(count, self.words_spans(), marked)

    def order_spans(self) -> list[Span]:
        """The order, if it is not the default one."""
        if self.sorted_by == self.USUAL:
            return []
        key, _ = self.sorted_by
        labels = {column.key: column.label or column.title for column in self.sortable}
        sign = order_sign(self.sorted_by, self.glyphs)
        return [(f"by {labels.get(key) or key}{sign}", "accent")]
