"""The logs of several jails at once: coloured names, filter, pause, times."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from textual.app import ComposeResult

from jailer_core import logs
from jailer_core.errors import JailerError
from jailer_core.host import Host
from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.panes.table_pane import Pane
from jailer_tui.presenters.jails import Line, Span, fit
from jailer_tui.screens.tab_screen import WholeScreen
from jailer_tui.state import AppState
from jailer_tui.stores.merged_logs import MergedLine, MergedLogs, Source
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.lines import Lines

PERIOD = 1.0
"""Seconds between two readings."""
TONES = ("accent", "ok", "warn", "title", "strong", "dim")
NAME, LONGEST = 12, 26
"""Cells for the name before a line, at least and at most."""
CONSOLE, MESSAGES = "console log", "messages"


@dataclass(frozen=True, slots=True)
class Followed:
    """A jail whose log is followed; `label` names it, with its host if there are several."""

    label: str
    jail: Jail
    host: Host


class LogsPane(Pane):
    """All lines of the followed logs, the newest last."""

    DEFAULT_CSS = """
    LogsPane { height: 1fr; }
    LogsPane > Lines { height: 1fr; padding: 0 1; }
    """

    grid: Lines

    def __init__(self, glyphs: Glyphs, tones: dict[str, str]) -> None:
        super().__init__(glyphs)
        self.grid = Lines(follow=True, id="logs")
        self.paused = False
        self.times = False
        self.merged: MergedLogs | None = None
        self._tones = tones
        self._width = max(NAME, min(LONGEST, max(map(len, tones), default=0)))

    def compose(self) -> ComposeResult:
        """The lines alone."""
        yield self.grid

    def show(self, _view: AppState) -> None:
        """What is read of the logs is drawn by `again`."""

    def again(self) -> None:
        """Draw all matching lines."""
        lines = self.merged.lines if self.merged is not None else ()
        shown = [line for line in lines if self.passes(f"{line.label} {line.text}")]
        self.grid.set_lines([self._line(line) for line in shown])

    def _line(self, line: MergedLine) -> Line:
        name = fit(sanitize(line.label), self._width, self.glyphs)
        spans: list[Span] = []
        if self.times:
            clock = time.strftime("%H:%M:%S", time.localtime(line.when)) if line.when else ""
            spans.append((f"{clock:<9}", "dim"))
        spans += [
            (f"{name} ", self._tones.get(line.label, "strong")),
            (line.text, "bad" if line.failed else "text"),
        ]
        return tuple(spans)

    def status(self) -> list[Span]:
        """The status: following or paused, and the filter."""
        spans: list[Span] = [("paused", "warn") if self.paused else ("following", "ok")]
        return [*spans, (" ", "text"), *self.words_spans()] if self.filter else spans


class LogsScreen(WholeScreen):
    """Several logs; not read while paused, or while something else is in front."""

    PLACES = ("logs", "copyable", "all")
    MOVES = "text"

    pane: LogsPane

    def __init__(self, view: AppState, followed: Sequence[Followed]) -> None:
        super().__init__(view)
        self._followed = tuple(followed)
        self._which = MESSAGES
        labels = [entry.label for entry in followed]
        tones = {label: TONES[index % len(TONES)] for index, label in enumerate(labels)}
        self.pane = LogsPane(view.glyphs, tones)

    @property
    def heading(self) -> str:
        """The heading: what is followed."""
        return f"{self._which} of {', '.join(sanitize(entry.label) for entry in self._followed)}"

    def on_mount(self) -> None:
        """Open all logs."""
        self._open()
        self.set_interval(PERIOD, self._tick)

    def _open(self) -> None:
        sources: list[Source] = []
        for entry in self._followed:
            try:
                place = logs.console_log(entry.jail) if self._which == CONSOLE else None
                place = place or logs.inside_log(entry.jail, "messages")
                sources.append(Source(entry.label, entry.host, place))
            except JailerError as error:
                self.jailer.notify_user(error.message, error.hint)
        self.pane.merged = MergedLogs(sources)
        self._tick()

    def _tick(self) -> None:
        merged = self.pane.merged
        if merged is None or self.app.screen is not self or self.pane.paused:
            return
        for host in merged.hosts:
            if not host.busy:
                work = partial(merged.poll, host, partial(self._grown, merged))
                self.in_background(work, "logs", exclusive=False)

    def _grown(self, merged: MergedLogs) -> None:
        """There are new lines; those of a log that is no longer followed are not shown."""
        if merged is self.pane.merged and self.is_mounted:
            self.pane.again()
            self.draw()

    @property
    def selection(self) -> Selection:
        """The jails, where they are those of the host that is shown; their logs are open."""
        first = self._followed[0].jail if self._followed else None
        host = self.jailer.reader.host
        jails = tuple(entry.jail for entry in self._followed if entry.host is host)
        return replace(Selection(jails, first), opened=True)

    # --- keys --------------------------------------------------------------------------------

    def action_follow(self) -> None:
        """Pause, or follow the end."""
        self.pane.paused = not self.pane.paused
        if not self.pane.paused:
            self.pane.grid.action_move("bottom")
            self._tick()
        self.draw()

    def action_filter_lines(self) -> None:
        """Filter with the same key as in a single log."""
        self.action_filter()

    def action_stamps(self) -> None:
        """Show or hide the times at which lines arrived."""
        self.pane.times = not self.pane.times
        self.pane.again()

    def action_other_log(self) -> None:
        """Switch between the console logs and /var/log/messages."""
        self._which = MESSAGES if self._which == CONSOLE else CONSOLE
        self._open()
        self.draw()
