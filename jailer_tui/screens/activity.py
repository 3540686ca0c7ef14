"""The sixth tab: what is and was being changed."""

from __future__ import annotations

from textual.widget import Widget

from jailer_tui.actions import bindings
from jailer_tui.panes.blank import BlankPane
from jailer_tui.screens.tabbed import TabbedFace
from jailer_tui.view import View


class ActivityScreen(TabbedFace):
    """To be filled."""

    TAB = "activity_tab"
    PLACES = ("activity", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.pane: BlankPane = BlankPane(view.glyphs)

    def middle(self) -> Widget:
        """The table."""
        return self.pane
