"""Commands in jails of several hosts: asked for once, run on all hosts, shown as one grid."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut
from jailer_core.operations.in_jail.commands import only_looks
from jailer_core.operations.in_jail.requests import Command
from jailer_core.operations.registry import form_values
from jailer_tui.context import AppContext
from jailer_tui.dialogs.command import CommandDialog
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.forms import commands_in_jails as forms
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.presenters.commands_in_jails import command_lines
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.stores.fleet_fan_out import FleetFanOut
from jailer_tui.stores.fleet_member import FleetJail, Member
from jailer_tui.stores.jobs import FanOutJob


def counted(number: int, word: str) -> str:
    """`1 jail`, `2 jails`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


Part = tuple[str, FanOut]


class FleetCommands:
    """The controller of the fleet has it."""

    def __init__(self, app: AppContext) -> None:
        self.app = app
        self._last = ""

    async def command(self, chosen: Sequence[FleetJail]) -> None:
        """One command in all of them."""
        form = forms.command(_names(chosen), self._last)
        await self._until_it_runs(CommandDialog, "Run a command", form, chosen)

    async def packages(self, chosen: Sequence[FleetJail]) -> None:
        """Packages of all of them."""
        form = forms.packages(_names(chosen), stamp(self.app.reader.host.clock()))
        await self._until_it_runs(FormDialog, "Packages", form, chosen)

    async def _until_it_runs(
        self,
        kind: type[FormDialog],
        title: str,
        form: DerivedForm,
        chosen: Sequence[FleetJail],
    ) -> None:
        inventory = self.app.view.inventory
        if inventory is None:
            return
        dialog = kind(title, form, inventory, form.start(form_values(inventory, form.blank())))
        self.app.push_screen(dialog)
        while (given := await dialog.answer()) is not None:
            request: Any = form.request(dialog.inventory, given)
            self._last = given.get("argv", "").strip() or self._last
            try:
                with self.app.busy():
                    parts = await _parts(chosen, request)
            except JailerError as error:
                dialog.refuse(error)
                continue
            if not only_looks(request) and not await self._agreed(parts):
                continue
            dialog.dismiss(None)
            self._run(parts)
            return

    async def _agreed(self, parts: Sequence[Part]) -> bool:
        lines = [line for name, part in parts for line in command_lines(part.plan, name)]
        agreed: bool | None = await self.app.push_screen_wait(
            PreviewDialog("Preview", lines, careful=True)
        )
        return bool(agreed)

    def _run(self, parts: Sequence[Part]) -> None:
        jails = sum(len(part.turns) for _, part in parts)
        title = f"Run in {counted(jails, 'jail')} on {counted(len(parts), 'host')}"
        crowd = FanOutJob(FleetFanOut(title, parts))
        self.app.jobs.start_crowd(crowd)
        self.app.show_work(crowd)


def _names(chosen: Sequence[FleetJail]) -> tuple[str, ...]:
    return tuple(f"{entry.member.name}:{entry.jail.name}" for entry in chosen)


async def _parts(chosen: Sequence[FleetJail], request: Command) -> list[Part]:
    """What runs on each host. Raises JailerError."""

    async def on_host(member: Member) -> Part:
        names = tuple(entry.jail.name for entry in chosen if entry.member is member)
        reader = member.session.reader
        return member.name, FanOut(reader, await prepare(reader, replace(request, names=names)))

    members = dict.fromkeys(entry.member for entry in chosen)
    return list(await asyncio.gather(*map(on_host, members)))
