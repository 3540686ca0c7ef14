"""The emulator: bittty 0.3, of which only the screen is used.

Its board knows far more than a screen: printers, macros, keyboards that can be programmed and
locked, windows that can be resized, several pages, VT52. All of that is taken out here, by a model
of ours and by removing handlers: a program in a jail shall be able to draw, and to ask where the
cursor is. Not from the documentation but from the source of 0.3.0: the pin in pyproject.toml says
`==0.3.*`, and tests/tui/console compares the result with tmux's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from bittty import XTERM, Board, Operation
from bittty import mode_profiles as has
from bittty.devices.mouse import MouseProtocol
from bittty.present import Bell, RowsScrolledOff, ScrollbackCleared, TitleChanged
from bittty.style import Color, Style
from bittty.video import CONTINUATION, WideHead
from wcwidth import wcwidth

from jailer_core.text import visible
from jailer_tui.console.core import Cells, Colour, Cursor, Look, Pointing
from jailer_tui.console.flood import Flood
from jailer_tui.console.guard import MOST_TITLE, Guard
from jailer_tui.console.keys import encode
from jailer_tui.console.past import History

MOST_ANSWERS = 4096
"""Bytes that the terminal answers to one piece of output; a flood of questions is not answered."""
MOST_MARKS = 4
"""Combining characters of one cell."""
MOST_STYLES = 4096
MOST_HELD = 4096
"""Characters that the parser may hold of a sequence that does not end."""
SLICE = 2048
"""Characters given to the parser at once."""

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
"""What bittty would do, and no program that is used over a line needs: each cell by itself
(a screenful takes long), other sizes, other keys, secrets of the screen read back."""

_TEXT_AREA, _SCREEN, _PUSH_TITLE, _POP_TITLE = 18, 19, 22, 23


class Emulator:
    """See core.ConsoleCore."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.title = ""
        self.bells = 0
        self.past = History()
        self.keeps_scrollback = True
        self._guard = Guard()
        self._answers = _Answers()
        self._board = _Board(command="", width=columns, height=rows, model=MODEL)
        self._board.title.title = self._board.title.icon_title = ""
        self._board.host.attach(self._answers)
        self._board.attach_display(self)
        self._blank = self._board.blitter.current_page._empty_cell  # noqa: SLF001
        self._flood = Flood(self._board, self.past, self._parse)
        self._page: Any = None
        self._seen = 0
        self._looks: dict[Hashable, Look] = {}

    # --- what comes --------------------------------------------------------------------------

    def feed(self, data: bytes) -> bytes:
        """See ConsoleCore."""
        self._flood.feed(self._guard.let_through(data))
        return self._answers.taken()

    def _parse(self, text: str) -> None:
        """A little at a time: what the parser holds is copied with each control inside it."""
        parser = self._board.parser
        for start in range(0, len(text), SLICE):
            parser.feed(text[start : start + SLICE])
            if len(parser.buffer) > MOST_HELD:
                parser.reset()

    def present(self, event: object) -> None:
        """What the board tells besides its screen."""
        if isinstance(event, RowsScrolledOff):
            for line in event.lines:
                self.past.add(line.cells, self._blank)
        elif isinstance(event, Bell):
            self.bells += 1
        elif isinstance(event, TitleChanged):
            self.title = visible(event.title)[:MOST_TITLE]
        elif isinstance(event, ScrollbackCleared):
            self.past.clear()

    # --- the screen --------------------------------------------------------------------------

    def resize(self, columns: int, rows: int) -> None:
        """See ConsoleCore."""
        if (columns, rows) == (self.columns, self.rows):
            return
        if columns < self.columns:
            self.past.narrow(columns)
        self.columns, self.rows = columns, rows
        self._board.resize(columns, rows)
        self._board.cursor.reset_tab_stops()
        self._answers.taken()
        self._page = None

    def row(self, y: int) -> Cells:
        """See ConsoleCore."""
        grid = self._board.blitter.main_page.grid
        return grid[y] if y < len(grid) else ()

    def changed(self) -> Sequence[int]:
        """See ConsoleCore."""
        page = self._board.blitter.main_page
        rows = page.dirty_rows(self._seen) if page is self._page else range(page.height)
        self._page, self._seen = page, page.observe()
        return rows

    def look(self, style: Hashable) -> Look:
        """See ConsoleCore."""
        found = self._looks.get(style)
        if found is None:
            if len(self._looks) > 2000:
                self._looks.clear()
            found = self._looks[style] = _look(style)
        return found

    @property
    def cursor(self) -> Cursor | None:
        """See ConsoleCore."""
        place = self._board.display.cursor
        if place is None:
            return None
        x, y = place
        return Cursor(x, y, self._board.cursor.shape)

    @property
    def inverse(self) -> bool:
        """See ConsoleCore."""
        return bool(self._board.modes.reverse_screen)

    @property
    def alternate(self) -> bool:
        """See ConsoleCore."""
        return bool(self._board.blitter.in_alt_screen)

    @property
    def held(self) -> bool:
        """See ConsoleCore."""
        return bool(self._board.modes.synchronized_output)

    # --- what goes ---------------------------------------------------------------------------

    def press(self, key: str, character: str | None) -> bytes:
        """See ConsoleCore."""
        application = bool(self._board.modes.cursor_application_mode)
        data = encode(key, character, application=application)
        return b"\r\n" if data == b"\r" and self._board.modes.linefeed_newline_mode else data

    def paste(self, text: str) -> bytes:
        """See ConsoleCore. Nothing in it can end the brackets, or act as a key of its own."""
        text = text.replace("\r\n", "\r").replace("\n", "\r")
        clean = "".join(one for one in text if one.isprintable() or one in "\r\t")
        data = clean.encode("utf-8", "replace")
        bracketed = bool(self._board.modes.bracketed_paste)
        return b"\x1b[200~" + data + b"\x1b[201~" if bracketed and data else data

    @property
    def wants_mouse(self) -> bool:
        """See ConsoleCore."""
        return self._board.mouse.protocol is not MouseProtocol.OFF

    def point(self, one: Pointing) -> bytes:
        """See ConsoleCore."""
        held = {name for name in ("shift", "meta", "ctrl") if getattr(one, name)}
        self._answers.taken()
        self._board.input_mouse(one.x + 1, one.y + 1, one.button, one.what, held)
        return self._answers.taken()

    def focus(self, *, on: bool) -> bytes:
        """See ConsoleCore."""
        self._answers.taken()
        self._board.set_focus(on)
        return self._answers.taken()


