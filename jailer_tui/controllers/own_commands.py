"""Commands of the user's own, run through the same preview as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from jailer_core.operations.own.requests import RunOwnCommand
from jailer_core.operations.registry import decide
from jailer_core.settings.schema import OwnCommand
from jailer_tui.actions import Selection
from jailer_tui.actions.chosen import OWN
from jailer_tui.chosen_keys import CHOSEN
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.stores.announcer import fill


class OwnCommandController(Controller):
    """Those of the settings."""

    def handlers(self) -> Mapping[str, Handler]:
        """One for each command."""
        return {
            OWN.format(number): partial(self._handle, command)
            for number, command in enumerate(CHOSEN.commands)
        }

    def _handle(self, command: OwnCommand, selection: Selection) -> None:
        about = command.where == "jail" or any("{jail}" in word for word in command.argv)
        jail = selection.jail if about else None
        name = jail.name if jail is not None else ""
        argv = fill(command.argv, {"jail": name, "host": self.app.view.name})
        request = RunOwnCommand(command.label, argv, name, inside=command.where == "jail")
        if command.confirm:
            self.run(request, selection)
        else:
            self.app.start_task(self._at_once(request), request.op)

    async def _at_once(self, request: RunOwnCommand) -> None:
        plan = decide(await self.app.reader.gather(), request)
        await self.app.runner.show_and_run(plan, shown=True)
