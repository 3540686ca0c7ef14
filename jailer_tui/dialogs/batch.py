"""Several jails at once: one row each, done or why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from textual import on
from textual.app import ComposeResult

from jailer_core.text import sanitize
from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.progress import ProgressDialog, WorkDialog
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.stores.jobs import Batch, FanOutJob, Item
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

DONE = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "destroy": "in the trash",
    "snap": "taken",
    "undo": "undone",
}
"""The result for a jail, by operation; `done` where there is no better word."""
GOOD = ("done", "nothing to do")
ALREADY = {"start": "already running", "stop": "already stopped"}


def _word(item: Item) -> str:
    """The status of one row, in a word or two."""
    op = item.request.op
    match item.ending:
        case "active":
            return "in progress"
        case "done":
            return DONE.get(op, "done")
        case "nothing to do":
            return item.already or ALREADY.get(op, "nothing to do")
    return item.ending


def _said(item: Item, *, stopped: bool) -> str:
    """The result in a few words, or why it failed."""
    if item.already:
        return ""
    if item.plan is None:
        return sanitize(item.refused)
    job = item.job
    if job is None:
        return "left out" if stopped else ""
    if job.outcome is None:
        return sanitize(job.active.title) if job.active is not None else ""
    outcome = job.outcome
    left = f" (left: {', '.join(outcome.leftovers)})" if outcome.leftovers else ""
    return sanitize(outcome.message + left)


def counts(work: Batch) -> str:
    """How many of its requests ended in which way."""
    return _counted(_word(item) for item in work.items)


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in Counter(words).items())


def ended(work: Batch | FanOutJob) -> tuple[str, bool]:
    """How work in several jails ended, and whether all of it went well."""
    if isinstance(work, FanOutJob):
        result = work.failure or _counted(turn.run_status.value for turn in work.many.turns)
        return result, work.many.good and not work.failure
    good = all(item.ending in GOOD for item in work.items)
    return counts(work), good and not work.stopped


def batch_row(index: int, item: Item, glyphs: Glyphs, *, stopped: bool) -> Row:
    """The row of one jail."""
    ending = item.ending
    sign, tone = {
        "waiting": (glyphs.waiting, "dim"),
        "active": (glyphs.active, "accent"),
        "done": (glyphs.done, "ok"),
        "nothing to do": (glyphs.done, "dim"),
    }.get(ending, (glyphs.failed, "bad"))
    return Row(
        str(index),
        (
            (sign, tone),
            (sanitize(item.name), "strong"),
            (_word(item), tone),
            (_said(item, stopped=stopped), "text"),
        ),
    )


class BatchDialog(WorkDialog):
    """Shows a batch."""

    PLACES = ("batch",)
    BINDINGS = bindings("batch", "list", "quiet")

    DEFAULT_CSS = """
    BatchDialog #outcome { height: 4; margin: 1 0 0 0; }
    BatchDialog .box { height: 100%; max-height: 36; }
    """

    work: Batch

    def body(self) -> ComposeResult:
        """The grid and its status."""
        yield Grid(glyphs=self.glyphs, header=False, id="list")
        yield Lines(id="outcome", can_focus=False)

    def fill(self) -> None:
        """Update all rows and the status."""
        longest = max(len(sanitize(item.name)) for item in self.work.items)
        name = max(8, min(longest, 24))
        room = max(10, self.grid.size.width - name - 28)
        self.grid.set_columns(
            (
                Column("glyph", "", 1, 0),
                Column("name", "", name, 0),
                Column("how", "", 16, 0),
                Column("said", "", room, 0),
            )
        )
        rows = [
            batch_row(index, item, self.glyphs, stopped=self.work.stopped)
            for index, item in enumerate(self.work.items)
        ]
        self.grid.set_rows(rows)
        lines: list[Line] = [((self._standing(), "strong"),)]
        item = self._current
        message = _said(item, stopped=self.work.stopped) if item is not None else ""
        if item is not None and message:  # there may be no room for it in the row
            lines.append(((f"{sanitize(item.name)}: {message}", "text"),))
        self.query_one("#outcome", Lines).set_lines(lines)

    @property
    def _current(self) -> Item | None:
        """The row under the cursor."""
        return self.work.items[int(self.grid.key)] if self.grid.key is not None else None

    @on(Grid.Moved)
    def _moved(self) -> None:
        self.draw()

    def _standing(self) -> str:
        endings = [item.ending for item in self.work.items]
        good = sum(ending in GOOD for ending in endings)
        if not self.work.over:
            stopping = " Stopping." if self.work.stopped else ""
            return f"{good} of {len(endings)} done.{stopping}"
        return f"{counts(self.work)}."

    @property
    def selection(self) -> Selection:
        """The work, and the packages that must be replaced in all jails of it."""
        from jailer_core.operations.updates import packages  # noqa: PLC0415 - rarely needed

        jobs = [item.job for item in self.work.items if item.job is not None]
        done = [job.outcome for job in jobs if job.outcome is not None and job.outcome.ok]
        upgrades = [*filter(None, (packages.upgrade(outcome.plan) for outcome in done))]
        names = tuple(name for upgrade in upgrades for name in upgrade.names)
        follows = replace(upgrades[0], names=names) if upgrades else None
        return Selection(work=self.work, follows=follows)

    def action_abort(self) -> None:
        """Ask, then undo what runs and skip the rest."""
        if not (self.work.over or self.work.stopped):
            text = (
                "The running change is undone and the rest is skipped. Finished changes are kept."
            )
            self.ask_to_end("Abort?", text, "Abort", self.work.stop)

    def action_look(self) -> None:
        """Show the steps and output of the row under the cursor."""
        item = self._current
        if item is not None and item.job is not None:
            self.app.push_screen(ProgressDialog(item.job))
