"""The base class of all dialogs: a box over the screen, keys from the table of actions, buttons."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click, Key, Paste, Resize
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from jailer_core.text import sanitize
from jailer_tui.actions import Action, Selection, Situation, bindings, footer_actions
from jailer_tui.context import AppContext
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.state import AppState
from jailer_tui.stores.jobs import Work
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.footer import Footer
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Bar, Lines
from jailer_tui.widgets.search import Findable, Search, Searching

T = TypeVar("T")


class Dialog(Searching, ModalScreen[T], Generic[T], inherit_bindings=False):
    """A box. Subclasses define its contents (`body`) and the places whose actions apply."""

    PLACES: ClassVar[tuple[str, ...]] = ()
    ROOMY: ClassVar[bool] = False
    """Whether the box takes all height from the start, so that it never jumps."""
    EARLY: ClassVar[bool] = False
    """Whether keys count that were pressed before it was drawn, not meant for it."""
    EXPLAINED: ClassVar[tuple[str, ...]] = ()
    """Places whose keys the help shows, where that is not `PLACES`."""
    work: Work | None = None
    """The job that it shows."""

    def __init__(self, title: str, *, danger: bool = False) -> None:
        super().__init__()
        self._title = sanitize(title)
        self._danger = danger
        self.keys = Footer((), self.situation)
        self.search = Search(self, self.keys)
        self.drawn = asyncio.Event()
        self._drawn_at = math.inf
        self.closed = asyncio.Event()

    def compose(self) -> ComposeResult:
        """The box with its footer."""
        with Vertical(classes="box danger" if self._danger else "box") as box:
            box.border_title = Content(self._title)
            yield from self.body()
            yield self.keys

    def tell(self, messages: Sequence[Line]) -> None:
        """Show these messages, and lay out the rest in the remaining space."""
        self.keys.tell(messages)
        self.call_after_refresh(self._settle)

    def footer_actions(self) -> list[Action]:
        """The actions of the footer."""
        return footer_actions(self.PLACES)

    def body(self) -> ComposeResult:
        """The contents of the box."""
        yield Lines(id="text")

    @property
    def jailer(self) -> AppContext:
        """The app, by its own type."""
        return cast("AppContext", self.app)

    @property
    def glyphs(self) -> Glyphs:
        """The symbols of this terminal."""
        return self.jailer.glyphs

    @property
    def text(self) -> Lines:
        """The text of the box."""
        return self.query_one("#text", Lines)

    @property
    def grid(self) -> Grid:
        """The list of the box."""
        return self.query_one("#list", Grid)

    @property
    def selection(self) -> Selection:
        """The selection that actions apply to."""
        return Selection(work=self.work)

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now."""
        return action.why_not(self.situation())

    def situation(self) -> Situation:
        """The situation that guards of actions judge."""
        jobs = self.jailer.jobs
        rows = next((len(grid.rows) for grid in self.query("#list").results(Grid)), None)
        return Situation(self.jailer.view, self.selection, bool(jobs.running), bool(jobs.all), rows)

    def on_mount(self) -> None:
        """Size the box to its contents. Textual calls this besides the method of a subclass."""
        if self.is_left:
            return
        self.keys.offer(self.footer_actions())
        self.begin()
        self.call_after_refresh(self._settle)
        self.call_after_refresh(self._now_drawn)

    def on_screen_suspend(self) -> None:
        """Another dialog was opened above this one."""
        self.keys.cover(covered=True)

    def on_screen_resume(self) -> None:
        """This dialog is on top again."""
        self.keys.cover(covered=False)

    def _now_drawn(self) -> None:
        self._drawn_at = time.monotonic()
        self.drawn.set()

    def takes(self, event: Key | Paste) -> bool:
        """Whether a key counts: text for a field and leaving always do."""
        if self.EARLY or event.time >= self._drawn_at:
            return True
        if isinstance(event, Key) and event.key in ("escape", "ctrl+c"):
            return True
        return isinstance(self.focused, Input) and (isinstance(event, Paste) or event.is_printable)

    @property
    def is_open(self) -> bool:
        """Whether its widgets exist: it is composed and still open."""
        return self.is_mounted and not self.is_left

    @property
    def is_left(self) -> bool:
        """Whether it was closed, so that its widgets no longer exist."""
        return self.closed.is_set() or self not in self.app.screen_stack

    def on_unmount(self) -> None:
        """Wake whatever waits for its opening or closing."""
        self.closed.set()
        self.drawn.set()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An error in a background task of a dialog is an internal error."""
        self.jailer.on_worker_state_changed(event)

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""

    def begin(self) -> None:
        """Fill the widgets, and set the focus."""

    def on_resize(self, _event: Resize) -> None:
        """Size the box to the screen."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        if not self.is_left:
            self.settle()

    def settle(self) -> None:
        """Give the text or list as many lines as it needs and the screen has."""
        for widget in self.query("#text, #list").results(Widget):
            others = sum(
                part.outer_size.height + part.styles.margin.height
                for part in self.query(".box > *").results(Widget)
                if part is not widget and part.display
            )
            room = max(3, self.size.height - others - 2)
            if not self.ROOMY:
                room = min(room, max(1, _rows(widget)))
            widget.styles.height = room

    async def action_do(self, name: str) -> None:
        """Perform an action, or say why it is not possible."""
        await self.jailer.dispatcher.perform(name)

    def action_top(self) -> None:
        """Go to the first line."""
        self.action_move("top")

    def action_copy(self, how: str) -> None:
        """Copy from the list or text, whatever has the focus."""
        for widget in self.query("#list, #text").results(Findable):
            widget.action_copy(how)

    def action_move(self, how: str) -> None:
        """Move in the list or scroll the text, whatever has the focus."""
        lists: list[Grid | Lines] = [*self.query("#list").results(Grid)]
        for widget in lists or self.query("#text").results(Lines):
            widget.action_move(how)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close this dialog. Textual would close whatever is in front."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    action_close = action_leave_dialog = action_cancel


