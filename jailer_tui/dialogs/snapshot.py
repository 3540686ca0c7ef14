"""The form that takes a snapshot: it shows the exact command, so enter runs it at once."""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.plan import Plan
from jailer_core.text import sanitize
from jailer_tui.dialogs.command import CommandDialog
from jailer_tui.forms.snapshots import TakeForm, commands
from jailer_tui.presenters.jails import Line


class SnapshotDialog(CommandDialog):
    """Everything has a default: enter in the name takes it."""

    def __init__(self, title: str, subject: TakeForm, inventory: Inventory) -> None:
        verb = "Take" if len(subject.jails) == 1 else "Preview"
        super().__init__(title, subject, inventory, subject.form.start(), verb=verb)
        self._subject = subject

    def explained(self) -> list[Line]:
        """The command, and a line about the field with the focus."""
        shown = self._subject.commands(self.inventory, self.values)
        return [*(((f"$ {sanitize(command)}", "key"),) for command in shown), *super().explained()]

    def shows(self, plan: Plan) -> bool:
        """Whether the plan does exactly what is in the form."""
        return self._subject.commands(self.inventory, self.values) == commands(plan)
