"""Lines of text to read: wrapped, scrolled, and sent to the terminal only where they changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, zip_longest
from typing import TypeVar

from rich.cells import cell_len
from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip

from jailer_tui.actions import bindings
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.messages import wrapped
from jailer_tui.widgets.search import Findable, marked, pattern
from jailer_tui.widgets.styled import LineWidget, moved


class Lines(Findable, LineWidget, can_focus=True):
    """Any number of lines. With `follow` the end stays visible while it is visible.

    `lines` are changed only by set_lines, which also draws them.
    """

    BINDINGS = bindings("text")

    def __init__(  # noqa: PLR0913 - each is a way to show the same lines
        self,
        lines: Sequence[Line] = (),
        *,
        wrap: bool = True,
        follow: bool = False,
        bar: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        can_focus: bool = True,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.can_focus = can_focus
        self._wrap = wrap
        self.follow = follow
        self._stick = True
        self._over = "bar" if bar else ""
        self.lines: tuple[Line, ...] = tuple(lines)
        self._rows: list[Line] = list(lines)
        self._wrapped: dict[Line, list[Line]] = {}
        self._wrapped_at = 0
        self._place: int | None = None

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines; only changed ones are redrawn."""
        new = tuple(lines)
        if new != self.lines:
            self.lines = new
            self._lay_out()
            self.renewed()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        old = self._rows
        if self._wrap and width:
            self._rows = self._wrap_new(width)
        else:
            self._rows = list(self.lines)
        if len(self._rows) != self.virtual_size.height:
            self.virtual_size = Size(width, len(self._rows))
            if self.styles.auto_dimensions:
                self.refresh(layout=True)
        if self.follow and self._stick:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
        self._send_changes(old)

    def _parts(self, line: Line) -> list[Line]:
        """The rows of one line."""
        return wrapped(line, self.scrollable_content_region.width) if self._wrap else [line]

    def _wrap_new(self, width: int) -> list[Line]:
        """The rows; lines that were shown already are not wrapped again."""
        known = self._wrapped if width == self._wrapped_at else {}
        self._wrapped, self._wrapped_at = {}, width
        rows: list[Line] = []
        for line in self.lines:
            if line not in self._wrapped:
                self._wrapped[line] = known[line] if line in known else wrapped(line, width)
            rows += self._wrapped[line]
        return rows

    def see(self, index: int) -> None:
        """Scroll as little as possible to show that line."""
        if self.follow or not self.size.height:
            return
        row = sum(len(self._parts(line)) for line in self.lines[:index])
        top = self.scroll_offset.y
        if not top <= row < top + self.size.height - 1:
            self.scroll_to(y=row - self.size.height // 2, animate=False, immediate=True)

    def _send_changes(self, old: list[Line]) -> None:
        top = self.scroll_offset.y
        for y in range(self.size.height):
            before = old[top + y] if top + y < len(old) else ()
            after = self._rows[top + y] if top + y < len(self._rows) else ()
            if before != after:
                start, end = _difference(before, after)
                self.refresh(Region(start, y, max(end - start, 1), 1))

    def watch_show_vertical_scrollbar(self) -> None:
        """The scrollbar takes a column, or returns it."""
        self.call_after_refresh(self._lay_out)

    def on_resize(self, _event: Resize) -> None:
        """Wrap for the new width."""
        self._lay_out()
        self.refresh()

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """The number of rows for that width."""
        if not self._wrap:
            return max(1, len(self.lines))
        return max(1, sum(len(wrapped(line, width)) for line in self.lines))

    def get_content_width(self, _container: Size, _viewport: Size) -> int:
        """The width of the widest line."""
        return max((sum(cell_len(t) for t, _ in line) for line in self.lines), default=1)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        index = self.scroll_offset.y + y
        row = self._rows[index] if index < len(self._rows) else ()
        return self.painted(marked(row, self.finding), self.size.width, self._over)

    # --- searching ---------------------------------------------------------------------------

    def texts(self) -> list[str]:
        """Line by line, unwrapped."""
        return ["".join(text for text, _ in line) for line in self.lines]

    def place(self) -> int:
        """The line of the match, else the first visible line."""
        if self._place is not None:
            return self._place
        ends = accumulate(len(self._parts(line)) for line in self.lines)
        return next((index for index, end in enumerate(ends) if end > self.scroll_offset.y), 0)

    def show_entry(self, index: int, words: str) -> None:
        """Show the row with the words, centred unless it is visible."""
        self._place = index
        row = sum(len(self._parts(line)) for line in self.lines[:index])
        regex = pattern(words)
        for below, part in enumerate(self._parts(self.lines[index])):
            if regex.search("".join(text for text, _ in part)):
                row += below
                break
        self._stick = False
        if not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=row - self.size.height // 2, animate=False, immediate=True)

    def find(self, words: str, start: int, step: int) -> bool:
        """See Findable; without words, the next search starts at the visible part."""
        if not words:
            self._place = None
        return super().find(words, start, step)

    def text_in_sight(self) -> str:
        """The visible lines."""
        width = self.size.width
        rows = (self.render_line(y).text.rstrip() for y in range(self.size.height))
        return "\n".join(rows).rstrip() if width else ""

    # --- moving ------------------------------------------------------------------------------

    def action_move(self, how: str) -> None:
        """Scroll: up, down, page_up, page_down, top, bottom."""
        page = max(1, self.size.height - 1)
        y = moved(how, round(self.scroll_target_y), page, self.max_scroll_y)
        self.scroll_to(y=y, animate=False, immediate=True)
        self._stick = self.is_vertical_scroll_end

    def on_mouse_scroll_up(self) -> None:
        """Stop following: the user reads earlier lines."""
        self._stick = False

    def on_mouse_scroll_down(self) -> None:
        """Follow again at the end."""
        self._stick = self.scroll_target_y >= self.max_scroll_y - 1


def _difference(before: Line, after: Line) -> tuple[int, int]:
    """The columns from the first cell that differs to the one after the last."""
    pairs = list(zip_longest(_each_cell(before), _each_cell(after), fillvalue=(" ", "text")))
    differ = [index for index, (old, new) in enumerate(pairs) if old != new]
    return (differ[0], differ[-1] + 1) if differ else (0, 0)


def _each_cell(line: Line) -> list[Span]:
    """What is in each cell; the second half of a wide character is empty."""
    spans: list[Span] = []
    for text, tone in line:
        for char in text:
            size = cell_len(char)
            if size == 0 and spans:
                spans[-1] = (spans[-1][0] + char, tone)
            else:
                spans += [(char, tone), ("", tone)][: max(size, 1)]
    return spans


T = TypeVar("T")


def clicked(x: int, widths: Iterable[tuple[T, int]]) -> T | None:
    """Which of several things beside each other, with their widths, is in that column."""
    for item, width in widths:
        if x < width:
            return item
        x -= width
    return None


class Bar(Lines, can_focus=False, inherit_bindings=False):
    """A single line that is never scrolled: header, tabs, footer."""

    DEFAULT_CSS = """
    Bar { height: 1; overflow: hidden hidden; }
    """

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        bar: bool = True,
    ) -> None:
        super().__init__(wrap=False, bar=bar, id=id, classes=classes)

    def show(self, line: Line) -> None:
        """Show this line."""
        self.set_lines([line])

    @property
    def text(self) -> str:
        """The text."""
        return "".join(text for line in self.lines for text, _ in line)
