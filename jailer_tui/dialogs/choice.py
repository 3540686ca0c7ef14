"""A list to choose from: how to sort, what to do, which work to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult

from jailer_tui.actions import bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.present import Column
from jailer_tui.widgets.grid import Grid, Row

T = TypeVar("T")


class ChoiceDialog(Dialog[str], Generic[T], inherit_bindings=False):
    """Answers with the key of the chosen row."""

    PLACES = ("choice",)
    BINDINGS = bindings("choice", "list", "quiet")

    DEFAULT_CSS = """
    ChoiceDialog .box { max-width: 76; }
    """

    HEADER: ClassVar[bool] = False

    def __init__(
        self, title: str, columns: Sequence[Column], rows: Sequence[Row], start: str = ""
    ) -> None:
        super().__init__(title)
        self._columns = columns
        self._rows = rows
        self._start = start

    def body(self) -> ComposeResult:
        """The list."""
        yield Grid(glyphs=self.glyphs, header=self.HEADER, id="list")

    @property
    def list(self) -> Grid:
        """The list."""
        return self.query_one("#list", Grid)

    def begin(self) -> None:
        """The cursor stands on what is chosen now."""
        self.list.set_columns(self._columns)
        self.list.set_rows(self._rows)
        self.list.move_to_key(self._start)
        self.list.focus()

    def action_move(self, how: str) -> None:
        """Move the cursor of the list, wherever the focus is."""
        self.list.action_move(how)

    def do_pick(self) -> None:
        """Take it."""
        if self.list.key is not None:
            self.dismiss(self.list.key)

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.do_pick()
