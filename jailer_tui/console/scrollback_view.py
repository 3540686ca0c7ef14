"""View the scrollback of a console, with a cursor, a search and a selection.

Rows have numbers that stay (Scrollback): the visible part holds still while more is printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jailer_tui.console.core import Cells

if TYPE_CHECKING:
    from jailer_tui.console.emulator import Emulator

Place = tuple[int, int]
"""A row's number and a column."""


@dataclass(slots=True)
class ScrollbackView:
    """`top` is the first visible row; the cursor is at `row`, `x`; `mark` starts the selection."""

    core: Emulator
    height: int
    top: int = 0
    row: int = 0
    x: int = 0
    mark: Place | None = None
    word: str = ""

    @classmethod
    def at_the_end(cls, core: Emulator, height: int) -> ScrollbackView:
        """Go to the live screen, with the program's cursor."""
        made = cls(core, height)
        cursor = core.cursor
        made.top = made.end - height
        made.row = made.top + (cursor.y if cursor is not None else height - 1)
        made.x = cursor.x if cursor is not None else 0
        return made

    # --- rows --------------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """The oldest row."""
        return self.core.past.first

    @property
    def end(self) -> int:
        """The number after the last row of the screen."""
        return self.core.past.first + len(self.core.past) + self.core.rows

    @property
    def live(self) -> bool:
        """Whether only the live screen is visible."""
        return self.top >= self.end - self.height

    def cells(self, row: int) -> Cells:
        """The cells of a row by its number; none for a dropped row."""
        past = self.core.past
        index = row - past.first
        if 0 <= index < len(past):
            return past.row(index)
        return self.core.row(index - len(past)) if index >= 0 else ()

    def text(self, row: int) -> str:
        """The text of a row."""
        return "".join(text for _, text in self.cells(row))

    # --- moving ------------------------------------------------------------------------------

    def scroll(self, steps: int) -> None:
        """Scroll down or up; the cursor follows."""
        last = self.end - self.height
        old, self.top = self.top, max(self.first, min(self.top + steps, last))
        self.row = max(self.first, min(self.row + self.top - old, self.end - 1))
        self.keep()

    def keep(self) -> None:
        """Adjust to rows that have been dropped."""
        self.top = max(self.first, min(self.top, self.end - self.height))
        self.row = max(self.top, min(self.row, self.top + self.height - 1))

    def move(self, how: str) -> None:
        """Move the cursor: up, down, page_up, page_down, top, bottom, left, right."""
        page = max(1, self.height - 1)
        if how in ("page_up", "page_down"):
            self.scroll(-page if how == "page_up" else page)
            return
        if how in ("left", "right"):
            self.x = max(0, min(self.x + (1 if how == "right" else -1), self.core.columns - 1))
            return
        ends = {"top": self.first, "bottom": self.end - 1}
        self.go(ends.get(how, self.row + {"up": -1, "down": 1}.get(how, 0)))

    def go(self, row: int) -> None:
        """Move the cursor to a row, and make it visible."""
        self.row = max(self.first, min(row, self.end - 1))
        if self.row < self.top:
            self.top = self.row
        elif self.row >= self.top + self.height:
            self.top = self.row - self.height + 1

    # --- searching ---------------------------------------------------------------------------

    def find(self, *, older: bool) -> bool:
        """Move the cursor to the next match; False if there is none in that direction."""
        if not self.word:
            return False
        if older:
            rows: Iterator[int] = iter(range(self.row, self.first - 1, -1))
        else:
            rows = iter(range(self.row, self.end))
        for row in rows:
            places = self.places(row)
            if row == self.row:
                places = [
                    place for place in places if (place[0] < self.x if older else place[0] > self.x)
                ]
            if places:
                self.x = places[-1 if older else 0][0]
                self.go(row)
                return True
        return False

    def places(self, row: int) -> list[tuple[int, int]]:
        """The column ranges of the word in a row, ignoring case."""
        if not self.word:
            return []
        cells = self.cells(row)
        text = "".join(text for _, text in cells).lower()
        word = self.word.lower()
        if word not in text:
            return []
        columns = [x for x, (_, part) in enumerate(cells) for _ in part.lower()] + [len(cells)]
        lines = []
        at = text.find(word)
        while at >= 0:
            lines.append((columns[at], columns[at + len(word)]))
            at = text.find(word, at + len(word))
        return lines

    # --- selecting ---------------------------------------------------------------------------

    def selected(self, row: int) -> tuple[int, int] | None:
        """The range of selected columns in a row."""
        if self.mark is None:
            return None
        start, end = sorted((self.mark, (self.row, self.x)))
        if not start[0] <= row <= end[0]:
            return None
        return (
            start[1] if row == start[0] else 0,
            end[1] + 1 if row == end[0] else self.core.columns,
        )

    def copied(self) -> str:
        """The selected text; a full row continues in the next one."""
        if self.mark is None:
            return ""
        start, end = sorted((self.mark, (self.row, self.x)))
        parts: list[str] = []
        for row in range(max(start[0], self.first), end[0] + 1):
            columns = self.selected(row)
            cells = self.cells(row)
            if columns is None:
                continue
            text = "".join(part for _, part in cells[columns[0] : columns[1]])
            full = len(cells) == self.core.columns and cells[-1][1] != " "
            parts.append(text if full else text.rstrip())
            if row < end[0] and not full:
                parts.append("\n")
        return "".join(parts)
