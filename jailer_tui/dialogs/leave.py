"""Ask before quitting while something runs."""

from __future__ import annotations

from textual.app import ComposeResult

from jailer_tui.actions import bindings
from jailer_tui.dialogs.base import Buttons, ButtonsDialog
from jailer_tui.widgets.lines import Lines

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
        """What runs, and the three answers."""
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
        """Stay."""
        self.dismiss(STAY)
