"""Plain lines by the hundred, as `cat` of a file prints them: straight into the past.

What scrolls through a screen within one piece of output is never seen. Such lines need not be
written cell by cell, scrolled up row by row and taken down again: all but the last screenful go
to the past as the text that they are. The result is exactly that of writing them (a test compares).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jailer_tui.console.scrollback import Scrollback

END = "\r\n"


class Burst:
    """`feed` gives `slowly` what is to be parsed, and does the rest itself."""

    def __init__(self, board: Any, past: Scrollback, slowly: Callable[[str], None]) -> None:
        self._board = board
        self._past = past
        self._slowly = slowly

    def feed(self, text: str) -> None:
        """Output that is whole as far as strings go."""
        rows = self._board.height
        lines = text.split(END)
        if len(lines) <= 3 * rows:
            self._slowly(text)
            return
        width = self._board.width
        begin = 0
        run = 0
        last = len(lines) - 1  # what stands behind the last line's end
        for index in range(last + 1):
            line = lines[index]
            if index < last and len(line) <= width and line.isascii() and line.isprintable():
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
        page, style = blitter.current_page, board.style.current
        blank = page._empty_cell  # noqa: SLF001
        for y in range(keep):
            self._past.add(page.grid[y], blank)
        dropped = len(lines) - keep
        self._past.add_lines(lines[:dropped], style)
        for y, line in enumerate(lines[dropped:]):
            page.grid[y] = [*((style, char) for char in line), *[blank] * (board.width - len(line))]
            page.wrapped_lines[y] = False
        page._touch_page()  # noqa: SLF001

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
