"""Questions with few answers, and pages to read.

A question with two answers.

A page to read in a box.

Ask before quitting while something runs.

Everything that is wrong with the network, with what to do about it.

One earlier change: its steps, commands, and changes to files.

An interrupted change: what happened, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult

from jailer_core.topology import Diagnostic
from jailer_tui.actions import Action, Selection, bindings
from jailer_tui.dialogs.base import Buttons, ButtonsDialog, Dialog
from jailer_tui.presenters.activity import Change, detail, steps
from jailer_tui.presenters.jails import Line
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.lines import Lines


class ConfirmDialog(ButtonsDialog[bool]):
    """Asks a question; the preselected button is the second one (`no`) unless `safe`."""

    answers = (True, False)
    PLACES = ("confirm", "question")
    BINDINGS = bindings("confirm", "question", "text", "quiet")

    DEFAULT_CSS = """
    ConfirmDialog .box { max-width: 64; }
    """

    def __init__(
        self, title: str, lines: Sequence[str], verb: str, *, no: str = "Cancel", safe: bool = False
    ) -> None:
        super().__init__(title, danger=not safe)
        self._said = lines
        self._verb = verb
        self._no = no
        self._safe = safe

    def body(self) -> ComposeResult:
        """The question and the buttons."""
        yield Lines([((line, "text"),) for line in self._said], id="text")
        yield Buttons((self._verb, self._no), chosen=0 if self._safe else 1)

    def footer_actions(self) -> list[Action]:
        """The actions, labelled like the buttons."""
        return [
            replace(action, label=self._verb if action.id == "yes" else self._no)
            for action in super().footer_actions()
        ]

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(result=True)

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(result=False)


class PageDialog(Dialog[None]):
    """Lines that can be scrolled, searched and copied."""

    PLACES = ("help",)
    BINDINGS = bindings("help", "text", "copyable", "quiet")

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__(title)
        self._lines = tuple(lines)

    def begin(self) -> None:
        """Ready to scroll."""
        self.text.set_lines(self._lines)
        self.text.focus()


STAY, FINISH, UNDO = "stay", "finish", "undo"


class LeaveDialog(ButtonsDialog[str]):
    """Answers stay, finish (leave when it has ended) or undo (abort, then leave)."""

    answers = (STAY, FINISH, UNDO)
    PLACES = ("confirm",)
    BINDINGS = bindings("confirm", "text", "quiet")

    DEFAULT_CSS = """
    LeaveDialog .box { max-width: 72; }
    """

    def __init__(self, running: list[str]) -> None:
        super().__init__("Quit?", danger=True)
        self._titles = running

    def body(self) -> ComposeResult:
        """The running jobs and the three answers."""
        yield Lines(
            [
                (("Changes are in progress:", "text"),),
                *((((f"  {title}", "strong"),)) for title in self._titles),
                (),
                (("Finish: close the screen now; the changes finish without it.", "dim"),),
                (("Undo: stop, undo what was done, then quit.", "dim"),),
            ],
            id="text",
        )
        yield Buttons(("Stay", "Finish", "Undo"))

    def action_cancel(self) -> None:
        """Answer stay."""
        self.dismiss(STAY)


def network_problems(diagnostics: Sequence[Diagnostic], glyphs: Glyphs) -> PageDialog:
    """A page to read."""
    return PageDialog("Network problems", _lines(diagnostics, glyphs))


def _lines(diagnostics: Sequence[Diagnostic], glyphs: Glyphs) -> list[Line]:
    """Two lines for each problem, the most serious first."""
    if not diagnostics:
        return [(("No problems found.", "ok"),)]
    lines: list[Line] = []
    for diagnostic in diagnostics:
        lines += [()] if lines else []
        lines.append(((f"{glyphs.broken} {diagnostic.message}", "bad"),))
        lines.append(((f"  {diagnostic.hint}", "text"),))
    return lines


class ChangeDetailDialog(Dialog[None]):
    """The details of a change, which can be undone from here."""

    PLACES = ("change",)
    BINDINGS = bindings("change", "text", "quiet")

    def __init__(self, change: Change, other: Callable[[str], Change | None]) -> None:
        super().__init__(change.title)
        self._change = change
        self._other = other

    def action_object(self, how: str) -> None:
        """Show the `next` or `previous` change of the list."""
        change = self._other(how)
        if change is not None:
            self._change = change
            self.query_one(".box").border_title = change.title
            self.begin()
            self.keys.update()

    def begin(self) -> None:
        """Show everything."""
        entry = self._change.entry
        if entry is not None:
            change = Change(entry.id, entry.title, entry.state, entry.who, entry=entry)
            _, *rest = detail(change, self.glyphs)
            self.text.set_lines([*rest, (), *steps(entry, self.glyphs, full=True)])
        self.text.focus()

    @property
    def selection(self) -> Selection:
        """The change; the page is closed when its undo runs."""
        return Selection(changes=True, change=self._change, accepted=lambda: self.dismiss(None))


UNDO_INTERRUPTED, GO_ON, LEAVE, END, LATER = "undo", "go on", "leave", "end", "later"
ENDED = {"Undo": UNDO_INTERRUPTED, "Resume": GO_ON, "Dismiss": LEAVE, "Later": LATER}
RUNNING = {"Terminate it": END, "Later": LATER}
LOOK = 1.0
"""Seconds between two looks at a command that still runs."""


class InterruptedChangeDialog(ButtonsDialog[str]):
    """Answers undo, go on, leave, end (the command that still runs) or later.

    `running` says which of its commands run now; while one does, there is nothing to decide but
    whether to wait for it.
    """

    PLACES = ("cut_off",)
    BINDINGS = bindings("cut_off", "text", "quiet")

    DEFAULT_CSS = """
    InterruptedChangeDialog .box { max-width: 74; }
    """

    def __init__(
        self, lines: Sequence[str], running: Callable[[], Awaitable[Sequence[str]]]
    ) -> None:
        super().__init__("Interrupted change", danger=True)
        self._said = lines
        self._commands = running
        self._now: Sequence[str] | None = None

    def body(self) -> ComposeResult:
        """A text about what happened, and the answers."""
        yield Lines(id="text")
        yield Buttons(("Later",))

    def begin(self) -> None:
        """Poll for running commands."""
        self._draw()
        super().begin()
        self._look()
        self.set_interval(LOOK, self._look)

    def _look(self) -> None:
        work: Any = self._ask  # a coroutine that is never started would complain
        self.run_worker(work, group="look", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        commands = await self._commands()
        if commands != self._now and not self.is_left:
            self._now = commands
            self._draw()

    def _draw(self) -> None:
        lines: list[Line] = [((line, "text"),) for line in self._said]
        if self._now:
            lines += [(), (("One of its commands is still running:", "warn"),)]
            lines += [((f"  {line}", "strong"),) for line in self._now]
            lines += [(), (("Wait here until it has finished, or terminate it.", "dim"),)]
        elif self._now is not None:
            lines += [
                (),
                (("Undo: undo what it did.", "dim"),),
                (("Resume: run the remaining steps.", "dim"),),
                (("Dismiss: keep everything as it is and do not ask again.", "dim"),),
                (("Later: nothing else can be changed until you decide.", "dim"),),
            ]
        self.text.set_lines(lines)
        answers = {"Later": LATER} if self._now is None else RUNNING if self._now else ENDED
        self.answers = tuple(answers.values())
        buttons = self.query_one(Buttons)
        buttons.chosen = 1 if self._now else 0  # what ends a command is never the first answer
        buttons.rename(tuple(answers))
        self.call_after_refresh(self._settle)

    def action_leave_dialog(self) -> None:
        """Decide later."""
        self.dismiss(LATER)
