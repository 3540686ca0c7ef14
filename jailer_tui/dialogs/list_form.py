"""A form that is a list: what is chosen or ordered in it is the answer."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import ComposeResult

from jailer_tui.actions import bindings
from jailer_tui.dialogs.form_base import FormDialogBase
from jailer_tui.presenters.jails import Line
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Lines

A = TypeVar("A")


class ListFormDialog(FormDialogBase[A], Generic[A]):
    """Subclasses set the columns in `begin`, and the rows in `draw`."""

    BINDINGS = bindings("list", "quiet")

    DEFAULT_CSS = """
    ListFormDialog #note { height: auto; margin: 0 0 1 0; }
    """

    def body(self) -> ComposeResult:
        """What it is about, and the list."""
        yield Lines(id="note", can_focus=False)
        yield Grid(glyphs=self.glyphs, id="list")

    def begin(self) -> None:
        """The cursor on the first row."""
        self.draw()
        self.grid.focus()

    def draw(self) -> None:
        """The note, and which keys do something now."""
        self.query_one("#note", Lines).set_lines(self._note())
        self.keys.update()

    def _note(self) -> list[Line]:
        """The lines above the list."""
        raise NotImplementedError
