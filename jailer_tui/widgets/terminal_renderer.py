"""Paint a console: only what changed, at most thirty times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from jailer_tui.console.core import Cells
from jailer_tui.console.scrollback_view import ScrollbackView
from jailer_tui.presenters.jails import Line
from jailer_tui.widgets.cells import over, strip_of, turned, written
from jailer_tui.widgets.styled import StyledWidget

if TYPE_CHECKING:
    from jailer_tui.console.consoles import Console

FRAME = 1 / 30
FLOOD_FRAME = 1 / 8
"""Seconds between two pictures of a flood, which cannot be read: the time is better spent on it."""
HELD = 0.15
"""Seconds that a program may take to draw something at once (mode 2026)."""
_FOUND = Style(color="black", bgcolor="yellow")


class TerminalRenderer(StyledWidget, Widget, inherit_bindings=False):
    """Shows one console: its screen, or with `back` its scrollback."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.console: Console | None = None
        self.back: ScrollbackView | None = None
        self.parting: Line = ()
        self._shown: list[Cells] = []
        self._strips: dict[int, Strip] = {}
        self._styles: dict[Hashable, Style] = {}
        self._cursor: tuple[int, int] | None = None
        self._inverse = False
        self._due: asyncio.TimerHandle | None = None
        self._painted = 0.0
        self._held_since = 0.0

    # --- which one ---------------------------------------------------------------------------

    def show(self, console: Console | None) -> None:
        """Show that console."""
        if console is self.console:
            return
        if self.console is not None:
            self.console.changed = lambda: None
        self.console = console
        self.back = None
        if console is not None:
            console.changed = self._wake
            console.rung = False
            self.call_after_refresh(self._fit)
        self.paint()

    def _fit(self) -> None:
        """Tell the console how large this is, once that is known."""
        if self.console is not None and self.size.width and self.size.height:
            self.console.resize(*self.size)

    def part(self, line: Line) -> None:
        """The text over the last row, once the program has ended."""
        if line != self.parting:
            self.parting = line
            self.paint()

    def on_unmount(self) -> None:
        """Stop reading."""
        if self.console is not None:
            self.console.changed = lambda: None
        if self._due is not None:
            self._due.cancel()

    def on_resize(self) -> None:
        """Tell the program its new size."""
        self._fit()
        if self.back is not None:
            self.back.height = self.size.height
            self.back.keep()
        self.paint()

    def notify_style_update(self) -> None:
        """Redraw with another theme."""
        self._styles = {}
        self._strips = {}
        super().notify_style_update()

    def on_focus(self) -> None:
        """Show the cursor, and tell the program if it asked to be told."""
        self._tell_focus(on=True)

    def on_blur(self) -> None:
        """Hide the cursor, and tell the program if it asked to be told."""
        self._tell_focus(on=False)

    def _tell_focus(self, *, on: bool) -> None:
        if self.console is not None:
            self.console.write(self.console.core.focus(on=on))
        self.paint()

    # --- painting ----------------------------------------------------------------------------

    def _wake(self) -> None:
        """Something changed: paint, but not more often than one can see."""
        if self._due is None and self.is_attached and self.screen.is_current:
            flooded = self.console is not None and self.console.flooded
            pause = FLOOD_FRAME if flooded else FRAME
            wait = max(0.0, self._painted + pause - time.monotonic())
            self._due = asyncio.get_running_loop().call_later(wait, self._frame)

    def _frame(self) -> None:
        self._due = None
        if self.console is None or not self.is_attached:
            return
        now = time.monotonic()
        core = self.console.core
        if not core.held:
            self._held_since = now
        elif now - self._held_since < HELD:
            self._due = asyncio.get_running_loop().call_later(FRAME, self._frame)
            return
        self._painted = now
        if self.back is not None or core.inverse is not self._inverse:
            self.paint()
            return
        for y in core.changed():
            self._refresh_row(y, core.row(y))
        self._refresh_cursor()

    def _refresh_row(self, y: int, cells: Cells) -> None:
        """Only from the first to the last cell that differs."""
        if y >= len(self._shown):
            self.paint()
            return
        old = self._shown[y]
        if old == cells:
            return
        self._shown[y] = list(cells)
        self._strips.pop(y, None)
        if len(old) != len(cells):
            self.refresh(Region(0, y, self.size.width, 1))
            return
        start = next(x for x in range(len(old)) if old[x] != cells[x])
        end = next(x for x in range(len(old) - 1, -1, -1) if old[x] != cells[x]) + 1
        # a wide character has a cell on either side of where it is drawn
        self.refresh(Region(max(start - 1, 0), y, end - start + 2, 1))

    def _refresh_cursor(self) -> None:
        new = self._cursor_now()
        if new == self._cursor:
            return
        for place in (self._cursor, new):
            if place is not None:
                self._strips.pop(place[1], None)
                self.refresh(Region(max(place[0] - 1, 0), place[1], 3, 1))
        self._cursor = new

    def paint(self) -> None:
        """Paint all again."""
        self._strips = {}
        self._shown = []
        if self.console is not None:
            core = self.console.core
            core.changed()
            if core.inverse is not self._inverse:
                self._inverse = core.inverse
                self._styles = {}
            if self.back is None:
                self._shown = [list(core.row(y)) for y in range(core.rows)]
        self._cursor = self._cursor_now()
        if self.is_attached:
            self.refresh()

    def _cursor_now(self) -> tuple[int, int] | None:
        """Where a cursor is to be drawn in the widget."""
        console = self.console
        if console is None or not self.has_focus:
            return None
        if self.back is not None:
            return self.back.x, self.back.row - self.back.top
        cursor = console.core.cursor if console.alive else None
        return (cursor.x, cursor.y) if cursor is not None else None

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        if self.parting and self.back is None and y == self.size.height - 1:
            return self.painted(self.parting, width, "bar")
        console = self.console
        if console is None:
            return Strip.blank(width, self.rich_style)
        if self.back is not None:
            strip = self._back_strip(self.back, y, width)
        else:
            cells = self._shown[y] if y < len(self._shown) else ()
            strip = self._plainly(cells, width)
        if self._cursor is not None and self._cursor[1] == y:
            strip = self._with_cursor(strip, self._cursor[0])
        return strip

    def _plainly(self, cells: Cells, width: int) -> Strip:
        ascii_only = self.app.has_class("-ascii")
        return strip_of(cells, width, self._style, self.rich_style, ascii_only=ascii_only)

    def _back_strip(self, back: ScrollbackView, y: int, width: int) -> Strip:
        row = back.top + y
        strip = self._plainly(back.cells(row), width)
        for start, end in back.places(row):
            strip = over(strip, start, end, _FOUND)
        chosen = back.selected(row)
        return turned(strip, *chosen) if chosen is not None else strip

    def _with_cursor(self, strip: Strip, x: int) -> Strip:
        cursor = self.console.core.cursor if self.console is not None else None
        if self.back is None and cursor is not None and cursor.shape != "block":
            line = strip.crop(x, x + 1).apply_style(Style(underline=True, bold=True))
            return Strip.join([strip.crop(0, x), line, strip.crop(x + 1, strip.cell_length)])
        return turned(strip, x, x + 1)

    def _style(self, style: Hashable) -> Style:
        cached = self._styles.get(style)
        if cached is None:
            if len(self._styles) > 2000:
                self._styles.clear()
            look = self.console.core.look(style) if self.console is not None else None
            base = self.rich_style
            cached = written(look, base, inverse=self._inverse) if look is not None else base
            self._styles[style] = cached
        return cached
