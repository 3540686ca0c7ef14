"""Shared by all our widgets: spans painted in tones, never markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from jailer_tui import theme
from jailer_tui.presenters.jails import Span

if TYPE_CHECKING:
    Mixin = Widget
else:
    Mixin = object
"""A mixin of widgets: textual takes the style of the first base that is one."""


class StyledWidget(Mixin):
    """A widget that paints spans. Subclasses provide `render_line`."""

    ALLOW_SELECT = False
    _tones: dict[tuple[str, str, bool], Style] | None = None

    def notify_style_update(self) -> None:
        """Redraw: the theme or a class changed."""
        self._tones = None
        super().notify_style_update()

    def tone(self, name: str, over: str = "") -> Style:
        """The style of a tone, with the background of `over` (cursor, bar) if given."""
        if self._tones is None:
            self._tones = {}
        key = (name, over, self.has_focus)
        if key not in self._tones:
            self._tones[key] = self._mixed(name, over or ("button" if name == "button" else ""))
        return self._tones[key]

    def _mixed(self, name: str, over: str) -> Style:
        variables, ansi = self.app.theme_variables, self.app.native_ansi_color
        style = self.rich_style + theme.tone_style(variables, name)
        if not over:
            return style
        focused = self.has_focus or over == "button"
        if ansi and focused and over != "bar":  # turned round, each colour would be a patch
            plain = self.rich_style + theme.tone_style(variables, "text")
            style = plain + Style(bold=bool(style.bold))
        return style + theme.over_style(variables, over, ansi=ansi, focused=focused)

    def painted(self, spans: Iterable[Span], width: int, over: str = "") -> Strip:
        """The spans as a strip of exactly that width.

        Neighbours of one tone are joined, and blanks join what comes before them: each segment
        costs some forty bytes of escape sequences on the way to the terminal.
        """
        joined: list[tuple[str, str]] = []
        for text, tone in spans:
            last = joined[-1][1] if joined else ""
            if last == tone or (joined and text.isspace() and last != "button"):
                joined[-1] = (joined[-1][0] + text, last)
            elif text:
                joined.append((text, tone))
        segments = [Segment(text, self.tone(tone, over)) for text, tone in joined]
        return Strip(segments).adjust_cell_length(width, self.tone("text", over))


class LineWidget(StyledWidget, ScrollView, inherit_bindings=False):
    """A widget that consists of painted lines."""

    DEFAULT_CSS = """
    LineWidget {
        background: transparent;
        scrollbar-size: 1 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $scroll;
        scrollbar-color-hover: $scroll;
        scrollbar-color-active: $scroll;
        overflow-x: hidden;
    }
    """


def moved(how: str, start: int, page: int, last: int) -> int:
    """Where a moving key goes from `start`: up, down, page_up, page_down, top, bottom."""
    steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
    return {"top": 0, "bottom": last}[how] if how not in steps else start + steps[how]
