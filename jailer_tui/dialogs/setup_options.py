"""Options of one fix of the doctor."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.errors import UsageError
from jailer_core.model import Inventory
from jailer_core.operations.registry import needs
from jailer_core.plan import Request
from jailer_tui.actions import bindings
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.setup import SetupForm
from jailer_tui.presenters.jails import Line
from jailer_tui.state import AppState


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
