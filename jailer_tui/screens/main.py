"""The first screen: header, notices, the table of jails, beside it the chosen one."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Key, Resize
from textual.widgets import Input

from jailer_core.model import Jail
from jailer_tui.actions import bindings
from jailer_tui.panes.detail import DetailPane
from jailer_tui.panes.jails import JailsPane
from jailer_tui.present import Line
from jailer_tui.present_host import header
from jailer_tui.screens.face import Face
from jailer_tui.view import View
from jailer_tui.widgets.field import Field
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Bar, Lines

WIDE = 120
"""From that width on the chosen jail is shown beside the table."""


class MainScreen(Face):
    """Everything at a glance; it stays below all other screens."""

    PLACES = ("jails", "table", "all")
    BINDINGS = bindings(*PLACES)

    DEFAULT_CSS = """
    MainScreen #notices { height: auto; max-height: 5; }
    MainScreen #notices.none { display: none; }
    MainScreen #side { display: none; width: 48; border-left: vkey $edge; }
    .-ascii MainScreen #side { border-left: ascii $edge; }
    MainScreen.wide #side { display: block; }
    MainScreen #filter-row { dock: bottom; height: 1; display: none; background: $panel; }
    MainScreen #filter-row Bar { width: 9; }
    MainScreen #filter-row Field { width: 1fr; }
    MainScreen.filtering #filter-row { display: block; }
    MainScreen.filtering #footer { display: none; }
    """

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.pane = JailsPane(view.glyphs, id="pane")
        self.side = DetailPane(id="side")
        self.field = Field(id="filter")
        self._header = Bar(id="header")
        self._status = Bar(id="status", bar=False)
        self._notices = Lines(id="notices", classes="none")
        self._label = Bar(id="filter-label")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._header
        yield self._status
        yield self._notices
        with Horizontal():
            yield self.pane
            yield self.side
        yield self.keys
        with Horizontal(id="filter-row"):
            yield self._label
            yield self.field

    def on_mount(self) -> None:
        """Ready for keys at once, even before the host was read."""
        self._label.show(((" Filter  ", "key"),))
        self._notices.can_focus = False
        self.pane.grid.focus()
        self.show(self.view)

    @property
    def current(self) -> Jail | None:
        """The jail under the cursor."""
        return self.pane.current

    @property
    def chosen(self) -> list[Jail]:
        """The marked jails, else the one under the cursor."""
        return self.pane.marked or super().chosen

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: View) -> None:
        """A new picture of the host."""
        super().show(view)
        if self.is_mounted:
            self.pane.show(view)
            self._draw()

    def _draw(self) -> None:
        """Everything but the table."""
        marks = len(self.pane.grid.marks)
        self.view = replace(self.view, now=replace(self.view.now, marked=marks))
        if self.view.inventory is not None:
            line = header(self.view.inventory, self.view.name, self.view.stale, self.size.width)
            self._header.show(line)
        self._status.show(self._chosen_line())
        notices = self.view.notices()
        self._notices.set_class(not notices, "none")
        self._notices.set_lines(notices)
        if self.side.display:
            self.side.show(self.current, self.view)
        self.keys.update()

    def _chosen_line(self) -> Line:
        right = self.pane.status()
        left = " Jails "
        space = self.size.width - len(left) - sum(len(text) for text, _ in right) - 1
        return ((left, "title"), (" " * max(1, space), "text"), *right)

    def on_resize(self, _event: Resize) -> None:
        """A wide screen shows the chosen jail beside the table."""
        self.set_class(self.size.width >= WIDE, "wide")
        self.call_after_refresh(lambda: self.show(self.view))

    @on(Grid.Moved)
    def _moved(self) -> None:
        self._draw()

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.do_open()

    @on(Grid.HeaderPicked)
    def _header_picked(self, event: Grid.HeaderPicked) -> None:
        self.sort_by(event.column)

    # --- the filter --------------------------------------------------------------------------

    def do_filter(self) -> None:
        """Type words; the table follows."""
        self.add_class("filtering")
        self.field.value = self.pane.filter
        self.field.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        self.pane.filter_by(event.value)
        self._draw()

    @on(Input.Submitted, "#filter")
    def _keep_filter(self) -> None:
        self.remove_class("filtering")
        self.pane.grid.focus()

    def on_key(self, event: Key) -> None:
        """The cursor of the table can be moved while the filter is typed."""
        if self.focused is self.field and event.key in ("up", "down", "pageup", "pagedown"):
            self.pane.grid.action_move(event.key.replace("page", "page_"))
            event.stop()

    def do_clear(self) -> None:
        """Escape: first the filter, then the marks."""
        if self.has_class("filtering"):
            self.field.value = ""
            self._keep_filter()
        elif self.focused is self.side.body:
            self.pane.grid.focus()
        elif self.pane.filter:
            self.pane.filter_by("")
        else:
            self.pane.mark("none")
        self._draw()

    # --- keys of the table -------------------------------------------------------------------

    def do_open(self) -> None:
        """The jail on the whole screen."""
        if self.current is not None:
            self.jailer.open_jail(self.current, self.side.part)

    def do_mark(self) -> None:
        """Mark the jail under the cursor."""
        self._mark("one")

    def do_mark_all(self) -> None:
        """Mark all that are shown."""
        self._mark("all")

    def do_mark_none(self) -> None:
        """No marks."""
        self._mark("none")

    def do_mark_invert(self) -> None:
        """The other ones."""
        self._mark("invert")

    def _mark(self, how: str) -> None:
        self.pane.mark(how)
        self._draw()

    def sort_by(self, key: str) -> None:
        """By that column; the same one again: the other way round."""
        self.pane.sort_by(key)
        self._draw()

    def do_reverse(self) -> None:
        """The order turned round."""
        self.pane.turn_round()
        self._draw()

    def do_swap(self) -> None:
        """To the other side, where there is one."""
        if self.has_class("filtering"):
            self._keep_filter()
        elif self.side.display and self.focused is not self.side.body:
            self.side.body.focus()
        else:
            self.pane.grid.focus()

    def action_tab(self, how: str) -> None:
        """The next or previous part of the jail, where it is in sight."""
        if self.side.display:
            self.side.turn(how)
