"""Bursts of lines, as `cat` of a file prints them: straight into the scrollback.

They may have colours, but nothing else that moves the cursor. What scrolls through a screen within
one piece of output is never seen. Such lines need not be written cell by cell, scrolled up row by
row and taken down again: all but the last screenful go to the past as the text that they are. The
result is exactly that of writing them (a test compares).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from itertools import repeat
from typing import Any

from jailer_tui.console.scrollback import Scrollback

END = "\r\n"
_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
_COLOURED = re.compile(r"(?:[ -~]|\x1b\[[0-9;]*m)*")
Segments = list[tuple[Hashable, str]]
"""The text of a line in pieces of one style each."""


class Burst:
    """`feed` passes on to `slowly` what must be parsed, and handles the rest itself."""

    def __init__(self, board: Any, past: Scrollback, slowly: Callable[[str], None]) -> None:
        self._board = board
        self._past = past
        self._slowly = slowly
        self._styles = _Styles(board, slowly)

    def feed(self, text: str) -> None:
        """Consume output that contains only complete strings."""
        rows = self._board.height
        lines = text.split(END)
        if len(lines) <= 3 * rows:
            self._slowly(text)
            return
        width = self._board.width
        begin = 0
        run = 0
        last = len(lines) - 1  # what is after the last line's end
        for index in range(last + 1):
            line = lines[index]
            if index < last and _fits(line, width):
                run += 1
                continue
            if run > 2 * rows:
                start = index - run
                self._slowly(END.join(lines[begin : start + rows]) + END)
                self._through(lines[start + rows : index])
                begin = index
            run = 0
        self._slowly(END.join(lines[begin:]))

    def _through(self, lines: list[str]) -> None:
        """Lines one below the other; the cursor has come to the lowest row, or there is none."""
        board = self._board
        blitter, cursor = board.blitter, board.cursor
        rows, keep = board.height, board.height - 1
        if not self._simple() or cursor.y != rows - 1 or cursor.x or len(lines) < keep:
            self._slowly(END.join(lines) + END)
            return
        before = board.style.current
        styled = self._styled(lines)
        if styled is None:
            board.style.current = before
            self._slowly(END.join(lines) + END)
            return
        page = blitter.current_page
        blank = page._empty_cell  # noqa: SLF001
        for y in range(keep):
            self._past.add(page.grid[y], blank)
        dropped = len(styled) - keep
        self._past.add_lines(styled[:dropped])
        for y, segments in enumerate(styled[dropped:]):
            cells = [cell for style, text in segments for cell in zip(repeat(style), text)]
            page.grid[y] = [*cells, *[blank] * (board.width - len(cells))]
            page.wrapped_lines[y] = False
        page._touch_page()  # noqa: SLF001

    def _styled(self, lines: list[str]) -> list[Segments] | None:
        """The lines in pieces; None where one has a background, which fills rows that scroll in."""
        styles = self._styles
        current = styles.begin()
        styled = []
        for line in lines:
            if "\x1b" not in line:
                styled.append([(current, line)] if line else [])
                continue
            first, *parts = _COLOUR.split(line)
            segments: Segments = [(current, first)] if first else []
            for colour, part in zip(parts[::2], parts[1::2], strict=True):
                current = styles.known.get((id(current), colour)) or styles.after(current, colour)
                if current.bg is not None:
                    return None
                if part:
                    segments.append((current, part))
            styled.append(segments)
        self._board.style.current = current
        return styled

    def _simple(self) -> bool:
        """Whether nothing is set that gives lines another meaning."""
        board = self._board
        blitter, modes, parser = board.blitter, board.modes, board.parser
        return (
            not parser.buffer
            and not blitter.in_alt_screen
            and blitter.current_page is blitter.main_page
            and (blitter.scroll_top, blitter.scroll_bottom) == (0, board.height - 1)
            and (blitter.left_margin, blitter.right_margin) == (0, board.width - 1)
            and modes.auto_wrap
            and not (modes.insert_mode or modes.linefeed_newline_mode or modes.origin_mode)
            and board.style.current.bg is None
            and board.charset.translate(_SAMPLE) == _SAMPLE
            and board.height > 1
        )


_SAMPLE = "".join(map(chr, range(0x20, 0x7F)))


class _Styles:
    """What a colour makes of a style: the emulator itself says so, once for each pair."""

    MOST = 4096

    def __init__(self, board: Any, slowly: Callable[[str], None]) -> None:
        self._board = board
        self._slowly = slowly
        self._default: Any = None
        self._same: dict[Any, Any] = {}
        self.known: dict[tuple[int, str], Any] = {}
        """By the identity of a style in `_same`, which keeps it alive."""

    def begin(self) -> Any:
        """Start with the current style; the style after a reset may have changed."""
        style = self._board.style
        if style.default is not self._default or len(self.known) > self.MOST:
            self._default = style.default
            self.known.clear()
            self._same.clear()
        return self._same.setdefault(style.current, style.current)

    def after(self, style: Any, colour: str) -> Any:
        """The style after a sequence that changes only the style."""
        self._board.style.current = style
        self._slowly(colour)
        new = self._board.style.current
        new = self.known[id(style), colour] = self._same.setdefault(new, new)
        return new


def _fits(line: str, width: int) -> bool:
    """Whether the line holds but ASCII text and colours, and no more than one row of it."""
    if "\x1b" not in line:
        return len(line) <= width and line.isascii() and line.isprintable()
    return _COLOURED.fullmatch(line) is not None and len(_COLOUR.sub("", line)) <= width
