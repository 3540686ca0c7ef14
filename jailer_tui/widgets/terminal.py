"""The widget of a console: with the focus, keys go into it; its scrollback can be read."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from jailer_tui.actions import bindings, keys_of
from jailer_tui.console.core import MouseEvent
from jailer_tui.console.scrollback_view import ScrollbackView
from jailer_tui.widgets.terminal_renderer import TerminalRenderer

WHEEL = 3
"""Rows that a turn of the wheel is."""


class TerminalView(TerminalRenderer, can_focus=True, inherit_bindings=False):
    """The view of a console; takes keys, pasted text and the mouse."""

    BINDINGS = bindings("terminal", "history", "text")

    DEFAULT_CSS = """
    TerminalView { width: 1fr; height: 1fr; background: $background; color: $foreground; }
    """

    class Moved(Message):
        """The scrollback was opened, closed or scrolled."""

    class Again(Message):
        """Enter was pressed on a console that has ended."""

    @dataclass
    class Copied(Message):
        """Selected text should be copied to the clipboard."""

        text: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._selecting = False

    # --- keys --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Pass keys to the program, except the few that are ours."""
        key = event.key
        if self.back is not None:
            if key not in keys_of("terminal", "history", "text"):
                event.stop()
            return
        if key in keys_of("terminal"):
            return
        event.stop()
        event.prevent_default()
        console = self.console
        if console is None:
            return
        if not console.alive:
            if key == "enter":
                self.post_message(self.Again())
            return
        if not console.write(console.core.press(key, event.character)):
            self.app.bell()

    async def action_do(self, name: str) -> None:
        """Pass an action on to the screen."""
        await self.screen.run_action(f"screen.do({name!r})")

    def on_paste(self, event: events.Paste) -> None:
        """Paste text, in brackets if the program asked for them."""
        event.stop()
        console = self.console
        if (
            console is not None
            and self.back is None
            and not console.write(console.core.paste(event.text))
        ):
            self.app.bell()

    # --- looking back ------------------------------------------------------------------------

    def action_history(self, how: str) -> None:
        """Scroll a page back or forward: shift-pgup, shift-pgdn."""
        self.look_back()
        if self.back is not None:
            self.back.move(how)
            self._moved(leave=how == "page_down")

    def look_back(self) -> None:
        """Enter the scrollback at the current screen."""
        if self.back is None and self.console is not None:
            self.back = ScrollbackView.at_the_end(self.console.core, self.size.height)
            self._moved()

    def action_move(self, how: str) -> None:
        """Move the cursor in the scrollback."""
        if self.back is not None:
            self.back.move(how)
            self._moved()

    def action_copy(self, _how: str) -> None:
        """Copy the selection, or the current line."""
        self.action_sight("copy")

    def action_sight(self, how: str) -> None:
        """An action in the scrollback: left, right, next, previous, mark, copy, leave."""
        back = self.back
        if back is None:
            return
        if how in ("left", "right"):
            back.move(how)
        elif how in ("older", "newer"):
            if not back.find(older=how == "older"):
                self.app.bell()
        elif how == "mark":
            back.mark = None if back.mark is not None else (back.row, back.x)
        elif how == "copy":
            self._copy(back)
        elif back.mark is not None:
            back.mark = None
        else:
            self.back = None
        self._moved()

    def find(self, word: str) -> bool:
        """Search backwards for a word. Returns whether there is a match."""
        self.look_back()
        back = self.back
        if back is None:
            return False
        back.word = word
        hit = not word or back.find(older=True) or back.find(older=False)
        self._moved()
        return hit

    def _copy(self, back: ScrollbackView) -> None:
        if back.mark is None:
            back.mark, back.x = (back.row, 0), self.console.core.columns - 1 if self.console else 0
        self.post_message(self.Copied(back.copied()))
        back.mark = None
        self.back = None

    def _moved(self, *, leave: bool = False) -> None:
        if self.back is not None and leave and self.back.live and self.back.mark is None:
            self.back = None
        self.paint()
        self.post_message(self.Moved())

    # --- the mouse ---------------------------------------------------------------------------

    def _at(self, event: events.MouseEvent) -> tuple[int, int]:
        place = event.get_content_offset_capture(self)
        x = max(0, min(place.x, self.size.width - 1))
        return x, max(0, min(place.y, self.size.height - 1))

    def _pointed(self, event: events.MouseEvent, button: int, what: str) -> bool:
        """Give it to a program that wants it; whether one did."""
        console = self.console
        if console is None or self.back is not None or not self.has_focus or event.shift:
            return False
        if not console.alive or not console.core.wants_mouse:
            return False
        x, y = self._at(event)
        pointing = MouseEvent(x, y, button, what, meta=event.meta, ctrl=event.ctrl)
        console.write(console.core.point(pointing))
        return True

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Pass the press to the program, or start a selection."""
        event.stop()
        if self._pointed(event, event.button - 1, "press") or event.button != 1:
            return
        if self.console is None:
            return
        self.look_back()
        if self.back is not None:
            x, y = self._at(event)
            self.back.row, self.back.x = self.back.top + y, x
            self.back.mark = (self.back.row, x)
            self._selecting = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pass the move to the program, or extend the selection."""
        if self._selecting and self.back is not None:
            x, y = self._at(event)
            self.back.row, self.back.x = self.back.top + y, x
            self.paint()
        else:
            self._pointed(event, max(event.button - 1, 0), "move")

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Pass the release to the program, or copy the selection."""
        if not self._selecting:
            self._pointed(event, max(event.button - 1, 0), "release")
            return
        self._selecting = False
        self.release_mouse()
        back = self.back
        if back is None:
            return
        if back.mark == (back.row, back.x):
            back.mark = None
            self._moved(leave=True)
        else:
            self._copy(back)
            self._moved()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        self._wheel(event, 1)

    def _wheel(self, event: events.MouseEvent, way: int) -> None:
        event.stop()
        if self._pointed(event, 64 if way < 0 else 65, "press"):
            return
        console = self.console
        if console is None:
            return
        if self.back is None and console.core.alternate:
            console.write(console.core.press("up" if way < 0 else "down", None) * WHEEL)
            return
        if self.back is None and way > 0:
            return
        self.look_back()
        if self.back is not None:
            self.back.scroll(way * WHEEL)
            self._moved(leave=way > 0)
