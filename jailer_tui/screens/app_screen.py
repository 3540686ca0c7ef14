"""The base class of full screens: keys from the table of actions, a footer, a view to show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

from textual import on
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.worker import Worker

from jailer_core.model import Jail
from jailer_core.needs import Needs
from jailer_tui.actions import Action, Selection, Situation, bindings, footer_actions
from jailer_tui.context import AppContext
from jailer_tui.presenters.host import header
from jailer_tui.presenters.jails import Line
from jailer_tui.state import AppState
from jailer_tui.widgets.footer import Footer
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Bar, Lines
from jailer_tui.widgets.search import Findable, Search, Searching


class AppScreen(Searching, Screen[None], inherit_bindings=False):
    """A full screen: its contents and its selection."""

    PLACES: ClassVar[tuple[str, ...]] = ("all",)
    EXPLAINED: ClassVar[tuple[str, ...]] = ()
    """Places whose keys the help shows, where that is not `PLACES`."""
    below: AppScreen | None = None
    """The screen that this one shows a part of."""
    MOVES: ClassVar[str] = "text"
    """What the moving keys move in: `text` or `list`."""
    ROOM_FOR_MESSAGES: ClassVar[bool] = True
    """Whether messages have rows of their own; else they take the place of the keys."""
    SHOWS_USE: ClassVar[bool] = False
    """Whether CPU and memory of jails are seen on it: they are only read for that."""
    PICKS: ClassVar[str] = ""
    """The action of a row that is clicked twice."""

    def __init_subclass__(cls, **options: bool) -> None:
        """The keys of a screen are those of its places."""
        if "PLACES" in vars(cls):
            cls.BINDINGS = bindings(*cls.PLACES)
        super().__init_subclass__(**options)

    def __init__(self, view: AppState) -> None:
        super().__init__()
        self.view = view
        self.header = Bar(id="header")
        self.keys = Footer(self.footer_actions(), self.situation, grows=self.ROOM_FOR_MESSAGES)
        self.search = Search(self, self.keys)
        self.drawn = asyncio.Event()

    def on_mount(self) -> None:
        """Note when the screen is drawn. Textual calls this besides the method of a subclass."""
        self.call_after_refresh(self.drawn.set)

    def on_unmount(self) -> None:
        """Wake what waits for it."""
        self.drawn.set()

    def on_resize(self) -> None:
        """Everything fits the width; textual calls the one of each subclass as well."""
        self.call_after_refresh(lambda: self.show(self.view))

    @on(Grid.Picked)
    async def _picked(self) -> None:
        await self.action_do(self.PICKS)

    def in_background(
        self, work: Callable[[], Awaitable[object]], group: str, *, exclusive: bool = True
    ) -> Worker[None]:
        """Start it; with `exclusive` what still runs of this group is ended."""
        begun: Any = work  # a coroutine that is never started would complain
        return self.run_worker(begun, group=group, exclusive=exclusive, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An error in a background task of a screen is an internal error."""
        self.jailer.on_worker_state_changed(event)

    def tell(self, messages: Sequence[Line]) -> None:
        """Show these messages, or none."""
        self.keys.tell(messages)

    def footer_actions(self) -> list[Action]:
        """The actions of the footer."""
        return footer_actions(self.PLACES)

    @property
    def jailer(self) -> AppContext:
        """The app, by its own type."""
        return cast("AppContext", self.app)

    def why_not(self, action: Action) -> str:
        """Why an action is not possible for the selection, or ""."""
        return action.why_not(self.situation())

    def situation(self) -> Situation:
        """The situation that decides which actions are possible."""
        jobs = self.jailer.jobs
        now = Situation(self.view, self.selection, bool(jobs.running), bool(jobs.all))
        return replace(now, rows=self.rows, filtered=self.filtered, spans=self.spans)

    @property
    def rows(self) -> int | None:
        """The number of rows in the list; None without a list."""
        return None

    def jails_around(self, key: str, how: str) -> list[str]:
        """The other jails of the table, in the order of [ or ]."""
        names = self.jailer.jail_order()
        if key not in names:
            return []
        place = names.index(key)
        others = [*names[place + 1 :], *names[:place]]
        return others if how == "next" else others[::-1]

    @property
    def filtered(self) -> bool:
        """Whether a filter hides rows."""
        return False

    @property
    def spans(self) -> tuple[int, int]:
        """How many shorter and longer time spans it can show."""
        return (0, 0)

    @property
    def selection(self) -> Selection:
        """The selection that actions apply to."""
        return Selection(tuple(self.chosen), self.current)

    @property
    def current(self) -> Jail | None:
        """The jail that actions apply to."""
        return None

    @property
    def chosen(self) -> list[Jail]:
        """All jails that actions apply to: the marked ones, else the current one."""
        return [self.current] if self.current is not None else []

    @property
    def inside(self) -> bool:
        """Whether keys go to a program in a console."""
        return False

    @property
    def in_front(self) -> bool:
        """Whether no other full screen is above it (a dialog may be)."""
        faces = [screen for screen in self.app.screen_stack if isinstance(screen, AppScreen)]
        return bool(faces) and faces[-1] is self

    def action_read_again(self) -> None:
        """Read the host again."""
        self.jailer.session.live.wake()

    def action_top(self) -> None:
        """Go to the first line of the focused widget."""
        if isinstance(self.focused, Grid | Lines):
            self.focused.action_move("top")

    def action_copy(self, how: str) -> None:
        """Copy from the focused widget."""
        if isinstance(self.focused, Findable):
            self.focused.action_copy(how)

    def host_read(self) -> None:
        """The host was read without a change: read what else is shown here."""

    def on_screen_suspend(self) -> None:
        """Something was opened above this screen."""
        self.keys.cover(covered=True)

    def on_screen_resume(self) -> None:
        """The screen is visible again: read what was not read while it was hidden."""
        self.keys.cover(covered=False)
        if self.SHOWS_USE:
            self.jailer.session.live.use_is_seen()

    def wants(self) -> Needs:
        """What must be read besides the usual while this is visible."""
        return Needs()

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        self.view = view
        if self.is_mounted:
            if line := header(view, self.size.width):
                self.header.show(line)
            self.draw()

    def draw(self) -> None:
        """Everything below the header."""

    def worked(self) -> None:
        """A job has ended: what only this screen shows may have changed."""

    def action_back(self) -> None:
        """Go back."""
        self.dismiss()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close this screen. Textual would close whatever is in front."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    async def action_do(self, name: str) -> None:
        """Perform an action, or say why it is not possible."""
        await self.jailer.dispatcher.perform(name)
