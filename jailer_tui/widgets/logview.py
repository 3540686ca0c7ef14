"""A view of a log of any size: it holds only some of the lines, and asks for more."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.events import Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from jailer_core.logs import LogLine
from jailer_tui.actions import bindings
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.logs import Look, rows
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.widgets.styled import LineWidget, moved

HELD = 2000
"""Lines that are held at most."""
KEPT = 500
"""Lines whose rows are kept at most: those of a binary may be a hundred each."""
NEAR = 100
"""This many lines before either end of what is loaded, more is requested."""

Place = tuple[int, int]
"""Which line, and which of its rows."""


class LogView(LineWidget, can_focus=True):
    """Lines by offset. `at_begin` and `at_end`: there are no further lines."""

    BINDINGS = bindings("text", "logtext")

    DEFAULT_CSS = """
    LogView { width: 1fr; height: 1fr; overflow: hidden hidden; }
    """

    @dataclass
    class Wanted(Message):
        """More lines are needed: `before` the first, `after` the last, from `top` or `bottom`."""

        how: str

    class Moved(Message):
        """Another part of the log is visible."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.glyphs = glyphs
        self.look = Look()
        self.lines: list[LogLine] = []
        self.arrived: dict[int, float] = {}
        self.here: int | None = None
        self.at_begin = self.at_end = False
        self.follow = True
        self.empty: tuple[Line, ...] = ()
        self._top: Place = (0, 0)
        self._asked = False
        self._drawn: list[Line] = []
        self._kept: dict[tuple[int, int], list[Line]] = {}

    # --- what it holds -----------------------------------------------------------------------

    def fill(self, lines: Sequence[LogLine], *, top: int | None = None) -> None:
        """Show only these lines, with the one at offset `top` first, else the last one last."""
        self.lines = list(lines)
        self.arrived.clear()
        self._kept.clear()
        self._asked = False
        self._top = self._bottom() if top is None else (self._index(top), 0)
        self._clamp()
        self.draw()

    def prepend(self, lines: Sequence[LogLine]) -> None:
        """Add lines before the first one without scrolling."""
        self._asked = False
        self.lines[:0] = lines
        self._top = (self._top[0] + len(lines), self._top[1])
        dropped = len(self.lines) - HELD
        if dropped > 0:
            del self.lines[-dropped:]
            self.at_end = False
        self.draw()

    def append(self, lines: Sequence[LogLine], now: float | None = None) -> None:
        """Add lines at the end; visible while following. `now` is their time of arrival."""
        self._asked = False
        bottom = self.is_at_bottom
        self.lines += lines
        if now is not None:
            self.arrived.update((line.offset, now) for line in lines)
        dropped = len(self.lines) - HELD
        if dropped > 0:
            for line in self.lines[:dropped]:
                self.arrived.pop(line.offset, None)
            del self.lines[:dropped]
            self._top = (max(0, self._top[0] - dropped), self._top[1])
            self.at_begin = False
        if self.follow and bottom:
            self._top = self._bottom()
        self.draw()

    def cut(self, offset: int) -> None:
        """Drop the lines from that offset on; they will be read again."""
        while self.lines and self.lines[-1].offset >= offset:
            self._kept.clear()
            self.lines.pop()

    def nothing_more(self) -> None:
        """The requested lines do not exist."""
        self._asked = False

    # --- where it stands ---------------------------------------------------------------------

    @property
    def first(self) -> LogLine | None:
        """The first visible line."""
        return self.lines[self._top[0]] if self._top[0] < len(self.lines) else None

    @property
    def last(self) -> LogLine | None:
        """The last visible line."""
        if not self.lines:
            return None
        place, _ = self._down(self._top, max(0, self.size.height - 1))
        return self.lines[min(place[0], len(self.lines) - 1)]

    @property
    def is_at_bottom(self) -> bool:
        """Whether the last loaded line is visible."""
        return self._top >= self._bottom()

    def holds(self, offset: int) -> bool:
        """Whether the line at that offset is loaded."""
        return any(line.offset == offset for line in self.lines)

    def see(self, offset: int, *, recenter: bool = False) -> None:
        """Bring the line at `offset` into view, a third from the top.

        A line that is in view already moves only with `recenter`.
        """
        place: Place = (self._index(offset), 0)
        inside = self._top <= place <= self._down(self._top, max(0, self.size.height - 1))[0]
        if recenter or not inside:
            self._top = self._up(place, self.size.height // 3)
        self._clamp()
        self.draw()
        self._ask()

    def _index(self, offset: int) -> int:
        return bisect_left(self.lines, offset, key=lambda line: line.offset)

    # --- rows --------------------------------------------------------------------------------

    def _rows(self, index: int) -> list[Line]:
        line = self.lines[index]
        key = (line.offset, line.end)
        if key not in self._kept:
            if len(self._kept) > KEPT:
                self._kept.clear()
            arrived = self.arrived.get(line.offset)
            current = line.offset == self.here
            width = max(self.size.width - 1, 10)
            self._kept[key] = rows(line, self.look, width, self.glyphs, arrived, current)
        return self._kept[key]

    def _down(self, place: Place, count: int) -> tuple[Place, int]:
        """The position that many rows further, and how many rows were missing."""
        index, row = place
        while count > 0 and index < len(self.lines):
            rest = len(self._rows(index)) - 1 - row
            if rest >= count:
                return (index, row + count), 0
            if index == len(self.lines) - 1:
                return (index, row + max(rest, 0)), count - max(rest, 0)
            count -= rest + 1
            index, row = index + 1, 0
        return (index, row), count

    def _up(self, place: Place, count: int) -> Place:
        """The position that many rows back."""
        index, row = place
        while count > 0:
            if row >= count:
                return index, row - count
            if index == 0:
                return 0, 0
            count -= row + 1
            index -= 1
            row = len(self._rows(index)) - 1
        return index, row

    def _bottom(self) -> Place:
        """The first visible row if the last one is visible too."""
        if not self.lines:
            return 0, 0
        last = len(self.lines) - 1
        return self._up((last, len(self._rows(last)) - 1), max(0, self.size.height - 1))

    def _clamp(self) -> None:
        self._top = max((0, 0), min(self._top, self._bottom()))

    # --- drawing -----------------------------------------------------------------------------

    def change(self, look: Look) -> None:
        """Change how lines are shown; the first visible line stays."""
        bottom = self.is_at_bottom
        self.look = look
        self._kept.clear()
        self._top = self._bottom() if bottom else (self._top[0], 0)
        self._clamp()
        self.draw()

    def mark(self, offset: int | None) -> None:
        """Mark a line as the current match."""
        self.here = offset
        self._kept.clear()
        self.draw()

    def draw(self) -> None:
        """Draw changed rows."""
        new = self._picture()
        old, self._drawn = self._drawn, new
        for y in range(self.size.height):
            if (old[y] if y < len(old) else None) != (new[y] if y < len(new) else None):
                self.refresh(Region(0, y, self.size.width, 1))
        self.post_message(self.Moved())

    def _picture(self) -> list[Line]:
        if not self.lines:
            return list(self.empty)
        lines: list[Line] = []
        index, row = self._top
        while index < len(self.lines) and len(lines) < self.size.height:
            lines += self._rows(index)[row:]
            index, row = index + 1, 0
        return lines[: self.size.height]

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        row = self._drawn[y] if y < len(self._drawn) else ()
        return self.painted(((" ", "text"), *row) if row else (), self.size.width)

    def on_resize(self, _event: Resize) -> None:
        """Wrap for the new width."""
        self._kept.clear()
        if self.follow and self.at_end:
            self._top = self._bottom()
        self._clamp()
        self._drawn = []
        self.draw()

    # --- moving ------------------------------------------------------------------------------

    def action_move(self, how: str) -> None:
        """Scroll: up, down, page_up, page_down, top, bottom."""
        if how not in ("top", "bottom"):
            self.scroll_rows(moved(how, 0, max(1, self.size.height - 1), 0))
        elif not (self.at_begin if how == "top" else self.at_end):
            self.post_message(self.Wanted(how))
        else:
            self._top = (0, 0) if how == "top" else self._bottom()
            self.draw()

    def scroll_rows(self, count: int) -> None:
        """Scroll by that many rows."""
        if count < 0:
            self._top = self._up(self._top, -count)
        else:
            self._top, _ = self._down(self._top, count)
        self._clamp()
        self.draw()
        self._ask()

    def _ask(self) -> None:
        """Near an end of what is held: for more."""
        near_begin = self._top[0] < NEAR and not self.at_begin
        near_end = self._top[0] > len(self.lines) - NEAR - self.size.height and not self.at_end
        if not self._asked and (near_begin or near_end):
            self._asked = True
            self.post_message(self.Wanted("before" if near_begin else "after"))

    def action_shift(self, how: str) -> None:
        """Scroll unwrapped lines a quarter of the width `left` or `right`."""
        if self.look.wrap:
            return
        step = max(8, self.size.width // 4) * (1 if how == "right" else -1)
        self.change(replace(self.look, shift=max(0, self.look.shift + step)))

    def on_mouse_scroll_up(self) -> None:
        """Scroll three rows up."""
        self.scroll_rows(-3)

    def on_mouse_scroll_down(self) -> None:
        """Scroll three rows down."""
        self.scroll_rows(3)
