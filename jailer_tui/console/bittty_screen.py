"""bittty's terminal, reduced to a screen.

Its board knows far more than that: printers, macros, keyboards that can be programmed and locked,
windows that can be resized, several pages, VT52. All of that is taken out here, by a model of ours
and by removing handlers: a program in a jail shall be able to draw, and to ask where the cursor
is. Not from the documentation but from the source of 0.3.0: the pin in pyproject.toml says
`==0.3.*`, and tests/tui/console compares the result with tmux's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from bittty import XTERM, Board, Operation, mode_profiles as has
from bittty.style import Style
from bittty.video import CONTINUATION, WideHead
from wcwidth import wcwidth

MOST_MARKS = 4
"""Combining characters of one cell."""
MOST_STYLES = 4096

MODES = frozenset(
    {
        has.ANSI_INSERT,
        has.ANSI_NEWLINE,
        has.DEC_CURSOR_APPLICATION,
        has.DEC_REVERSE_SCREEN,
        has.DEC_ORIGIN,
        has.DEC_AUTOWRAP,
        has.XTERM_MOUSE_X10,
        has.XTERM_CURSOR_BLINK,
        has.DEC_CURSOR_VISIBLE,
        has.XTERM_REVERSE_WRAP,
        has.XTERM_ALT_SCREEN_47,
        has.DEC_NUMERIC_KEYPAD,
        has.DEC_LEFT_RIGHT_MARGINS,
        has.XTERM_MOUSE_NORMAL,
        has.XTERM_FOCUS,
        has.XTERM_MOUSE_BUTTON,
        has.XTERM_MOUSE_ANY,
        has.XTERM_MOUSE_UTF8,
        has.XTERM_MOUSE_SGR,
        has.XTERM_ALTERNATE_SCROLL,
        has.URXVT_MOUSE,
        has.XTERM_ALT_SCREEN_1047,
        has.XTERM_SAVE_CURSOR_1048,
        has.XTERM_ALT_SCREEN_1049,
        has.XTERM_ALLOW_ALT_SCREEN,
        has.XTERM_BRACKETED_PASTE,
        has.XTERM_SYNC_OUTPUT,
    }
)
MODEL = replace(
    XTERM,
    name="jailer-tui",
    da1_response="\x1b[?62;22c",
    da2_response="\x1b[>1;10;0c",
    da3_response=None,
    mode_capabilities=MODES,
    options=frozenset(),
    control_capabilities=frozenset({"dec.line-editing", "dec.character-editing"}),
    power_on_modes=frozenset(),
    fixed_modes=frozenset(),
    udk_capacity=0,
    macro_space=None,
    reflows=True,
)

_REMOVED = (
    "DECSCPP",
    "DECFRA",
    "DECERA",
    "DECSERA",
    "DECCRA",
    "DECCARA",
    "DECRARA",
    "DECSACE",
    "DECRQCRA",
    "DECSED",
    "DECSEL",
    "DECSCL",
    "DECSCA",
    "DECRSPS_CIR",
    "DECRSPS_TABS",
    "DECRQPSR",
    "DECDHL_TOP",
    "DECDHL_BOTTOM",
    "DECDWL",
    "SPA",
    "EPA",
    "XTVERSION",
    "XTMODKEYS",
    "LINUX_SETTERM",
    "LINUX_PALETTE_SET",
    "LINUX_PALETTE_RESET",
    "C0_ENQ",
)
"""Features of bittty that no program used over a line needs: each cell on its own
(a screenful takes long), other sizes, other keys, secrets of the screen read back."""

_TEXT_AREA, _SCREEN, _PUSH_TITLE, _POP_TITLE = 18, 19, 22, 23


class Screen(Board):  # type: ignore[misc]  # bittty has no types
    """A board that draws characters, and reports where the cursor is."""

    def _build_registry(self) -> dict[str, Callable[[Operation], None]]:
        registry: dict[str, Callable[[Operation], None]] = super()._build_registry()
        for name in _REMOVED:
            registry.pop(name, None)
        for name in [name for name in registry if name.startswith("OSC_")]:
            del registry[name]
        self._mixed: dict[tuple[int, int, bool], tuple[object, object, Style]] = {}
        self._mix = registry["SGR"]
        registry["SGR"] = self._sgr
        window = registry.pop("XTWINOPS", None)
        if window is not None:
            registry["XTWINOPS"] = lambda op: _window(op, window)
        return registry

    def _sgr(self, operation: Operation) -> None:
        """Mix each pair of styles once: what is written alike is one object, and soon compared.

        The table holds what its keys are the identities of, so that those stay theirs.
        """
        before = self.style.current
        style, reset = operation.args
        key = (id(before), id(style), reset)
        mixed = self._mixed.get(key)
        if mixed is None:
            self._mix(operation)
            if len(self._mixed) >= MOST_STYLES:
                self._mixed.clear()
            self._mixed[key] = (before, style, self.style.current)
        else:
            self.style.current = mixed[2]

    def print_text(self, text: str) -> None:
        """Characters without a width join the one before, as in xterm and tmux."""
        if self._straight(text):
            return
        if text.isascii():
            self.blitter.write_text(text, self.style.current)
            return
        start = 0
        for index, char in enumerate(text):
            if char >= "\u0300" and _width(char) == 0:
                if start < index:
                    self.blitter.write_text(text[start:index], self.style.current)
                self._join(char)
                start = index + 1
        if start < len(text):
            self.blitter.write_text(text[start:], self.style.current)

    def _straight(self, text: str) -> bool:
        """Write what fits into its row without further ado; False when there is more to it.

        Exactly what bittty does by way of five calls (a test compares).
        """
        blitter, cursor, charset = self.blitter, self.cursor, self.charset
        x, width = cursor.x, blitter.width
        if (
            x + len(text) > width
            or cursor._wrap_pending  # noqa: SLF001 - as blitter.write_text asks
            or blitter.left_margin
            or blitter.right_margin != width - 1
            or self.modes.insert_mode
            or charset.single_shift is not None
            or charset.charset_array[charset.current_charset] != "B"
            or charset.charset_array[charset.gr] != "B"
        ):
            return False
        style = self.style.current
        cells = [(style, char) for char in text]
        if not text.isascii():
            sizes = set(map(_width, text))
            if sizes - {1, 2}:
                return False
            if 2 in sizes:
                cells = _wide(text, style)
        end = x + len(cells)
        if end > width:
            return False
        page = blitter.current_page
        row = page.grid[cursor.y]
        if row[x][1] == CONTINUATION or (end < width and row[end][1] == CONTINUATION):
            page._prepare_overwrite(row, x, end, style)  # noqa: SLF001
        row[x:end] = cells
        page.row_gen[cursor.y] = page.generation
        cursor.x = end
        if end == width:
            cursor.mark_pending_wrap((0, width))
        blitter.last_printed_char = text[-1]
        return True

    def fit(self, columns: int, rows: int) -> None:
        """Before a resize: rows that no longer fit leave at the top, as in xterm and tmux.

        bittty itself cuts rows off at the bottom when the width stays, or when a program has the
        other screen: the rows around the cursor.
        """
        blitter, cursor = self.blitter, self.cursor
        page = blitter.primary_page
        if rows >= page.height and columns == page.width:
            return
        hidden = bool(blitter.in_alt_screen)
        saved = cursor.saved[False]
        cursor_at = (
            (saved.x, min(saved.y, page.height - 1)) if hidden else (cursor.display_x, cursor.y)
        )
        position, cut = page.reflow(columns, rows, cursor_at)
        blitter._to_history(cut)  # noqa: SLF001
        if hidden:
            x, y = position
            self._fit_alternate(rows)
        else:
            x, y = saved.x, max(0, saved.y - len(cut))
            cursor.set_position(*position)
        cursor.saved[False] = replace(saved, x=x, y=y)

    def _fit_alternate(self, rows: int) -> None:
        page, cursor = self.blitter.alt_page, self.cursor
        scrolled = cursor.y - rows + 1
        if scrolled > 0:
            page.scroll_region_up(0, page.height - 1, scrolled)
            cursor.set_position(cursor.x, rows - 1)

    def _join(self, mark: str) -> None:
        if not unicodedata.category(mark).startswith("M"):
            return
        page, cursor = self.blitter.current_page, self.cursor
        waits = cursor._pending_wrap_is_valid()  # noqa: SLF001 - the cursor is after its last
        x = cursor.display_x if waits else cursor.display_x - 1
        if x < 0:
            return
        row = page.grid[cursor.y]
        if row[x][1] == CONTINUATION and x > 0:
            x -= 1
        style, text = row[x]
        if len(text) <= MOST_MARKS:
            joined = text + mark
            row[x] = (style, WideHead(joined) if isinstance(text, WideHead) else joined)
            page._touch_row(cursor.y)  # noqa: SLF001


@lru_cache(8192)
def _width(char: str) -> int:
    """Columns of a character; what is unknown takes one."""
    return 1 if char < "\u0300" else max(wcwidth(char), 0)


def _wide(text: str, style: Style) -> list[tuple[Style, str]]:
    cells: list[tuple[Style, str]] = []
    for char in text:
        if _width(char) == 2:
            cells += [(style, WideHead(char)), (style, CONTINUATION)]
        else:
            cells.append((style, char))
    return cells


def _window(operation: Operation, window: Callable[[Operation], None]) -> None:
    """Of all that a window can be asked, only its size, and to remember its title."""
    params = operation.args[0]
    if params and params[0] in (_TEXT_AREA, _SCREEN, _PUSH_TITLE, _POP_TITLE):
        window(operation)
