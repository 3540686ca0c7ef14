"""What is done inside jails: consoles, commands, packages, services, processes, logs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from jailer_tui.controllers.base import Controller

if TYPE_CHECKING:
    from jailer_tui.controllers.commands_in_jails import CommandController


class InJailController(Controller):
    """The jail under the cursor, or all marked ones."""

    @cached_property
    def inside(self) -> CommandController:
        """What is done inside jails; imported with the first such key."""
        from jailer_tui.controllers.commands_in_jails import CommandController  # noqa: PLC0415

        return CommandController(self.app)

    def do_console(self) -> None:
        """A terminal inside the jail under the cursor."""
        from jailer_tui.controllers.console import open_console  # noqa: PLC0415

        jail = self.face.current
        if jail is not None:
            open_console(self.app, jail)

    def do_full_terminal(self) -> None:
        """The same on the real terminal."""
        from jailer_tui.controllers.console import full_terminal  # noqa: PLC0415

        jail = self.face.current
        if jail is not None:
            full_terminal(self.app, jail)

    def do_exec(self) -> None:
        """A command in the chosen jails."""
        self.inside.command(self.face.chosen)

    def do_packages(self) -> None:
        """Packages of the chosen jails."""
        self.inside.packages(self.face.chosen)

    def do_services(self) -> None:
        """Services of the chosen jails."""
        self.app.start_task(self.inside.services(self.face.chosen), "services")

    def do_processes(self) -> None:
        """The processes of the jail under the cursor."""
        jail = self.face.current
        if jail is None or not jail.running:
            self.app.notify_user(
                "Processes: no jail is selected" if jail is None else f"{jail.name} is not running"
            )
            return
        from jailer_tui.screens.processes import ProcessesScreen  # noqa: PLC0415

        self.app.push_screen(ProcessesScreen(self.app.view, self.app.key_of(jail)))

    def do_log(self) -> None:
        """The log of the jail under the cursor."""
        jail = self.face.current
        if jail is None:
            self.app.notify_user("Log: no jail is selected")
            return
        from jailer_tui.screens.log import LogScreen  # noqa: PLC0415

        self.app.push_screen(LogScreen(self.app.view, self.app.key_of(jail)))