def _rows(widget: Widget) -> int:
    if isinstance(widget, Grid):
        return widget.virtual_size.height + (0 if widget.rows else len(widget.empty))
    return widget.get_content_height(widget.size, widget.size, widget.content_size.width or 76)


class Buttons(Bar, can_focus=True):
    """Buttons in a row; one of them is chosen."""

    BINDINGS = bindings("buttons")

    DEFAULT_CSS = """
    Buttons { margin: 1 0 0 0; }
    """

    class Pressed(Message):
        """A button was pressed."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, labels: Sequence[str], chosen: int = 0) -> None:
        super().__init__(id="buttons", bar=False)
        self._labels = tuple(labels)
        self.chosen = chosen
        self._focused = False

    def on_mount(self) -> None:
        """Draw them."""
        self._draw()

    def rename(self, labels: Sequence[str]) -> None:
        """Change the labels."""
        if tuple(labels) != self._labels:
            self._labels = tuple(labels)
            self.chosen = min(self.chosen, len(labels) - 1)
            self._draw()

    def on_focus(self) -> None:
        """Highlight the chosen button while it has the focus."""
        self._focused = True
        self._draw()

    def on_blur(self) -> None:
        """See on_focus."""
        self._focused = False
        self._draw()

    def _draw(self) -> None:
        spans: list[Span] = []
        for index, label in enumerate(self._labels):
            chosen = index == self.chosen
            text = f"[ {label} ]" if chosen else f"  {label}  "
            spans += [(text, "button" if chosen and self._focused else "text"), (" ", "text")]
        self.show(tuple(spans))

    def action_choose(self, how: str) -> None:
        """Choose the next or previous button, or `press` the chosen one."""
        if how == "press":
            self.post_message(self.Pressed(self.chosen))
            return
        self.chosen = (self.chosen + (1 if how == "next" else -1)) % len(self._labels)
        self._draw()

    def on_click(self, event: Click) -> None:
        """Press the clicked button."""
        x = 0
        for index, label in enumerate(self._labels):
            if x <= event.x < x + len(label) + 4:
                self.post_message(self.Pressed(index))
            x += len(label) + 5


class ButtonsDialog(Dialog[T], Generic[T]):
    """Answers with one of `answers`, which are those of its buttons."""

    answers: Sequence[T]

    def begin(self) -> None:
        """Focus the buttons."""
        self.query_one(Buttons).focus()

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.dismiss(self.answers[event.index])
