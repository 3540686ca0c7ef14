"""Destinations from the selection: a list that opens at once, a letter for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Key

from jailer_tui.actions import bindings
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Row

_COLUMNS = (Column("key", "", 3, 0), Column("label", "", 14, 0), Column("about", "", 40, 0))


@dataclass(frozen=True, slots=True)
class Place:
    """One row: its letter, and what it leads to."""

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

    def __init__(self, places: Sequence[Place]) -> None:
        rows = [
            Row(place.key, ((place.key, "key"), (place.label, "strong"), (place.about, "dim")))
            for place in places
        ]
        super().__init__("Go to", _COLUMNS, rows)

    def on_key(self, event: Key) -> None:
        """The letter of a row goes there."""
        if any(row.key == event.key for row in self._rows):
            event.stop()
            event.prevent_default()
            self.dismiss(event.key)
