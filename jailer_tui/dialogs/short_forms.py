"""Short forms, each with a habit of its own.

The form that asks for a command: enter in its first field is enough.

The form that takes a snapshot: it shows the exact command, so enter runs it at once.

Options of one fix of the doctor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jailer_core.errors import UsageError
from jailer_core.model import Inventory
from jailer_core.operations.registry import needs
from jailer_core.plan import Plan, Request
from jailer_core.text import sanitize
from jailer_tui.actions import Action, bindings
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.setup import SetupForm
from jailer_tui.forms.small import TakeForm, commands
from jailer_tui.presenters.jails import Line
from jailer_tui.state import AppState


class CommandDialog(FormDialog):
    """A form whose other fields are rarely needed."""

    def action_go(self, how: str) -> None:
        """Enter in the first field hands in; everything else as in any form."""
        controls = self.form.controls
        if how == "enter" and controls and self.focused is controls[0]:
            self.action_submit()
        else:
            super().action_go(how)

    def footer_actions(self) -> list[Action]:
        """What enter does here."""
        return [
            replace(action, label=self._verb) if action.id == "go:enter" else action
            for action in super().footer_actions()
            if action.id != "submit"
        ]


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


class SetupOptionsDialog(FormDialog):
    """Checks what is typed against the host, which is looked at again where that is needed."""

    PLACES = ("choices",)
    BINDINGS = bindings("choices", "quiet")

    def __init__(
        self, title: str, subject: SetupForm, inventory: Inventory, values: Mapping[str, str]
    ) -> None:
        super().__init__(title, subject, inventory, values, verb="Accept")
        self._fix = subject
        self._asked: Request | None = None
        self._asking = False

    def show(self, view: AppState) -> None:
        """Show the refreshed state."""
        self._asking = view.examined.asking
        if view.examined.inventory is not None:
            self.learn(view.examined.inventory)

    def draw(self) -> None:
        """Suggestions and problems; what they hang on is read when it was not yet."""
        super().draw()
        try:
            init = self._fix.request(self.values)
        except UsageError:
            return
        commands, answered = needs(self.inventory, init).commands, self.inventory.command_results
        if init != self._asked and any(command not in answered for command in commands):
            self._asked = init
            self.jailer.session.examination.look(init)

    action_accept = FormDialog.action_submit

    def explained(self) -> list[Line]:
        """While the host is being looked at, nothing that is said is final."""
        lines = super().explained()
        dots = self.glyphs.dots
        return [*lines, ((f"Checking the host{dots}", "accent"),)] if self._asking else lines
