"""A question with two answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult

from jailer_tui.actions import Action, bindings
from jailer_tui.dialogs.base import Buttons, ButtonsDialog
from jailer_tui.widgets.lines import Lines


class ConfirmDialog(ButtonsDialog[bool]):
    """Asks; enter takes the chosen button, which is the second (`no`) unless `safe`."""

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
