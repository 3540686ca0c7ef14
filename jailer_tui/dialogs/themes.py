"""All themes, each shown while the cursor is on it."""

from __future__ import annotations

from textual import on

from jailer_tui import theme
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Grid, Row

_COLUMNS = (Column("name", "", 20, 0), Column("about", "", 40, 0))
_OWN = {
    "dark": "for dark terminals",
    "light": "for light terminals",
    "terminal": "the terminal's own 16 colours",
}


class ThemeDialog(ChoiceDialog):
    """Answers with the name of a theme, as settings have it."""

    def __init__(self, present: str) -> None:
        names = {name: short for short, name in theme.SHORT.items()}
        self._present = names.get(present, present)
        super().__init__("Theme", _COLUMNS, (), self._present)

    def begin(self) -> None:
        """Our own first, then Textual's."""
        others = sorted(set(self.app.available_themes) - set(theme.SHORT.values()))
        self._rows = [
            Row(name, ((name, "text"), (_OWN.get(name, ""), "dim"))) for name in (*_OWN, *others)
        ]
        super().begin()

    @on(Grid.Moved)
    def _moved(self) -> None:
        if self.is_open and self.grid.key is not None:
            self.jailer.use_theme(self.grid.key)

    def action_leave_dialog(self) -> None:
        """The theme as it was."""
        self.jailer.use_theme(self._present)
        self.dismiss(None)
