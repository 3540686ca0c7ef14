"""The base class of all tabs: header, names of the tabs, notices, a table with a filter.

A table on the whole screen, without tabs: title, filter, a key that goes back.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Click, Key
from textual.widget import Widget
from textual.widgets import Input

from jailer_tui.actions import HOST_TABS, TABS, Action, first_key
from jailer_tui.dialogs.choice import sorting
from jailer_tui.panes.table_pane import Pane, TablePane
from jailer_tui.presenters import messages
from jailer_tui.presenters.jails import Line, Span, beside, width_of
from jailer_tui.presenters.tables import columns_of, order_in
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Bar, Lines, clicked
from jailer_tui.widgets.search import Field

WIDE = 120
"""From that width what the cursor is on is shown beside the table."""
ABBREVIATED = 4
"""Letters of a tab's name where there is no room for all of it."""


class TabScreen(AppScreen):
    """One tab. Subclasses provide the table (`pane`) and its surroundings."""

    TAB: ClassVar[str]
    SHOWS_FLEET: ClassVar[bool] = False
    """Whether it shows other hosts than the one that is shown."""
    MOVES = "list"
    pane: Pane

    DEFAULT_CSS = """
    TabScreen #notices { height: auto; max-height: 5; }
    TabScreen #notices.none { display: none; }
    TabScreen #filter-row { dock: bottom; height: 1; display: none; background: $panel; }
    TabScreen #filter-row Bar { width: 9; }
    TabScreen #filter-row Field { width: 1fr; }
    TabScreen.filtering #filter-row { display: block; }
    TabScreen.filtering #footer { display: none; }
    TabScreen .side { display: none; width: 48; border-left: vkey $edge; }
    TabScreen.wide .side { display: block; }
    """

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.field = Field(id="filter")
        self._tabs = Bar(id="tabs", bar=False)
        self._notices = Lines(id="notices", classes="none")
        self._label = Bar(id="filter-label")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._tabs
        yield self._notices
        yield self.middle()
        yield self.keys
        with Horizontal(id="filter-row"):
            yield self._label
            yield self.field

    def middle(self) -> Widget:
        """The widgets between the notices and the keys."""
        return self.pane

    def on_mount(self) -> None:
        """Take keys at once, even before the host was read."""
        self.name_filter(" Filter  ")
        self._notices.can_focus = False
        self.begin()

    def begin(self) -> None:
        """Set the initial focus."""
        self.pane.grid.focus()
        table = self.table
        if table is not None and table.TABLE:
            table.sorted_by = order_in(self.view.settings, table.TABLE, table.sorted_by)
        self.show(self.jailer.view)  # the host may have been read since this was made

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        if self.is_mounted:
            self.pane.show(view)
        super().show(view)

    def draw(self) -> None:
        """Draw everything but the table."""
        self.pane.explain()
        self._tabs.show(self._tab_line())
        notices = self.notices()
        self._notices.set_class(not notices, "none")
        self._notices.set_lines(notices)
        self.keys.update()

    def notices(self) -> list[Line]:
        """The notices above the table."""
        return messages.notices(self.view)

    def _tab_line(self) -> Line:
        right = self.pane.status()
        used = width_of(right)
        spans: list[Span] = []
        for action, label in self._labels(used):
            shown = action.id == self.TAB
            unseen = self.view.unseen and action.id == "overview_tab"
            spans += [
                ("[" if shown else " ", "title"),
                (f"{first_key(action)}{' ' if label else ''}", "key"),
                (label, "title" if shown else "dim"),
                (f"!{self.view.unseen}" if unseen else "", "bad"),
                ("]" if shown else " ", "title"),
            ]
        return beside(spans, right, self.size.width)

    def _labels(self, used: int) -> list[tuple[Action, str]]:
        """The tabs and what they are called: beside a long status the others are abbreviated."""
        tabs = TABS if self.view.marks is None else (*TABS, *HOST_TABS)
        for letters in (None, ABBREVIATED, 0):
            labels = [
                (action, action.label if action.id == self.TAB else action.label[:letters])
                for action in tabs
            ]
            if sum(_width(*label) for label in labels) + used + 2 <= self.size.width:
                break
        return labels

    def on_resize(self) -> None:
        """Show the selected row beside the table on a wide screen."""
        self.set_class(self.size.width >= WIDE, "wide")

    async def on_click(self, event: Click) -> None:
        """Go to the tab whose name was clicked."""
        if event.widget is self._tabs:
            labels = self._labels(width_of(self.pane.status()))
            action = clicked(event.x, ((label[0], _width(*label)) for label in labels))
            if action is not None:
                await self.action_do(action.id)

    @on(Grid.Moved)
    def _moved(self) -> None:
        self.draw()

    def name_filter(self, label: str) -> None:
        """The label of the filter field."""
        self._label.show(((label, "key"),))

    @property
    def rows(self) -> int | None:
        """The number of rows of the table."""
        return len(self.pane.grid.rows) if isinstance(self.pane.grid, Grid) else None

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(self.pane.filter)

    # --- columns -----------------------------------------------------------------------------

    def action_columns(self) -> None:
        """Choose the columns of the table."""
        from jailer_tui.dialogs.list_form import ColumnsDialog  # noqa: PLC0415 - rarely needed

        table = self.table
        if table is not None and table.TABLE:
            shown = [column.key for column in table.grid.columns]
            dialog = ColumnsDialog(columns_of(table.TABLE), shown)
            self.app.push_screen(dialog, self._use_columns)

    def _use_columns(self, names: tuple[str, ...] | None) -> None:
        if names is not None and self.table is not None:
            self.jailer.preferences.choose("columns", self.table.TABLE, names)
            self.show(self.jailer.view)

    # --- marks -------------------------------------------------------------------------------

    @property
    def table(self) -> TablePane[Any] | None:
        """The pane, if it is a table."""
        return self.pane if isinstance(self.pane, TablePane) else None

    def mark(self, how: str) -> None:
        """Mark rows; see Grid.mark."""
        if self.table is not None:
            self.table.grid.mark(how)
            self.draw()

    def action_mark(self) -> None:
        """Mark the row under the cursor."""
        self.mark("one")

    def action_mark_all(self) -> None:
        """Mark all that are shown."""
        self.mark("all")

    def action_mark_none(self) -> None:
        """Clear all marks."""
        self.mark("none")

    def action_mark_invert(self) -> None:
        """Invert the marks."""
        self.mark("invert")

    def action_mark_range(self, how: str) -> None:
        """Mark this row and the next one, `up` or `down`."""
        self.mark(how)

    # --- the order ---------------------------------------------------------------------------

    @on(Grid.HeaderPicked)
    def _header_picked(self, event: Grid.HeaderPicked) -> None:
        self._sort(event.column)

    def action_sort(self) -> None:
        """Choose a column to sort by."""
        table = self.table
        if table is None or not table.sortable:
            self.jailer.notify_user("this view cannot be sorted", bad=False)
            return
        dialog = sorting(table.sortable, table.sorted_by, self.view.glyphs)
        self.app.push_screen(dialog, self._sort)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._sort(self.table.sorted_by[0] if self.table is not None else None)

    def _sort(self, key: str | None) -> None:
        """By that column, by the same one again in reverse; the order is kept."""
        table = self.table
        if table is None or key not in [column.key for column in table.sortable]:
            return
        table.sort_by(key or "")
        if table.TABLE:
            name, reverse = table.sorted_by
            self.jailer.preferences.choose("sort", table.TABLE, f"{'-' if reverse else ''}{name}")
        self.draw()

    # --- the filter --------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Ask for a filter; the table follows each key."""
        self.add_class("filtering")
        self.field.value = self.pane.filter
        self.field.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        self.typed(event.value)

    def typed(self, words: str) -> None:
        """Apply the filter with each key."""
        self.pane.filter_by(words)
        self.draw()

    @on(Input.Submitted, "#filter")
    def _submitted(self) -> None:
        self.keep_filter()

    def keep_filter(self) -> None:
        """Go back to the table and keep the filter."""
        self.remove_class("filtering")
        self.pane.grid.focus()

    def on_key(self, event: Key) -> None:
        """Move the table's cursor while the filter is typed."""
        if self.focused is self.field and event.key in ("up", "down", "pageup", "pagedown"):
            self.pane.grid.action_move(event.key.replace("page", "page_"))
            event.stop()

    def action_leave(self) -> None:
        """Go back one level."""
        self.action_clear()

    def action_interrupt(self) -> None:
        """Go back one level."""
        self.action_clear()

    def action_clear(self) -> None:
        """Escape: first the filter goes away."""
        if self.has_class("filtering"):
            self.field.value = ""
            self.keep_filter()
            self.draw()
        elif self.pane.filter:
            self.pane.filter_by("")
            self.draw()
        else:
            self.step_back()

    def step_back(self) -> None:
        """Escape without a filter: first no marks, then back to the jails."""
        if self.table is not None and self.table.grid.marks:
            self.mark("none")
        else:
            self.dismiss()


def _width(action: Action, label: str) -> int:
    """How many cells a tab takes, with what is around it."""
    return len(first_key(action)) + (len(label) + 1 if label else 0) + 2


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
