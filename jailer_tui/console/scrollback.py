"""The scrollback of a console: a few thousand rows, stored compactly."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from jailer_tui.console.core import Cell, Cells

MOST = 5000
"""Rows."""

_NOTHING: Cell = (None, "")
_STYLE, _TEXT = itemgetter(0), itemgetter(1)
Packed = tuple[str | tuple[str, ...], tuple[tuple[Hashable, int], ...]]
"""The texts of the cells (one string when each is one character) and the runs of styles."""


class Scrollback:
    """The rows that have left the screen at its top, the oldest first.

    `add` packs a row; rows without a style cost little more than their text. `first` is the number
    of the oldest row kept; numbers stay as rows come and go.
    """

    def __init__(self, most: int = MOST) -> None:
        self.first = 0
        self._rows: deque[Packed] = deque(maxlen=most)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, cells: Sequence[Cell], blank: Cell) -> None:
        """Append a row; `blank` is a cell that was never written."""
        if len(self._rows) == self._rows.maxlen:
            self.first += 1
        self._rows.append(packed(cells, blank))

    def add_lines(self, lines: Sequence[Sequence[tuple[Hashable, str]]]) -> None:
        """Append rows of ASCII text, each in pieces of one style."""
        room = self._rows.maxlen or 0
        self.first += max(0, len(self._rows) + len(lines) - room)
        self._rows.extend(map(_joined, lines[-room:]))

    def clear(self) -> None:
        """Forget all."""
        self.first += len(self._rows)
        self._rows.clear()

    def row(self, index: int) -> Cells:
        """The row with that index."""
        texts, runs = self._rows[index]
        styles = [style for style, count in runs for _ in range(count)]
        return list(zip(styles, texts, strict=True))

    def narrow(self, columns: int) -> None:
        """Wrap rows that are wider than that."""
        rows: list[Packed] = []
        for index, (texts, _) in enumerate(self._rows):
            if len(texts) <= columns:
                rows.append(self._rows[index])
            else:
                rows += [packed(part, _NOTHING) for part in _parts(self.row(index), columns)]
        self.first += max(0, len(rows) - (self._rows.maxlen or 0))
        self._rows = deque(rows, self._rows.maxlen)


def _joined(segments: Sequence[tuple[Hashable, str]]) -> Packed:
    if len(segments) == 1:
        style, text = segments[0]
        return text, ((style, len(text)),)
    text = "".join(map(_TEXT, segments))
    return text, tuple((style, len(part)) for style, part in segments)


def _parts(cells: Cells, columns: int) -> list[Cells]:
    """In pieces of at most that width; a wide character is not cut in two."""
    parts: list[Cells] = []
    start = 0
    while start < len(cells):
        end = min(start + columns, len(cells))
        if end < len(cells) and cells[end][1] == "" and end - start > 1:
            end -= 1
        parts.append(cells[start:end])
        start = end
    return parts


def packed(cells: Sequence[Cell], blank: Cell) -> Packed:
    """A row without the cells at its end on which nothing was ever written.

    Styles are told apart by identity: most that look alike are one object, and comparing them
    took longer than all else.
    """
    texts = tuple(map(_TEXT, cells))
    text = "".join(texts)
    end = len(cells)
    if end and cells[-1] is blank:
        low = len(text.rstrip(" "))
        if len(text) == end and cells[low] is blank:
            end = low
        while end and cells[end - 1] is blank:
            end -= 1
        cells, texts = cells[:end], texts[:end]
        text = "".join(texts)
    if not end:
        return "", ()
    marks = list(map(id, map(_STYLE, cells)))
    if marks.count(marks[0]) == end:
        runs: tuple[tuple[Hashable, int], ...] = ((cells[0][0], end),)
    else:
        runs = tuple(_runs(cells, marks))
    return text if len(text) == end and "" not in texts else texts, runs


def _runs(cells: Sequence[Cell], marks: list[int]) -> Iterator[tuple[Hashable, int]]:
    at = 0
    for _, group in groupby(marks):
        count = len(list(group))
        yield cells[at][0], count
        at += count
