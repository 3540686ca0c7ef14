"""The third tab: snapshots of all jails."""

from __future__ import annotations

from textual.widget import Widget

from jailer_tui.actions import bindings
from jailer_tui.panes.blank import BlankPane
from jailer_tui.screens.tabbed import TabbedFace
from jailer_tui.view import View


class SnapshotsScreen(TabbedFace):
    """To be filled."""

    TAB = "snapshots_tab"
    PLACES = ("snapshots", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.pane: BlankPane = BlankPane(view.glyphs)

    def middle(self) -> Widget:
        """The table."""
        return self.pane
