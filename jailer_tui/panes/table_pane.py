"""The base class of all tables: filter, order, marks, empty text, status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from jailer_core.text import sanitize
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Column, Line, Span, descends, has_words
from jailer_tui.presenters.tables import in_order
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines


class GridPane(Vertical):
    """A table with a filter. Its state (filter, cursor) outlives every refresh.

    Subclasses show rows (`show`). With `below` there are lines of that id about the row under the
    cursor.
    """

    DEFAULT_CSS = """
    GridPane { width: 1fr; height: 1fr; }
    GridPane Grid { width: 1fr; height: 1fr; }
    """

    def __init__(
        self,
        name: str,
        glyphs: Glyphs = UNICODE,
        *,
        id: str | None = None,  # noqa: A002
        below: str = "",
    ) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.grid = Grid(glyphs=glyphs, id=name)
        self.detail = Lines(id=below or None, classes="split")
        self.filter = ""
        self._view: AppState | None = None

    def compose(self) -> ComposeResult:
        """The table, and what is said about a row."""
        yield self.grid
        if self.detail.id:
            self.detail.can_focus = False
            yield self.detail

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """The host after a refresh."""
        raise NotImplementedError

    def again(self) -> None:
        """The same, after another filter, order or width."""
        if self._view is not None:
            self.show(self._view)

    def on_resize(self, _event: Resize) -> None:
        """The width decides which columns there are."""
        self.again()

    def reading(self, what: str = "the host") -> tuple[Line, ...]:
        """While nothing is known yet."""
        return (((f"  Reading {what}{self.glyphs.dots}", "dim"),),)

    # --- the filter --------------------------------------------------------------------------

    def filter_by(self, words: str) -> None:
        """Show only what matches."""
        if words != self.filter:
            self.filter = words
            self.again()

    def passes(self, text: str) -> bool:
        """Whether a text has all words of the filter; see has_words."""
        return has_words(text.casefold(), self.filter)


class TablePane(GridPane):
    """A table that can be sorted and marked.

    Subclasses give the lines for an empty table to `set_table`.
    """

    NOUN: ClassVar[str] = "row"
    """What a row is, for a filter that leaves none."""
    TABLE: ClassVar[str] = ""
    """What settings call the table; its order is kept under this name."""
    USUAL: ClassVar[tuple[str, bool]] = ("", False)
    """The order at first: a column, and whether in reverse."""

    def __init__(
        self,
        name: str,
        glyphs: Glyphs = UNICODE,
        *,
        id: str | None = None,  # noqa: A002
        below: str = "",
    ) -> None:
        super().__init__(name, glyphs, id=id, below=below)
        self.sorted_by = self.USUAL

    def set_table(
        self, columns: Sequence[Column], rows: Sequence[Row], nothing: tuple[Line, ...]
    ) -> None:
        """Show these rows in the order that was chosen; `nothing` is said where there are none."""
        self.grid.set_columns(columns, self.sorted_by)
        self.grid.empty = nothing
        self.grid.set_rows(in_order(rows, columns, *self.sorted_by))

    def no_match(self) -> tuple[Line, ...]:
        """Where the filter leaves no row."""
        words = (sanitize(self.filter), "strong")
        end = (". ", "dim"), (key_for("clear"), "key"), (" shows all again.", "dim")
        return ((), ((f"  No {self.NOUN} matches ", "dim"), words, *end))

    # --- what the keys do --------------------------------------------------------------------

    @property
    def sortable(self) -> Sequence[Column]:
        """The columns to sort by."""
        return [column for column in self.grid.columns if column.label]

    def sort_by(self, key: str) -> None:
        """Sort by that column; by the same one again: the other way round."""
        old, reverse = self.sorted_by
        self.sorted_by = (key, not reverse if key == old else False)
        self.again()

    # --- the line above ----------------------------------------------------------------------

    def status(self) -> list[Span]:
        """What is chosen: filter, marks, order."""
        return self.joined(self.filter_spans(len(self.grid.rows), None), self.order_spans())

    def joined(self, *parts: Sequence[Span]) -> list[Span]:
        """Parts with dots between them."""
        spans: list[Span] = []
        for part in filter(None, parts):
            spans += [(f" {self.glyphs.dot} ", "dim")] if spans else []
            spans += part
        return spans

    def filter_spans(self, shown: int, total: int | None) -> list[Span]:
        """The filter, and how much it leaves; then how many rows are marked."""
        count = [] if total is None else [(f"{shown} of {total}", "text")]
        words: list[Span] = [(f"/{sanitize(self.filter)}", "accent")]
        marks = len(self.grid.marks)
        marked: list[Span] = [(f"{marks} marked", "warn")] if marks else []
        return self.joined(count, words, marked) if self.filter else marked

    def order_spans(self) -> list[Span]:
        """The order, where it is not the usual one."""
        key, reverse = self.sorted_by
        if self.sorted_by == self.USUAL:
            return []
        sign = self.glyphs.down if descends(key, reverse=reverse) else self.glyphs.up
        label = next(
            (column.label or column.title for column in self.sortable if column.key == key), key
        )
        return [(f"by {label or key}{sign}", "accent")]
