"""Every action by its name, with its key, and with the reason when it is not possible now."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.presenters.palette import Choice, search, with_arguments
from jailer_tui.widgets.field import Field
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

_COLUMNS = (Column("key", "", 8, 0), Column("label", "", 18, 0), Column("help", "", 200, 0))


class PaletteDialog(ChoiceDialog):
    """Type a few letters, choose, enter. `stop www*` is an action with the jails it is for.

    Answers with the key of the choice; behind a space the jails that were named.
    """

    EARLY = True
    SEARCHED = False

    DEFAULT_CSS = """
    PaletteDialog .box { max-width: 110; }
    PaletteDialog Field { margin: 0 0 1 0; }
    PaletteDialog #said { height: 2; margin: 1 0 0 0; }
    """

    def __init__(
        self, choices: Sequence[Choice], jails: Sequence[str], recent: Sequence[str]
    ) -> None:
        self._choices = {choice.key: choice for choice in choices}
        self._jails = jails
        self._recent = recent
        super().__init__("Commands", _COLUMNS, self._found(""))

    def _found(self, words: str) -> list[Row]:
        choices = list(self._choices.values())
        rows = [_row(choice) for choice in search(words, choices, self._recent)]
        meant = with_arguments(words, choices, self._jails)
        if meant is not None:
            choice, jails = meant
            key = " ".join((choice.key, *jails))
            label = (choice.label, "strong")
            rows.insert(0, Row(key, ((choice.shortcut, "key"), label, (", ".join(jails), "dim"))))
        return rows

    def body(self) -> ComposeResult:
        """Where one types, and what was found."""
        yield Field(placeholder="An action, a jail, or both: stop www*", id="words")
        yield from super().body()
        yield Lines(id="said", can_focus=False)

    def begin(self) -> None:
        """Letters go to the field."""
        super().begin()
        self.grid.empty = ((("  No match.", "dim"),),)
        self.query_one(Field).focus()
        self._explain()

    def settle(self) -> None:
        """The help takes what the width leaves; a list that shrinks keeps its place."""
        width = max(20, self.grid.size.width - 8 - 18 - 8)
        self.grid.set_columns((*_COLUMNS[:2], Column("help", "", width, 0)))
        super().settle()

    @on(Grid.Moved)
    def _explain(self) -> None:
        """The whole help of the action under the cursor."""
        choice = self._choices.get((self.grid.key or "").partition(" ")[0])
        lines: list[Line] = [((choice.about, "text"),)] if choice is not None else []
        if choice is not None and choice.why_not:
            lines.append(((f"Not now: {choice.why_not}.", "warn"),))
        self.query_one("#said", Lines).set_lines(lines)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.grid.set_rows(self._found(event.value), follow=False)
        self.grid.move_to(0)
        self._explain()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_pick()


def _row(choice: Choice) -> Row:
    why = choice.why_not
    about = (f"not now: {why}", "warn") if why else (choice.about, "dim")
    label = (choice.label, "dim" if why else "strong")
    return Row(choice.key, ((choice.shortcut, "key"), label, about))
