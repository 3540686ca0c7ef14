"""A log of one jail on the whole screen: followed, searched, filtered, however large it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input
from textual.worker import Worker

from jailer_core import logs
from jailer_core.errors import JailerError
from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.dialogs.short_forms import choose_log
from jailer_tui.presenters.jails import Span, beside, width_of
from jailer_tui.presenters.logs import Stamps, Whereabouts, looking_spans, status_spans, title_spans
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.log_reader import LogReader
from jailer_tui.state import AppState, shown_name
from jailer_tui.widgets.lines import Bar, Lines
from jailer_tui.widgets.logview import LogView
from jailer_tui.widgets.search import Field

PERIOD = 0.5
"""Seconds between two looks at the file."""


class LogScreen(AppScreen):
    """One log; it is not read while something else is in front."""

    PLACES = ("log", "copyable", "all")
    EXPLAINED = ("log", "logtext", "copyable", "all")

    DEFAULT_CSS = """
    LogScreen #said { height: auto; max-height: 3; }
    LogScreen #said.none { display: none; }
    LogScreen #ask-row { dock: bottom; height: 1; display: none; background: $panel; }
    LogScreen #ask-row Bar { width: 9; }
    LogScreen #ask-row Field { width: 1fr; }
    LogScreen.asking #ask-row { display: block; }
    LogScreen.asking #footer { display: none; }
    """

    def __init__(self, view: AppState, key: str) -> None:
        super().__init__(view)
        self._key = key
        self.log_view = LogView(view.glyphs, id="log")
        self.field = Field(id="ask")
        self.place: logs.Place | None = None
        self._reader: LogReader | None = None
        self._asking = ""
        self._said = ""
        self._come: int | None = None
        self._scan: Worker[None] | None = None
        self._turn = asyncio.Lock()
        self._title_bar = Bar(id="name", bar=False)
        self._notice = Lines(id="said", classes="none")
        self._label = Bar(id="ask-label")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._title_bar
        yield self._notice
        yield self.log_view
        yield self.keys
        with Horizontal(id="ask-row"):
            yield self._label
            yield self.field

    def on_mount(self) -> None:
        """Open the default log."""
        self._notice.can_focus = False
        self.log_view.focus()
        self.set_interval(PERIOD, self._tick)
        self.show(self.view)
        jail = self.current
        if jail is None:
            return
        try:
            self.open(_first_log(jail))
        except JailerError as error:
            self._say(error.message)

    @property
    def rows(self) -> int | None:
        """The jails that [ and ] go through."""
        return len(self.jailer.jail_order())

    def action_object(self, how: str) -> None:
        """Show the log of the `next` or `previous` jail that has one."""
        jails = self.view.by_key()
        for key in self.jails_around(self._key, how):
            try:
                place = _first_log(jails[key])
            except JailerError:
                continue
            self._key = key
            self.open(place)
            self.show(self.view)
            return

    @property
    def current(self) -> Jail | None:
        """The jail, if it still exists."""
        return self.view.by_key().get(self._key)

    @property
    def reader(self) -> LogReader:
        """The reader of the visible log."""
        assert self._reader is not None  # noqa: S101 - opened before any key
        return self._reader

    def open(self, place: logs.Place) -> None:
        """Show that log from its end."""
        self.place = place
        file = logs.LogFile(self.jailer.reader.host, place)
        self._reader = LogReader(file, self.log_view, self._tell)
        self.log_view.here = None
        self.log_view.lines = []
        self.log_view.follow = True
        self.log_view.change(replace(self.log_view.look, words="", shift=0))
        self._say("")
        self._read(self.reader.end)

    # --- reading -----------------------------------------------------------------------------

    def _read(self, work: Callable[[], Awaitable[object]], *, long: bool = False) -> None:
        """Do it in the background; a `long` one can be ended by escape."""
        group = "scan" if long else "log"
        worker = self.in_background(partial(self._carry_out, work), group, exclusive=long)
        if long:
            self._scan = worker

    async def _carry_out(self, work: Callable[[], Awaitable[object]]) -> None:
        async with self._turn:
            try:
                await work()
                if self._said.startswith("cannot "):
                    self._say("")
            except JailerError as error:
                self.log_view.nothing_more()
                self._say(error.message)
            finally:
                self._come = None
                self._explain()

    def _explain(self) -> None:
        """What an empty window says; what is above it."""
        words = self.reader.words
        empty = f"  No line contains {words}." if words else "  This log is empty."
        self.log_view.empty = ((), ((sanitize(empty), "dim"),))
        self.log_view.draw()
        self.draw()

    def action_top(self) -> None:
        """To the first line of the log."""
        self.log_view.action_move("top")

    @property
    def scanning(self) -> bool:
        """Whether a long search is running."""
        return self._scan is not None and not self._scan.is_finished

    def _tell(self, offset: int) -> None:
        """A search has come to that offset."""
        self._come = offset
        self.draw()

    @on(LogView.Wanted)
    def _wanted(self, event: LogView.Wanted) -> None:
        if self._reader is None:
            return
        work = {
            "before": self.reader.older,
            "after": self.reader.newer,
            "top": self.reader.begin,
            "bottom": self.reader.end,
        }[event.how]
        self._read(work, long=bool(self.reader.words))

    @on(LogView.Moved)
    def _moved(self) -> None:
        self.draw()

    def _tick(self) -> None:
        """Look whether it has grown, while it is in front and nothing else is read."""
        if self.app.screen is self and self._reader is not None and not self._turn.locked():
            self.in_background(self.poll, "log", exclusive=False)

    async def poll(self) -> None:
        """Read new lines; draws only if there are any."""
        async with self._turn:
            try:
                change = await self.reader.poll(self.jailer.reader.host.clock())
            except JailerError as error:
                self._say(error.message)
                return
        if change == "new":
            self._say("The file was rotated or truncated; this is the new one.")
        elif self._said.startswith("cannot "):
            self._say("")
        if change != "same":
            self.draw()

    # --- showing -----------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self._said = text
        self._notice.set_class(not text, "none")
        self._notice.set_lines([((f" {self.view.glyphs.broken} {sanitize(text)}", "warn"),)])

    def draw(self) -> None:
        """Draw what is above and below the text."""
        if not self.is_mounted:
            return
        right = self._status()
        width = self.size.width
        name = shown_name(self._key)
        left = title_spans(name, self.place, width - width_of(right) - 2)
        self._title_bar.show(beside(left, right, width))
        way = self._way_back()
        self.keys.offer(
            [
                replace(action, label=way) if action.id == "back" else action
                for action in self.footer_actions()
            ]
        )

    def _way_back(self) -> str:
        """What the key of `action_back` does next."""
        if self.scanning:
            return "Stop"
        looked_for = self.log_view.look.words or (self._reader is not None and self.reader.words)
        return "Clear" if looked_for else "Back"

    def _status(self) -> list[Span]:
        """How it is shown, where in the file one is, and what is being looked for."""
        view, reader = self.log_view, self._reader
        if reader is None:
            return []
        if self.scanning and self._come is not None:
            return looking_spans(self._come, reader.file.size, self.view.glyphs)
        last = None if view.at_end and view.is_at_bottom else view.last
        end = last.end if last is not None else None
        where = Whereabouts(end, reader.file.size, view.follow)
        return status_spans(view.look, reader.words, where, self.view.glyphs)

    # --- asking for words --------------------------------------------------------------------

    def _ask(self, what: str, value: str) -> None:
        self._asking = what
        self._label.show(((f" {what:<7}", "key"),))
        self.add_class("asking")
        self.field.value = value
        self.field.focus()

    def _asked(self) -> None:
        self.remove_class("asking")
        self.log_view.focus()

    def action_search(self) -> None:
        """Ask for words to search."""
        self._ask("Search", self.log_view.look.words)

    def action_filter_lines(self) -> None:
        """Ask for words that all shown lines must contain."""
        self._ask("Only", self.reader.words)

    @on(Input.Submitted, "#ask")
    def _entered(self, event: Input.Submitted) -> None:
        self._asked()
        if self._asking == "Only":
            self._filter(event.value)
            return
        self.log_view.here = None
        self.log_view.change(replace(self.log_view.look, words=event.value))
        if event.value:
            last = self.log_view.last
            self._find(last.end if last is not None else 0, forward=False)

    def _filter(self, words: str) -> None:
        if words != self.reader.words:
            self.reader.words = words
            self.log_view.lines = []
            self.log_view.follow = True
            self.log_view.draw()
            self._read(self.reader.end, long=True)

    def _find(self, start: int, *, forward: bool) -> None:
        words = self.log_view.look.words

        async def look() -> None:
            line = await self.reader.find(words, start, forward=forward)
            if line is None:
                message = f"no more matches for {words} towards the {'end' if forward else 'start'}"
                self.jailer.notify_user(message, bad=False)
                return
            far = not self.log_view.holds(line.offset)
            if far:
                await self.reader.around(line)
            self.log_view.mark(line.offset)
            self.log_view.see(line.offset, recenter=far)

        self._read(look, long=True)

    def action_find_older(self) -> None:
        """Go to the next match towards the start."""
        self._next(forward=False)

    def action_find_newer(self) -> None:
        """Go to the next match towards the end."""
        self._next(forward=True)

    def _next(self, *, forward: bool) -> None:
        view = self.log_view
        if not view.look.words:
            self.action_search()
            return
        current = next((line for line in view.lines if line.offset == view.here), None)
        if current is not None:
            self._find(current.end if forward else current.offset, forward=forward)
            return
        edge = view.first if forward else view.last
        start = 0 if edge is None else edge.offset if forward else edge.end
        self._find(start, forward=forward)

    # --- keys --------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Leave the question, else the search, else the filter, else the screen."""
        look = self.log_view.look
        if self.has_class("asking"):
            self._asked()
        elif self.scanning and self._scan is not None:
            self._scan.cancel()
            self.log_view.nothing_more()
            self.jailer.notify_user("stopped; matches found so far are kept", bad=False)
        elif self._reader is not None and self.reader.words:
            self._filter("")
        elif look.words:
            self.log_view.here = None
            self.log_view.change(replace(look, words=""))
        else:
            self.dismiss()

    def action_follow(self) -> None:
        """Follow the end of the log, or stop following."""
        view = self.log_view
        if view.follow and view.at_end and view.is_at_bottom:
            view.follow = False
            self.draw()
        else:
            view.follow = True
            view.action_move("bottom")

    def action_wrap(self) -> None:
        """Wrap long lines, or not."""
        look = self.log_view.look
        self.log_view.change(replace(look, wrap=not look.wrap, shift=0))

    def action_stamps(self) -> None:
        """Switch the timestamps."""
        look, kinds = self.log_view.look, list(Stamps)
        after = kinds[(kinds.index(look.stamps) + 1) % len(kinds)]
        self.log_view.change(replace(look, stamps=after))

    def action_other_log(self) -> None:
        """Choose another file."""
        self.jailer.start_task(self._choose(), "choose a log")

    async def _choose(self) -> None:
        jail = self.current
        if jail is not None:
            place = await choose_log(self.jailer, jail, self.place)
            if place is not None:
                self.open(place)

    @property
    def selection(self) -> Selection:
        """The jail; `opened`: its log is shown."""
        return replace(super().selection, opened=self._reader is not None)


def _first_log(jail: Jail) -> logs.Place:
    """The default log. Raises JailerError if there can be none."""
    return logs.console_log(jail) or logs.inside_log(jail, "messages")
