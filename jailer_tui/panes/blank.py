"""A table that is still empty; each tab replaces it by its own."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from jailer_tui.glyphs import Glyphs
from jailer_tui.present import Span
from jailer_tui.view import View
from jailer_tui.widgets.grid import Grid


class BlankPane(Vertical):
    """Nothing to see yet."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="pane")
        self.grid = Grid(glyphs=glyphs)
        self.filter = ""

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self.grid

    def show(self, view: View) -> None:
        """Nothing."""

    def filter_by(self, words: str) -> None:
        """Nothing to filter."""
        self.filter = words

    def status(self) -> list[Span]:
        """Nothing to say."""
        return []
