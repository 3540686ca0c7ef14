"""A list to choose from: how to sort, what to do, which work to look at.

All themes, each shown while the cursor is on it.

Destinations from the selection: a list that opens at once, a letter for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import Key

from jailer_core.text import sanitize
from jailer_tui import theme
from jailer_tui.actions import BY_ID, Action, bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Column, descends
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Grid, Row

Leave = Callable[[], object]
Then = Callable[[str, Leave], object]
LONG = 12
"""A list with more rows than these shows the key that searches it."""
_SORT = (Column("title", "", 26, 0), Column("how", "", 20, 0))


def choice_row(key: str, label: str, about: str = "") -> Row:
    """A row for something to choose, and what it means."""
    return Row(key, ((sanitize(label), "strong"), (sanitize(about), "dim")))


class ChoiceDialog(Dialog[str], inherit_bindings=False):
    """Answers with the key of the chosen row.

    With `then` it stays open, and calls that with each choice, and with what closes the list: what
    follows can be left again.
    """

    PLACES = ("choice",)
    BINDINGS = bindings("choice", "list", "quiet")

    DEFAULT_CSS = """
    ChoiceDialog .box { max-width: 76; }
    """

    HEADER: ClassVar[bool] = False
    SEARCHED: ClassVar[bool] = True
    """Whether a key searches the list; where typing filters it, that key is only a letter."""

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Row],
        start: str = "",
        then: Then | None = None,
    ) -> None:
        super().__init__(title)
        self._columns = columns
        self._rows = rows
        self._start = start
        self._then = then

    def body(self) -> ComposeResult:
        """The list."""
        yield Grid(glyphs=self.glyphs, header=self.HEADER, id="list")

    def begin(self) -> None:
        """Put the cursor on the current choice."""
        self.grid.set_columns(self._columns)
        self.grid.set_rows(self._rows)
        self.grid.move_to_key(self._start)
        self.grid.focus()

    def footer_actions(self) -> list[Action]:
        """The actions of the footer; for a long list also the search."""
        search = [BY_ID["find"]] if self.SEARCHED and len(self._rows) > LONG else []
        return [*super().footer_actions(), *search]

    def action_pick(self) -> None:
        """Answer with the row under the cursor."""
        if self.grid.key is None:
            return
        if self._then is not None:
            self._then(self.grid.key, self.dismiss)
        else:
            self.dismiss(self.grid.key)

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.action_pick()


def sorting(columns: Sequence[Column], by: tuple[str, bool], glyphs: Glyphs) -> ChoiceDialog:
    """Choose a column to sort by; the current one can be reversed."""
    key, reverse = by
    sign = glyphs.down if descends(key, reverse=reverse) else glyphs.up
    rows = []
    for column in columns:
        title, present = column.title or column.label.capitalize(), column.key == key
        how = (f"{sign}  {key_for('pick')} reverses it", "accent") if present else ("", "text")
        rows.append(Row(column.key, ((title, "strong" if present else "text"), how)))
    return ChoiceDialog("Sort by", _SORT, rows, key)


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
        """List our own themes first, then Textual's."""
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
        """Restore the previous theme."""
        self.jailer.use_theme(self._present)
        self.dismiss(None)


_GO_TO_COLUMNS = (Column("key", "", 3, 0), Column("label", "", 14, 0), Column("about", "", 40, 0))


@dataclass(frozen=True, slots=True)
class Destination:
    """One row: its letter and its target."""

    key: str
    label: str
    about: str = ""


class GoToDialog(ChoiceDialog, inherit_bindings=False):
    """Answers with the letter of a place."""

    BINDINGS = bindings("choice", "quiet")
    EARLY = True

    DEFAULT_CSS = """
    GoToDialog .box { max-width: 62; }
    """

    def __init__(self, places: Sequence[Destination]) -> None:
        rows = [
            Row(place.key, ((place.key, "key"), (place.label, "strong"), (place.about, "dim")))
            for place in places
        ]
        super().__init__("Go to", _GO_TO_COLUMNS, rows)

    def on_key(self, event: Key) -> None:
        """Go to the row with that letter."""
        if any(row.key == event.key for row in self._rows):
            event.stop()
            event.prevent_default()
            self.dismiss(event.key)
