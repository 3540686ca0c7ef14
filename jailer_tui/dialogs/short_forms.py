"""Short forms, each with a habit of its own.

The form that asks for a command: enter in its first field is enough.

The form that takes a snapshot: it shows the exact command, so enter runs it at once.

Options of one fix of the doctor.

Choose one of a jail's logs: its console log, or a file in its /var/log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jailer_core import logs
from jailer_core.errors import UsageError
from jailer_core.logs import Place
from jailer_core.model import Inventory, Jail
from jailer_core.operations.registry import needs
from jailer_core.plan import Plan, Request
from jailer_core.text import human_bytes, sanitize
from jailer_tui.actions import Action, bindings
from jailer_tui.context import AppContext
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.setup import SetupForm
from jailer_tui.forms.small import TakeForm, commands
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Row


class CommandDialog(FormDialog):
    """A form in which most fields are rarely needed."""

    def action_go(self, how: str) -> None:
        """Enter in the first field submits; otherwise as in any form."""
        controls = self.form.controls
        if how == "enter" and controls and self.focused is controls[0]:
            self.action_submit()
        else:
            super().action_go(how)

    def footer_actions(self) -> list[Action]:
        """The actions, with the label of what enter does here."""
        return [
            replace(action, label=self._verb) if action.id == "go:enter" else action
            for action in super().footer_actions()
            if action.id != "submit"
        ]


class SnapshotDialog(CommandDialog):
    """All fields have defaults: enter in the name submits."""

    def __init__(self, title: str, subject: TakeForm, inventory: Inventory) -> None:
        verb = "Take" if len(subject.jails) == 1 else "Preview"
        super().__init__(title, subject, inventory, subject.form.start(), verb=verb)
        self._subject = subject

    def explained(self) -> list[Line]:
        """The command, and the help of the focused field."""
        shown = self._subject.commands(self.inventory, self.values)
        return [*(((f"$ {sanitize(command)}", "key"),) for command in shown), *super().explained()]

    def shows(self, plan: Plan) -> bool:
        """Whether the plan matches the form exactly."""
        return self._subject.commands(self.inventory, self.values) == commands(plan)


class SetupOptionsDialog(FormDialog):
    """Checks the input against the host, and reads more of the host if needed."""

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
        """Draw suggestions and problems; reads missing facts for them."""
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
        """The text below the fields; it says so while the host is being read."""
        lines = super().explained()
        dots = self.glyphs.dots
        return [*lines, ((f"Checking the host{dots}", "accent"),)] if self._asking else lines


CONSOLE = "\0console"
"""The key of its row: no file is called so."""
_FILES = (Column("name", "", 46, 0), Column("size", "", 8, 0, right=True))


async def choose_log(app: AppContext, jail: Jail, now: Place | None) -> Place | None:
    """Let the user choose a log; only from a worker."""
    console = logs.console_log(jail)
    files = None
    with app.telling(), app.busy():
        files = await logs.names(app.reader.host, jail)
    if files is None:
        return None
    rows = [Row(CONSOLE, (("console", "strong"), ("", "dim")))] if console else []
    rows += [
        Row(name, ((sanitize(name), "text"), (human_bytes(size), "dim"))) for name, size in files
    ]
    if not rows:
        app.notify_user(f"{jail.name} has no logs in {logs.FOLDER}")
        return None
    current = CONSOLE if now == console else now.title if now is not None else ""
    dialog = ChoiceDialog("Which log?", _FILES, rows, current)
    chosen = await app.push_screen_wait(dialog)
    if chosen == CONSOLE:
        return console
    return logs.inside_log(jail, chosen) if chosen else None
