"""A table on the whole screen, without tabs: title, filter, a key that goes back."""

from __future__ import annotations

from jailer_tui.actions import Action
from jailer_tui.presenters.jails import Line, beside
from jailer_tui.screens.tab_screen import TabScreen


class WholeScreen(TabScreen):
    """A full screen with a table. Subclasses provide the table (`pane`) and the title."""

    TAB = ""

    @property
    def heading(self) -> str:
        """The heading."""
        raise NotImplementedError

    def footer_actions(self) -> list[Action]:
        """The actions; back comes first."""
        return sorted(super().footer_actions(), key=lambda action: action.id != "back")

    def _labels(self, _said: int) -> list[tuple[Action, str]]:
        """There are no tabs here."""
        return []

    def _tab_line(self) -> Line:
        left = ((f" {self.heading}", "strong"),)
        return beside(left, self.pane.status(), self.size.width)

    def action_back(self) -> None:
        """Clear the filter, else go back."""
        self.action_clear()
