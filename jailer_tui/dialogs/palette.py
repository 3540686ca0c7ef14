"""Every action by its name, with its key, and with the reason when it is not possible now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from jailer_core.text import sanitize
from jailer_tui.actions import Action, key_name
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.widgets.field import Field
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

_COLUMNS = (Column("key", "", 8, 0), Column("label", "", 18, 0), Column("help", "", 200, 0))


class PaletteDialog(ChoiceDialog[str]):
    """Type a few letters, choose, enter."""

    EARLY = True

    DEFAULT_CSS = """
    PaletteDialog .box { max-width: 110; }
    PaletteDialog Field { margin: 0 0 1 0; }
    PaletteDialog #said { height: 2; margin: 1 0 0 0; }
    """

    def __init__(
        self,
        actions: Sequence[Action],
        why_not: Callable[[Action], str],
        hosts: Sequence[str] = (),
    ) -> None:
        self._hosts = hosts
        self._reasons = [(action, why_not(action)) for action in actions]
        super().__init__("Commands", _COLUMNS, self._found(""))

    def _found(self, words: str) -> list[Row]:
        if words.startswith("@"):
            return self._found_hosts(words[1:].casefold())
        wanted = words.casefold().split()
        rows = []
        for action, why in self._reasons:
            text = f"{action.label} {action.help}".casefold()
            if all(one in text for one in wanted):
                key = key_name(action.keys[0]) if action.keys else ""
                said = (f"not now: {why}", "warn") if why else (action.help, "dim")
                label = (action.label, "dim" if why else "strong")
                rows.append(Row(action.id, ((key, "key"), label, said)))
        first = wanted[0] if wanted else ""
        rows.sort(key=lambda row: not row.cells[1][0].casefold().startswith(first))
        return rows

    def _found_hosts(self, part: str) -> list[Row]:
        """`@web1`: go to that host."""
        return [
            Row(f"@{name}", (("", "key"), (f"@{name}", "strong"), ("Go to this host.", "dim")))
            for name in map(sanitize, self._hosts)
            if part in name.casefold()
        ]

    def body(self) -> ComposeResult:
        """Where one types, and what was found."""
        yield Field(placeholder="Type to search", id="words")
        yield from super().body()
        yield Lines(id="said")

    def begin(self) -> None:
        """Letters go to the field."""
        super().begin()
        self.list.empty = ((("  No match.", "dim"),),)
        self.query_one("#said", Lines).can_focus = False
        self.query_one(Field).focus()
        self._explain()

    def settle(self) -> None:
        """The help takes what the width leaves; a list that shrinks keeps its place."""
        width = max(20, self.list.size.width - 8 - 18 - 8)
        self.list.set_columns((*_COLUMNS[:2], Column("help", "", width, 0)))
        super().settle()

    @on(Grid.Moved)
    def _explain(self) -> None:
        """The whole help of the action under the cursor."""
        said = [reason for reason in self._reasons if reason[0].id == self.list.key]
        lines: list[Line] = [((action.help, "text"),) for action, _ in said]
        lines += [((f"Not now: {why}.", "warn"),) for _, why in said if why]
        self.query_one("#said", Lines).set_lines(lines)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.list.set_rows(self._found(event.value), follow=False)
        self.list.move_to(0)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_pick()
