"""A table that sends only the cells that changed, and never moves what the eye rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from jailer_tui.actions import bindings
from jailer_tui.presenters.jails import Column, Span, fit, gap, order_sign
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.widgets.search import Findable, marked
from jailer_tui.widgets.styled import LineWidget, moved

SINGLE_CELLS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `key` identifies it across refreshes."""

    key: str
    cells: tuple[Span, ...]


class Grid(Findable, LineWidget, can_focus=True):
    """Rows under a header. Cursor and marks belong to keys, not to places.

    `rows`, `columns` and `marks` (keys, shown or not) are changed only by the methods that also
    draw: set_rows, set_columns, set_marks.
    """

    BINDINGS = bindings("list")

    @dataclass
    class Moved(Message):
        """The cursor moved to another row; `key` is None in an empty table."""

        key: str | None

    class Picked(Message):
        """A row was clicked twice."""

    @dataclass
    class HeaderPicked(Message):
        """A column's header was clicked."""

        column: str

    def __init__(
        self,
        *,
        glyphs: Glyphs = UNICODE,
        header: bool = True,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.glyphs = glyphs
        self.empty: tuple[tuple[Span, ...], ...] = ()
        self._header = 1 if header else 0
        self.columns: tuple[Column, ...] = ()
        self.rows: list[Row] = []
        self.marks: frozenset[str] = frozenset()
        self._index: dict[str, int] = {}
        self._cursor = 0
        self._sorted: tuple[str, bool] = ("", False)

    # --- what it shows -----------------------------------------------------------------------

    @property
    def key(self) -> str | None:
        """The key of the row under the cursor."""
        return self.rows[self._cursor].key if self.rows else None

    def set_columns(
        self, columns: Sequence[Column], ordered: tuple[str, bool] = ("", False)
    ) -> None:
        """Set the columns and the order in the header; rows follow with `set_rows`."""
        if tuple(columns) != self.columns or ordered != self._sorted:
            self.columns = tuple(columns)
            self._sorted = ordered
            self.refresh()

    def set_rows(self, rows: Sequence[Row], *, follow: bool = True) -> None:
        """Show these. The cursor stays on its row, or, when that is gone, in its place.

        With `follow` the row under the cursor keeps its line of the screen when it moved.
        """
        old, old_key, old_cursor = self.rows, self.key, self._cursor
        line = old_cursor - self.scroll_offset.y
        self.rows = list(rows)
        self._index = {row.key: index for index, row in enumerate(rows)}
        last = max(len(rows) - 1, 0)
        self._cursor = self._index.get(old_key or "", min(old_cursor, last))
        height = len(rows) + self._header
        if height != self.virtual_size.height:
            self.virtual_size = Size(self.size.width, height)
        if follow and self._cursor != old_cursor and old:
            top = max(0, min(self._cursor - line, height - self.size.height))
            self.scroll_to(y=top, animate=False, immediate=True)
        self._send_changes(old, old_cursor)
        if len(old) != len(rows):
            self.renewed()
        if self.key != old_key:
            self.post_message(self.Moved(self.key))

    def set_marks(self, marks: frozenset[str]) -> None:
        """Mark exactly these keys."""
        changed = marks ^ self.marks
        self.marks = marks
        for key in changed:
            if key in self._index:
                self._refresh_row(self._index[key])

    def mark(self, how: str) -> None:
        """Mark `one` (under the cursor, then down), `all`, `none`, or `invert` the marks of all.

        `up` and `down` mark the row under the cursor and the next one.
        """
        shown = frozenset(row.key for row in self.rows)
        if how == "one" and self.key is not None:
            self.set_marks(self.marks ^ {self.key})
            self.action_move("down")
        elif how in ("up", "down") and self.key is not None:
            self.set_marks(self.marks | {self.key})
            self.action_move(how)
            self.set_marks(self.marks | {self.key})
        elif how == "all":
            self.set_marks(self.marks | shown)
        elif how == "none":
            self.set_marks(frozenset())
        elif how == "invert":
            self.set_marks(self.marks ^ shown)

    def _send_changes(self, old: list[Row], old_cursor: int) -> None:
        """Redraw changed visible rows."""
        if not self.rows or not old:
            self.refresh()
            return
        top = self.scroll_offset.y
        for y in range(self._header, self.size.height):
            index = top + y - self._header
            before = old[index] if index < len(old) else None
            after = self.rows[index] if index < len(self.rows) else None
            if (index == old_cursor) != (index == self._cursor) or before is None or after is None:
                if before is not after or index in (old_cursor, self._cursor):
                    self._refresh_row(index)
            elif before.key != after.key and (before.key in self.marks) != (
                after.key in self.marks
            ):
                self._refresh_row(index)
            elif before.cells != after.cells:
                self._refresh_cells(y, before, after)

    def _refresh_cells(self, y: int, before: Row, after: Row) -> None:
        """A few cells one by one; many together, which costs fewer bytes after that."""
        if len(before.cells) != len(after.cells):
            self.refresh(Region(0, y, self.size.width, 1))
            return
        changed = [
            (start, column.width)
            for (start, column), span, other in zip(
                self._places(), before.cells, after.cells, strict=False
            )
            if span != other
        ]
        if len(changed) > SINGLE_CELLS:
            first, (last, width) = changed[0][0], changed[-1]
            changed = [(first, last + width - first)]
        for start, width in changed:
            self.refresh(Region(start, y, width, 1))

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y + self._header
        if self._header <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _places(self) -> list[tuple[int, Column]]:
        """Where each column begins."""
        places = []
        x = 1
        for column in self.columns:
            places.append((x, column))
            x += column.width + self._gap(column)
        return places

    def _gap(self, column: Column) -> int:
        glyph = column.width == 1 and column.key == "glyph"
        return 1 if glyph else gap(self.size.width - 1)

    # --- drawing -----------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.size.width
        if y < self._header:
            return self.painted(self._header_spans(), width, "bar")
        index = self.scroll_offset.y + y - self._header
        if index >= len(self.rows):
            spans = self.empty[index] if not self.rows and index < len(self.empty) else ()
            return self.painted(spans, width)
        spans = marked(tuple(self._row_spans(self.rows[index])), self.finding)
        return self.painted(spans, width, "cursor" if index == self._cursor else "")

    # --- searching ---------------------------------------------------------------------------

    def texts(self) -> list[str]:
        """Row by row."""
        return ["  ".join(text for text, _ in row.cells) for row in self.rows]

    def place(self) -> int:
        """The row under the cursor."""
        return self._cursor

    def all_text(self) -> str:
        """The row under the cursor."""
        return self.texts()[self._cursor] if self.rows else ""

    def text_in_sight(self) -> str:
        """The first cell of the row under the cursor: a name."""
        if not self.rows:
            return ""
        cells = zip(self.columns, self.rows[self._cursor].cells, strict=False)
        return next((text for column, (text, _) in cells if column.key != "glyph"), "")

    def show_entry(self, index: int, words: str) -> None:  # noqa: ARG002 - the row is enough
        """Move the cursor there."""
        self.move_to(index)

    def _header_spans(self) -> list[Span]:
        spans: list[Span] = [(" ", "dim")]
        for column in self.columns:
            label = column.label
            tone = "dim"
            if column.key == self._sorted[0] and label:
                tone = "accent"
                sign = order_sign(self._sorted, self.glyphs)
                label = f"{label}{sign}" if len(label) < column.width else label
            spans.append((fit(label, column.width, self.glyphs, right=column.right), tone))
            spans.append((" " * self._gap(column), "dim"))
        return spans

    def _row_spans(self, row: Row) -> list[Span]:
        marked = row.key in self.marks
        spans: list[Span] = [(self.glyphs.mark, "warn") if marked else (" ", row.cells[0][1])]
        for (x, column), (text, tone) in zip(self._places(), row.cells, strict=False):
            width = max(0, min(column.width, self.size.width - 1 - x))
            spans.append((fit(text, width, self.glyphs, right=column.right), tone))
            spans.append((" " * self._gap(column), "text"))
        return spans

    # --- moving ------------------------------------------------------------------------------

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, and scroll as little as possible."""
        if not self.rows:
            return
        index = max(0, min(index, len(self.rows) - 1))
        old, self._cursor = self._cursor, index
        self._show_cursor()
        if old != index:
            self._refresh_row(old)
            self._refresh_row(index)
            self.post_message(self.Moved(self.key))

    def move_to_key(self, key: str) -> None:
        """Put the cursor on the row with that key, if there is one."""
        if key in self._index:
            self.move_to(self._index[key])

    def _show_cursor(self) -> None:
        top, page = self.scroll_offset.y, max(1, self.size.height - self._header)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + page:
            self.scroll_to(y=self._cursor - page + 1, animate=False, immediate=True)

    def action_move(self, how: str) -> None:
        """Move the cursor: up, down, page_up, page_down, top, bottom."""
        page = max(1, self.size.height - self._header - 1)
        self.move_to(moved(how, self._cursor, page, len(self.rows) - 1))

    def on_resize(self, _event: Resize) -> None:
        """Keep the cursor visible."""
        self.virtual_size = Size(self.size.width, len(self.rows) + self._header)
        self._show_cursor()

    def on_click(self, event: Click) -> None:
        """Move the cursor; a second click opens, a click in the header sorts."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y < self._header:
            for start, column in self._places():
                if start <= place.x < start + column.width and column.title:
                    self.post_message(self.HeaderPicked(column.key))
            return
        index = self.scroll_offset.y + place.y - self._header
        if index < len(self.rows):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Picked())
