"""What all our widgets share: spans painted in tones, never markup."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jailer_tui.present import Span
from jailer_tui.theme import TONE_CLASSES


class Painted(ScrollView, inherit_bindings=False):
    """A widget that draws its own lines. Subclasses give `render_line`."""

    COMPONENT_CLASSES = TONE_CLASSES
    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Painted {
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
    .-ascii Painted { scrollbar-size: 0 0; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._tones: dict[tuple[str, str], Style] = {}

    def notify_style_update(self) -> None:
        """The theme, the focus or a class changed."""
        self._tones = {}
        super().notify_style_update()

    def tone(self, name: str, over: str = "") -> Style:
        """The style of a tone, with the background of `over` (cursor, bar) when given."""
        found = self._tones.get((name, over))
        if found is None:
            found = self.rich_style + self.get_component_rich_style(f"tone--{name}", partial=True)
            if over:
                found += self.get_component_rich_style(f"tone--{over}", partial=True)
            self._tones[name, over] = found
        return found

    def painted(self, spans: Iterable[Span], width: int, over: str = "") -> Strip:
        """The spans as a strip of exactly that width.

        Neighbours of one tone are joined, and blanks join what stands before them: each segment
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
