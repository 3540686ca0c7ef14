"""An interrupted change: what happened, and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual.app import ComposeResult

from jailer_tui.actions import bindings
from jailer_tui.dialogs.base import Buttons, ButtonsDialog
from jailer_tui.presenters.jails import Line
from jailer_tui.widgets.lines import Lines

UNDO, GO_ON, LEAVE, END, LATER = "undo", "go on", "leave", "end", "later"
ENDED = {"Undo": UNDO, "Resume": GO_ON, "Dismiss": LEAVE, "Later": LATER}
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
        """What happened, and the answers."""
        yield Lines(id="text")
        yield Buttons(("Later",))

    def begin(self) -> None:
        """Look what runs, again and again."""
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
        """Later."""
        self.dismiss(LATER)
