"""The progress of a plan: steps, live output, a way to stop it, and its outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from jailer_core.operations.in_jail.requests import Packages
from jailer_core.plan import Outcome, OutcomeStatus
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.confirm import ConfirmDialog
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.plan_steps import bar
from jailer_tui.stores.job import Job, StepProgress
from jailer_tui.stores.jobs import FanOutJob, Work
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.lines import Bar, Lines

if TYPE_CHECKING:
    from jailer_core.execution.fan_out import JailRun

_TONES = {
    "command": ("", "key"),
    "undo": ("undo: ", "warn"),
    "output": ("  ", "text"),
    "error": ("  ", "bad"),
}


CREATES = ("create", "clone")
"""Operations that make a new jail."""
NEXT = (("console", "console"), ("nat", "make a port reachable"), ("log", "log"))
"""What one does with a new jail, by action."""


def stage_line(stage: StepProgress, glyphs: Glyphs) -> Line:
    """One step with its symbol, and its remaining time if it may take long."""
    sign, tone = {
        "waiting": (glyphs.waiting, "dim"),
        "active": (glyphs.active, "accent"),
        "done": (glyphs.done, "ok"),
        "failed": (glyphs.failed, "bad"),
        "undone": (glyphs.undone, "warn"),
    }[stage.state]
    line: Line = ((f"{sign} ", tone), (sanitize(stage.title), "dim" if tone == "dim" else "text"))
    if stage.state == "active" and stage.wait and stage.measure is None:
        line += ((f"  at most {_left(stage)} s more", "dim"),)
    elif stage.state == "done" and stage.seconds >= 1:
        line += ((f"  {stage.seconds:.0f} s", "dim"),)
    return line


def _left(stage: StepProgress) -> int:
    """Seconds until the step is given up."""
    return max(0, round(stage.timeout - (time.monotonic() - stage.began)))


def outcome_lines(outcome: Outcome, glyphs: Glyphs) -> list[Line]:
    """The result: the reason of a failure, what was undone, what is left, what to do next."""
    good = outcome.status in (OutcomeStatus.DONE, OutcomeStatus.NOTHING)
    sign, tone = (glyphs.done, "ok") if good else (glyphs.failed, "bad")
    word = outcome.status.value.capitalize()
    message = f": {sanitize(outcome.message)}" if outcome.message else ""
    took = f" in {outcome.seconds:.0f} s" if good and outcome.seconds >= 1 else ""
    lines: list[Line] = [((f"{sign} {word}{took}{message}", tone),)]
    if not good and outcome.status not in (OutcomeStatus.REFUSED, OutcomeStatus.CHANGED):
        if outcome.undone and not outcome.leftovers:
            lines.append((("Everything that was done has been undone.", "text"),))
        elif outcome.leftovers:
            lines.append((("Still different from before:", "warn"),))
            lines += [
                ((f"  {glyphs.dot} {sanitize(leftover)}", "warn"),)
                for leftover in outcome.leftovers
            ]
    if outcome.hint:
        lines.append(((sanitize(outcome.hint), "accent"),))
    lines += [((sanitize(note), "dim"),) for note in outcome.notes]
    return lines


class WorkDialog(Dialog[None]):
    """Shows a job, and redraws when it changes; the job continues without the dialog."""

    ROOMY = True

    def __init__(self, work: Work) -> None:
        super().__init__(work.title)
        self.work = work
        self._listeners: list[Any] = (
            work.many.listeners if isinstance(work, FanOutJob) else work.listeners
        )
        self._pending = False

    def begin(self) -> None:
        """Listen; keys go to the list, or to the text."""
        self._listeners.append(self._changed)
        self.set_interval(1.0, self.tick)
        self.draw()
        self.query_one("#list, #text").focus()

    def settle(self) -> None:
        """The list or the text takes what is left."""
        self.query_one("#list, #text").styles.height = "1fr"
        self.draw()

    def tick(self) -> None:
        """A second has passed: some times are other ones now."""

    def on_unmount(self) -> None:
        """Stop listening to the job."""
        if self._changed in self._listeners:
            self._listeners.remove(self._changed)

    def _changed(self, _turn: JailRun | None = None) -> None:
        if not self._pending:
            self._pending = True
            self.draw_soon()

    def draw_soon(self) -> None:
        """Draw once for all changes that come together."""
        self.call_later(self.draw)

    def draw(self) -> None:
        """Draw the job, and the keys that are possible now."""
        self._pending = False
        if not self.is_left:
            self.fill()
            self.keys.offer(self.footer_actions())

    def fill(self) -> None:
        """Draw the job."""
        raise NotImplementedError

    def ask_to_end(self, title: str, text: str, verb: str, end: Callable[[], object]) -> None:
        """Ask, then stop it."""

        def answered(sure: bool | None) -> None:
            if sure:
                end()
                self.draw()

        ask = ConfirmDialog(title, [text], verb, no="Keep running")
        self.app.push_screen(ask, answered)


class ProgressDialog(WorkDialog):
    """Shows a job."""

    PLACES = ("progress",)
    BINDINGS = bindings("progress", "text", "quiet")

    DEFAULT_CSS = """
    ProgressDialog #stages { height: auto; max-height: 8; margin: 0 0 1 0; }
    ProgressDialog #measure { margin: 0 0 1 0; }
    ProgressDialog #outcome { height: auto; max-height: 8; margin: 1 0 0 0; }
    ProgressDialog .box { height: 100%; max-height: 36; }
    """

    work: Job

    def body(self) -> ComposeResult:
        """Steps, output, outcome."""
        yield Lines(id="stages")
        yield Bar(id="measure", bar=False)
        yield Lines(id="text", follow=True)
        yield Lines(id="outcome")

    def tick(self) -> None:
        """The time that is left."""
        stage = self.work.active
        if stage is not None and stage.wait:
            self.draw()

    def fill(self) -> None:
        """Draw the steps, the progress of the running one, the output and the outcome."""
        job = self.work
        stages = [*job.stages, *job.undoing]
        shown = self.query_one("#stages", Lines)
        shown.set_lines([stage_line(stage, self.glyphs) for stage in stages])
        if job.active is not None:
            shown.see(stages.index(job.active))
        progress, measure = self.query_one("#measure", Bar), job.measure
        progress.display = measure is not None
        if measure is not None:
            progress.show(bar(measure, progress.size.width or self.text.size.width, self.glyphs))
        self.text.set_lines(_output(job))
        self.query_one("#outcome", Lines).set_lines(self._end())

    def _end(self) -> list[Line]:
        outcome = self.work.outcome
        if outcome is not None:
            return [*outcome_lines(outcome, self.glyphs), *self._next(outcome)]
        if self.work.abort.is_set():
            return [(("Stopping and undoing what was done…", "warn"),)]
        if not self.work.began:
            return [(("Waiting for other changes to finish.", "dim"),)]
        stage = self.work.active
        if self.work.held is not None and stage is not None:
            spans = ("  keeps the change.", "text"), (f"  Undone in {_left(stage)} s.", "warn")
            return [(("Still connected?  ", "strong"), (key_for("keep"), "key"), *spans)]
        wait = f": {sanitize(stage.wait)}. " if stage is not None and stage.wait else ". "
        spans = (key_for("close"), "key"), (" leaves it in the background.", "dim")
        return [((f"Running{wait}", "accent"), *spans)]

    def _next(self, outcome: Outcome) -> list[Line]:
        """What one does next with a new jail, or one that has another base."""
        if self._follows() is not None:
            replaces = (" replaces its packages, which no longer fit.", "text")
            return [(("Next: ", "dim"), (key_for("packages_after"), "key"), replaces)]
        if self.work.plan.request.op not in CREATES or not outcome.ok:
            return []
        spans: list[Span] = [("Next: ", "dim")]
        for name, words in NEXT:
            spans += [(key_for(name), "key"), (f" {words}  ", "dim")]
        return [tuple(spans)]

    @property
    def selection(self) -> Selection:
        """The job, and whether it waits for confirmation."""
        held = self.work.held is not None
        return Selection(work=self.work, held=held, follows=self._follows())

    def _follows(self) -> Packages | None:
        """Packages that must be replaced, once it is done."""
        from jailer_core.operations.updates import packages  # noqa: PLC0415 - rarely needed

        outcome = self.work.outcome
        return packages.upgrade(outcome.plan) if outcome is not None and outcome.ok else None

    def action_keep(self) -> None:
        """Confirm that the connection still works."""
        self.jailer.beside(self.jailer.runner.keep(self.work), "keep")

    def action_close(self) -> None:
        """Close the dialog, unless a confirmation is pending."""
        if self.work.held is None:
            self.dismiss(None)

    def action_abort(self) -> None:
        """Ask, then abort the job and undo it."""
        if not (self.work.over or self.work.abort.is_set()):
            text = "The running step is stopped and what was done is undone."
            self.ask_to_end("Abort?", text, "Abort", self.work.stop)


def _output(job: Job) -> list[Line]:
    lines: list[Line] = []
    if job.cut:
        lines.append(((f"({job.cut} earlier lines)", "dim"),))
    for kind, text in job.lines:
        before, tone = _TONES[kind]
        lines.append(((before + text.expandtabs(8), tone),))
    return lines
