"""A form that is a list: what is chosen or ordered in it is the answer.

The boot order editor: which jails start at boot, as a list in which they can be moved.

The column editor: which columns a table has, as a list in which they can be moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult

from jailer_core.model import Inventory
from jailer_core.operations.guards import starts_by_itself
from jailer_core.operations.jails import boot
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.form import FormDialogBase
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

A = TypeVar("A")


class ListFormDialog(FormDialogBase[A], Generic[A]):
    """Subclasses set the columns in `begin`, and the rows in `draw`."""

    BINDINGS = bindings("list", "quiet")

    DEFAULT_CSS = """
    ListFormDialog #note { height: auto; margin: 0 0 1 0; }
    """

    def body(self) -> ComposeResult:
        """A note and the list."""
        yield Lines(id="note", can_focus=False)
        yield Grid(glyphs=self.glyphs, id="list")

    def begin(self) -> None:
        """Put the cursor on the first row."""
        self.draw()
        self.grid.focus()

    def draw(self) -> None:
        """Draw the note, and the keys that are possible now."""
        self.query_one("#note", Lines).set_lines(self._note())
        self.keys.update()

    def _note(self) -> list[Line]:
        """The lines above the list."""
        raise NotImplementedError


_COLUMNS = (
    Column("place", "", 3, 0, right=True),
    Column("name", "NAME", 24, 0),
    Column("boot", "AT BOOT", 14, 0),
    Column("state", "NOW", 8, 0),
)
_AFTER = Column("after", "STARTS AFTER", 18, 0)
"""Shown where a jail depends on others."""


class BootOrderDialog(ListFormDialog[tuple[str, ...]]):
    """Answers with the names in order."""

    PLACES = ("order",)
    BINDINGS = bindings("order", "list", "quiet")

    def __init__(self, inventory: Inventory) -> None:
        super().__init__("Boot order")
        self.inventory = inventory
        self.began_with = boot.starts_today(inventory)
        self.names = list(self.began_with)

    def begin(self) -> None:
        """Put the cursor on the first row."""
        depends = any(self._after(jail.name) for jail in self.inventory.jails)
        self.grid.set_columns((*_COLUMNS, _AFTER) if depends else _COLUMNS)
        self.grid.empty = ((("  No jail can start at boot.", "dim"),),)
        super().begin()

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show a new state of the host; the edited order stays."""
        if view.inventory is not None and self.is_open:
            self.inventory = view.inventory
            self.draw()

    def others(self) -> list[str]:
        """Our jails that do not start at boot."""
        able = {jail.name for jail in self.inventory.jails if starts_by_itself(jail)}
        return sorted(able - set(self.names))

    def draw(self) -> None:
        """Draw the edited list."""
        rows = [self._row(name, index) for index, name in enumerate(self.names, 1)]
        self.grid.set_rows([*rows, *(self._row(name, 0) for name in self.others())], follow=False)
        super().draw()

    def _note(self) -> list[Line]:
        if self.busy:
            return [((f"Reading the host{self.glyphs.dots}", "accent"),)]
        lines: list[Line] = [
            (("Jails start from top to bottom and stop in reverse order.", "text"),)
        ]
        if not self.inventory.boot_list and self.began_with:
            lines.append((("There is no boot list yet: these start because of jail.conf.", "dim"),))
        wrong = (*boot.switched_off(self.inventory), *self._early())
        return lines + [((text, "warn"),) for text in wrong]

    def _after(self, name: str) -> tuple[str, ...]:
        """The jails that one depends on."""
        jail = self.inventory.jail(name)
        return jail.config.depends if jail is not None and jail.config else ()

    def _early(self) -> list[str]:
        """Jails that have a place before one that they depend on, or that one has none."""
        warnings = []
        for index, name in enumerate(self.names):
            late = [other for other in self._after(name) if other not in self.names[:index]]
            if late:
                needs = ", ".join(map(sanitize, late))
                warnings.append(f"{sanitize(name)} needs {needs}, which must start before it.")
        return warnings

    def _row(self, name: str, place: int) -> Row:
        jail = self.inventory.jail(name)
        state = (jail.state.value, "text") if jail is not None else ("no longer exists", "warn")
        return Row(
            name,
            (
                (str(place) if place else "", "key"),
                (sanitize(name), "strong" if place else "text"),
                ("starts", "ok") if place else ("does not start", "dim"),
                state,
                (", ".join(map(sanitize, self._after(name))), "accent"),
            ),
        )

    # --- keys --------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """Whether the order was changed; `opened`: the jail under the cursor starts at boot."""
        same = tuple(self.names) == self.began_with
        return Selection(
            problem="nothing has changed" if same else "", opened=self.grid.key in self.names
        )

    def action_tick(self) -> None:
        """Let the jail start last, or not at all."""
        name = self.grid.key
        if name is None or self.busy:
            return
        if name in self.names:
            self.names.remove(name)
        else:
            self.names.append(name)
        self.draw()

    def action_lift(self, how: str) -> None:
        """Swap with the row above or below."""
        name = self.grid.key
        if name not in self.names or self.busy:
            return
        index = self.names.index(name)
        other = index + (1 if how == "down" else -1)
        if 0 <= other < len(self.names):
            self.names[index], self.names[other] = self.names[other], self.names[index]
            self.draw()
            self.grid.move_to_key(name)

    def action_hand_in(self) -> None:
        """Preview what would be written."""
        if tuple(self.names) == self.began_with:
            self.jailer.notify_user("nothing has changed", bad=False)
        else:
            self.hand_in(tuple(self.names))


_CHOSEN_COLUMNS = (
    Column("place", "", 3, 0, right=True),
    Column("title", "COLUMN", 26, 0),
    Column("shown", "", 10, 0),
)


class ColumnsDialog(Dialog[tuple[str, ...]], inherit_bindings=False):
    """Answers with the names of the columns in order; () for the default ones."""

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
        """Put the cursor on the first row."""
        self.grid.set_columns(_CHOSEN_COLUMNS)
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
        """Go back to the default columns."""
        self.dismiss(())

    def action_use_columns(self) -> None:
        """Answer with these columns."""
        self.dismiss(tuple(self.names))