class _Answers:
    """The board's cable to the program: what the terminal says by itself, up to a limit."""

    closed = False

    def __init__(self) -> None:
        self._data = bytearray()

    def taken(self) -> bytes:
        """All of it; then nothing is left."""
        data = bytes(self._data[:MOST_ANSWERS])
        self._data.clear()
        return data

    def write(self, data: str) -> int:
        """An answer."""
        return self.write_bytes(data.encode())

    def write_bytes(self, data: bytes) -> int:
        """An answer."""
        if len(self._data) < MOST_ANSWERS:
            self._data += data
        return len(data)

    def flush(self) -> None:
        """Answers go when all of what came was looked at."""

    def resize(self, rows: int, columns: int) -> None:
        """The size is the widget's; the program is told by its pty."""


class _Board(Board):  # type: ignore[misc]  # bittty has no types
    """bittty's machine, reduced to a screen."""

    def _build_registry(self) -> dict[str, Callable[[Operation], None]]:
        registry: dict[str, Callable[[Operation], None]] = super()._build_registry()
        for name in _REMOVED:
            registry.pop(name, None)
        for name in [one for one in registry if one.startswith("OSC_")]:
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
        found = self._mixed.get(key)
        if found is None:
            self._mix(operation)
            if len(self._mixed) >= MOST_STYLES:
                self._mixed.clear()
            self._mixed[key] = (before, style, self.style.current)
        else:
            self.style.current = found[2]

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

    def _join(self, mark: str) -> None:
        if not unicodedata.category(mark).startswith("M"):
            return
        page, cursor = self.blitter.current_page, self.cursor
        waits = cursor._pending_wrap_is_valid()  # noqa: SLF001 - the cursor stands behind its last
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


def _look(style: Hashable) -> Look:
    if not isinstance(style, Style):
        return Look()
    return Look(
        _colour(style.fg),
        _colour(style.bg),
        bold=bool(style.bold),
        dim=bool(style.dim),
        italic=bool(style.italic),
        underline=bool(style.underline),
        blink=bool(style.blink),
        reverse=bool(style.reverse),
        hidden=bool(style.conceal),
        strike=bool(style.strike),
    )


def _colour(colour: Color | None) -> Colour:
    return None if colour is None or colour.mode == "default" else colour.value
