"""The column editor: which columns a table has, as a list in which they can be moved."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Grid, Row

_COLUMNS = (
    Column("place", "", 3, 0, right=True),
    Column("title", "COLUMN", 26, 0),
    Column("shown", "", 10, 0),
)


class ColumnsDialog(Dialog[tuple[str, ...]], inherit_bindings=False):
    """Answers with the names of the columns in their order; () for the usual ones."""

    PLACES = ("columns",)
    BINDINGS = bindings("columns", "list", "quiet")

    DEFAULT_CSS = """
    ColumnsDialog .box { max-width: 60; }
    """

    def __init__(self, columns: Sequence[Column], shown: Sequence[str]) -> None:
        super().__init__("Columns")
        self._all = {column.key: column for column in columns}
        self.names = [name for name in shown if name in self._all]

    def body(self) -> ComposeResult:
        """All columns: those shown in their order, then the others."""
        yield Grid(glyphs=self.glyphs, id="list")

    def begin(self) -> None:
        """The cursor on the first one."""
        self.grid.set_columns(_COLUMNS)
        self._draw()
        self.grid.focus()

    def _draw(self) -> None:
        others = [name for name in self._all if name not in self.names]
        rows = [self._row(name, place) for place, name in enumerate(self.names, 1)]
        self.grid.set_rows([*rows, *(self._row(name, 0) for name in others)], follow=False)
        self.keys.update()

    def _row(self, name: str, place: int) -> Row:
        title = self._all[name].title or self._all[name].label.capitalize()
        if not place:
            return Row(name, (("", "key"), (title, "text"), ("", "dim")))
        return Row(name, ((str(place), "key"), (title, "strong"), ("shown", "ok")))

    # --- keys --------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """`opened`: the column under the cursor is shown."""
        return Selection(opened=self.grid.key in self.names)

    def action_show_column(self) -> None:
        """Show the column as the last one, or hide it."""
        name = self.grid.key
        if name in self.names:
            self.names.remove(name)
        elif name is not None:
            self.names.append(name)
        self._draw()

    def action_shift_column(self, how: str) -> None:
        """Change places with the column above or below."""
        name = self.grid.key
        if name not in self.names:
            return
        index = self.names.index(name)
        other = index + (1 if how == "down" else -1)
        if 0 <= other < len(self.names):
            self.names[index], self.names[other] = self.names[other], self.names[index]
            self._draw()
            self.grid.move_to_key(name)

    def action_usual_columns(self) -> None:
        """Go back to the columns that fit by themselves."""
        self.dismiss(())

    def action_use_columns(self) -> None:
        """Use them."""
        self.dismiss(tuple(self.names))
