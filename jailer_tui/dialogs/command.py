"""The form that asks for a command: enter in its first field is enough."""

from __future__ import annotations

from dataclasses import replace

from jailer_tui.actions import Action
from jailer_tui.dialogs.form import FormDialog


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
