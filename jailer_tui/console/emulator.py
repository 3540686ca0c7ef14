"""The emulator: bittty 0.3, of which only the screen is used (bittty_screen.py).

Its interface is kept small so that bittty can be replaced:

feed        bytes of the program in the jail -> what the terminal answers to it
row, changed, cursor, look      what is to be painted
press, paste, point             what is typed, pasted, pointed at -> bytes for the program
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from bittty.devices.mouse import MouseProtocol
from bittty.present import Bell, RowsScrolledOff, ScrollbackCleared, TitleChanged
from bittty.style import Color, Style

from jailer_core.text import sanitize
from jailer_tui.console.bittty_screen import MODEL, Screen
from jailer_tui.console.burst import Burst
from jailer_tui.console.core import Cells, Colour, Cursor, Look, MouseEvent
from jailer_tui.console.keys import encode
from jailer_tui.console.sanitizer import MOST_TITLE, Sanitizer
from jailer_tui.console.scrollback import Scrollback

MOST_ANSWERS = 4096
"""Bytes that the terminal answers to one piece of output; a flood of questions is not answered."""
MOST_HELD = 4096
"""Characters that the parser may hold of a sequence that does not end."""
SLICE = 2048
"""Characters given to the parser at once."""


class Emulator:
    """A terminal emulator: `bells` counts its bells, `past` is its scrollback."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.title = ""
        self.bells = 0
        self.past = Scrollback()
        self.keeps_scrollback = True
        self._guard = Sanitizer()
        self._answers = _Answers()
        self._board = Screen(command="", width=columns, height=rows, model=MODEL)
        self._board.title.title = self._board.title.icon_title = ""
        self._board.host.attach(self._answers)
        self._board.attach_display(self)
        self._blank = self._board.blitter.current_page._empty_cell  # noqa: SLF001
        self._flood = Burst(self._board, self.past, self._parse)
        self._page: Any = None
        self._seen = 0
        self._looks: dict[Hashable, Look] = {}

    # --- what comes --------------------------------------------------------------------------

    def feed(self, data: bytes) -> bytes:
        """Process the program's output. Returns answers to its queries."""
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
        """Take over what the board reports besides its screen."""
        if isinstance(event, RowsScrolledOff):
            for line in event.lines:
                self.past.add(line.cells, self._blank)
        elif isinstance(event, Bell):
            self.bells += 1
        elif isinstance(event, TitleChanged):
            self.title = sanitize(event.title)[:MOST_TITLE]
        elif isinstance(event, ScrollbackCleared):
            self.past.clear()

    # --- the screen --------------------------------------------------------------------------

    def resize(self, columns: int, rows: int) -> None:
        """Set the size."""
        if (columns, rows) == (self.columns, self.rows):
            return
        if columns < self.columns:
            self.past.narrow(columns)
        self.columns, self.rows = columns, rows
        self._board.fit(columns, rows)
        self._board.resize(columns, rows)
        self._board.cursor.reset_tab_stops()
        self._answers.taken()
        self._page = None

    def row(self, y: int) -> Cells:
        """The cells of a row of the screen."""
        grid = self._board.blitter.main_page.grid
        return grid[y] if y < len(grid) else ()

    def changed(self) -> Sequence[int]:
        """The rows that changed since the last call."""
        page = self._board.blitter.main_page
        rows = page.dirty_rows(self._seen) if page is self._page else range(page.height)
        self._page, self._seen = page, page.observe()
        return rows

    def look(self, style: Hashable) -> Look:
        """The style of a cell for drawing."""
        cached = self._looks.get(style)
        if cached is None:
            if len(self._looks) > 2000:
                self._looks.clear()
            cached = self._looks[style] = _look(style)
        return cached

    @property
    def cursor(self) -> Cursor | None:
        """The cursor to draw, or None."""
        place = self._board.display.cursor
        if place is None:
            return None
        x, y = place
        return Cursor(x, y, self._board.cursor.shape)

    @property
    def inverse(self) -> bool:
        """Whether the whole screen is in reverse video."""
        return bool(self._board.modes.reverse_screen)

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is active: then nothing goes into the scrollback."""
        return bool(self._board.blitter.in_alt_screen)

    @property
    def held(self) -> bool:
        """Whether the program is in the middle of an update (mode 2026)."""
        return bool(self._board.modes.synchronized_output)

    # --- what goes ---------------------------------------------------------------------------

    def press(self, key: str, character: str | None) -> bytes:
        """The bytes for a key by textual's name; b"" if it has no meaning here."""
        application = bool(self._board.modes.cursor_application_mode)
        data = encode(key, character, application=application)
        return b"\r\n" if data == b"\r" and self._board.modes.linefeed_newline_mode else data

    def paste(self, text: str) -> bytes:
        """The bytes for pasted text, in which nothing can end the brackets or act as a key."""
        text = text.replace("\r\n", "\r").replace("\n", "\r")
        clean = "".join(
            character for character in text if character.isprintable() or character in "\r\t"
        )
        data = clean.encode("utf-8", "replace")
        bracketed = bool(self._board.modes.bracketed_paste)
        return b"\x1b[200~" + data + b"\x1b[201~" if bracketed and data else data

    @property
    def wants_mouse(self) -> bool:
        """Whether the program asked for mouse events."""
        return self._board.mouse.protocol is not MouseProtocol.OFF

    def point(self, event: MouseEvent) -> bytes:
        """A mouse event in the form that the program asked for, or b""."""
        held = {name for name in ("shift", "meta", "ctrl") if getattr(event, name)}
        self._answers.taken()
        self._board.input_mouse(event.x + 1, event.y + 1, event.button, event.what, held)
        return self._answers.taken()

    def focus(self, *, on: bool) -> bytes:
        """The bytes for a change of focus; b"" if the program did not ask for them."""
        self._answers.taken()
        self._board.set_focus(on)
        return self._answers.taken()


class _Answers:
    """Collects the terminal's own answers to the program, up to a limit."""

    closed = False

    def __init__(self) -> None:
        self._data = bytearray()

    def taken(self) -> bytes:
        """Return the pending answers, and clear them."""
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
        """Nothing: answers are sent after all output is processed."""

    def resize(self, rows: int, columns: int) -> None:
        """Nothing: the size is the widget's, and the pty tells the program."""


_SAME = ("bold", "dim", "italic", "underline", "blink", "reverse", "strike")
"""What bittty calls by the same name."""


def _look(style: Hashable) -> Look:
    if not isinstance(style, Style):
        return Look()
    return Look(
        _colour(style.fg),
        _colour(style.bg),
        hidden=bool(style.conceal),
        **{name: bool(getattr(style, name)) for name in _SAME},
    )


def _colour(colour: Color | None) -> Colour:
    return None if colour is None or colour.mode == "default" else colour.value
