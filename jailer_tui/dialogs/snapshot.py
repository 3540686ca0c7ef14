"""The form that takes a snapshot: it shows the exact command, so enter runs it at once."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from jailer_core.model import Inventory
from jailer_core.plan import Plan
from jailer_core.text import sanitize
from jailer_tui.actions import Action, bindings
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.snapshots import TakeForm, commands
from jailer_tui.presenters.jails import Line


class SnapshotDialog(FormDialog):
    """Everything has a default: enter in the name takes it."""

    PLACES = ("form",)
    BINDINGS = bindings("form", "quiet")

    def __init__(self, title: str, subject: TakeForm, inventory: Inventory) -> None:
        verb = "Take" if len(subject.jails) == 1 else "Preview"
        super().__init__(title, subject, inventory, subject.form.start(), verb=verb)
        self._subject = subject

    def footer_actions(self) -> list[Action]:
        """The actions, labelled like the first button."""
        return [
            replace(action, label=self._verb) if action.id == "go:enter" else action
            for action in super().footer_actions()
            if action.id != "submit"
        ]

    def explained(self) -> list[Line]:
        """The command, and a line about the field with the focus."""
        shown = self._subject.commands(self.inventory, self.values)
        return [*(((f"$ {sanitize(command)}", "key"),) for command in shown), *super().explained()]

    def shows(self, plan: Plan) -> bool:
        """Whether the plan does exactly what is in the form."""
        return self._subject.commands(self.inventory, self.values) == commands(plan)

    def action_go(self, how: str) -> None:
        """Enter in the name hands it in."""
        if how == "enter" and isinstance(self.focused, Input):
            self.action_submit()
        else:
            super().action_go(how)
