"""Commands of the user's own, run through the same preview as everything else."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.operations.own.requests import RunOwnCommand
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
            OWN.format(number): self._handler(command)
            for number, command in enumerate(CHOSEN.commands)
        }

    def _handler(self, command: OwnCommand) -> Handler:
        def handle(selection: Selection) -> None:
            request = self._request(command, selection)
            if command.confirm:
                self.run(request, selection)
            else:
                self.app.start_task(self._at_once(request), request.op)

        return handle

    def _request(self, command: OwnCommand, selection: Selection) -> RunOwnCommand:
        about = command.where == "jail" or any("{jail}" in word for word in command.argv)
        jail = selection.jail if about else None
        name = jail.name if jail is not None else ""
        argv = fill(command.argv, {"jail": name, "host": self.app.view.name})
        return RunOwnCommand(command.label, argv, name, inside=command.where == "jail")

    async def _at_once(self, request: RunOwnCommand) -> None:
        from jailer_core.operations.registry import decide  # noqa: PLC0415 - long to import

        plan = decide(await self.app.reader.gather(), request)
        await self.app.runner.show_and_run(plan, shown=True)
