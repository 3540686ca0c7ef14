"""A command in many jails while it runs: one row each, and the output of one."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from jailer_core.execution.fan_out import JailRun
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, Situation, bindings
from jailer_tui.dialogs.progress import WorkDialog
from jailer_tui.presenters import commands_in_jails
from jailer_tui.presenters.jails import Line
from jailer_tui.stores.jobs import FanOutJob
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

FRAME = 0.1
"""Seconds between two pictures of what may change a thousand times a second."""


class _Shown(WorkDialog):
    """The base of both: drawn at intervals."""

    work: FanOutJob

    def draw_soon(self) -> None:
        """Draw once for all changes that come together."""
        if FRAME:
            self.set_timer(FRAME, self.draw)
        else:
            super().draw_soon()

    def tick(self) -> None:
        """Times advance even without output."""
        if not self.work.over and self.app.screen is self:
            self.draw()


class FanOutDialog(_Shown):
    """One row for each jail."""

    PLACES = ("many",)
    BINDINGS = bindings("many", "list", "quiet")

    DEFAULT_CSS = """
    FanOutDialog #outcome { height: 3; margin: 1 0 0 0; }
    FanOutDialog .box { height: 100%; max-height: 40; }
    """

    def body(self) -> ComposeResult:
        """The grid and its status."""
        yield Grid(glyphs=self.glyphs, id="list")
        yield Lines(id="outcome", can_focus=False)

    @property
    def turn(self) -> JailRun | None:
        """The jail under the cursor."""
        key = self.grid.key
        return self.work.many.turns[int(key)] if key is not None else None

    def fill(self) -> None:
        """Update all rows; only changed cells are sent."""
        many = self.work.many
        self.grid.set_columns(commands_in_jails.columns(many, self.grid.size.width))
        self.grid.set_rows(
            [
                Row(str(index), commands_in_jails.cells(turn, many.now(turn), self.glyphs))
                for index, turn in enumerate(many.turns)
            ]
        )
        self.query_one("#outcome", Lines).set_lines(self._below())

    def _below(self) -> list[Line]:
        """The overall status; what the row under the cursor has no room for."""
        many, turn = self.work.many, self.turn
        lines: list[Line] = [((commands_in_jails.standing(many), "strong"),)]
        if self.work.failure or many.note:
            lines.append(((sanitize(self.work.failure or many.note), "bad"),))
        if turn is not None:
            shown = commands_in_jails.cells(turn, many.now(turn), self.glyphs)[-1][0]
            why = f"{turn.message}. " if turn.message and turn.message != shown else ""
            lines.append(((f"{sanitize(turn.label)}: {why}{shown}", "text"),))
        return lines

    @on(Grid.Moved)
    def _moved(self) -> None:
        self.draw()

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.action_look_into()

    @property
    def selection(self) -> Selection:
        """The work, and the jail under the cursor."""
        return Selection(work=self.work, run=self.turn)

    def action_look_into(self) -> None:
        """Show the output of the jail under the cursor."""
        if self.turn is not None:
            self.app.push_screen(OutputDialog(self.work, self.turn))

    def action_end_one(self) -> None:
        """Stop it in the jail under the cursor; the others keep running."""
        turn = self.turn
        if turn is not None and turn.over:
            self.jailer.notify_user(f"{turn.label}: it has finished there")
        elif turn is not None:
            self.work.many.end(turn)

    def action_end_all(self) -> None:
        """Ask, then stop it in all jails."""
        if not self.work.over:
            message = "Running commands are stopped; waiting ones do not start. Nothing is undone."
            self.ask_to_end("Stop it in all jails?", message, "Stop all", self.work.stop)


class OutputDialog(_Shown):
    """The output in one jail."""

    PLACES = ("output",)
    BINDINGS = bindings("output", "text", "quiet")

    DEFAULT_CSS = """
    OutputDialog #outcome { height: 1; margin: 1 0 0 0; }
    OutputDialog .box { height: 100%; max-height: 46; }
    """

    def __init__(self, crowd: FanOutJob, turn: JailRun) -> None:
        super().__init__(crowd)
        self._turn = turn
        if len(crowd.many.turns) > 1:
            self._title = self._title_here()

    def _title_here(self) -> str:
        return sanitize(f"{self.work.title.rpartition(' in ')[0]} in {self._turn.label}")

    def body(self) -> ComposeResult:
        """The text and the status."""
        yield Lines(id="text", follow=True)
        yield Lines(id="outcome", can_focus=False)

    def _changed(self, turn: JailRun | None = None) -> None:
        if turn is self._turn or turn is None:
            super()._changed(turn)

    def fill(self) -> None:
        """Update the text."""
        self.text.set_lines(commands_in_jails.output(self._turn))
        line = commands_in_jails.about(self._turn, self.work.many.now(self._turn), self.glyphs)
        if self.work.failure:
            line = ((sanitize(self.work.failure), "bad"),)
        self.query_one("#outcome", Lines).set_lines([line])

    def situation(self) -> Situation:
        """`rows` are the jails that [ and ] go through."""
        return replace(super().situation(), rows=len(self.work.many.turns))

    def action_object(self, how: str) -> None:
        """Show the output in the `next` or `previous` jail."""
        turns = self.work.many.turns
        step = 1 if how == "next" else -1
        self._turn = turns[(turns.index(self._turn) + step) % len(turns)]
        self.query_one(".box").border_title = Content(self._title_here())
        self.draw()

    @property
    def selection(self) -> Selection:
        """The job in this jail."""
        return Selection(work=self.work, run=self._turn)

    def action_end_this(self) -> None:
        """Ask, then stop it in this jail."""
        if not self._turn.over:
            message = "All processes of its process group are terminated."
            turn = self._turn
            self.ask_to_end("Stop it?", message, "End", lambda: self.work.many.end(turn))


def dialog_of(crowd: FanOutJob) -> FanOutDialog | OutputDialog:
    """The grid, or for a single jail its output."""
    turns = crowd.many.turns
    return OutputDialog(crowd, turns[0]) if len(turns) == 1 else FanOutDialog(crowd)
