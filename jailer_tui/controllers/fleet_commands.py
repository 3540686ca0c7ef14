"""Commands in jails of several hosts: asked for once, run on all hosts, shown as one grid."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut
from jailer_core.operations.in_jail.commands import only_looks
from jailer_core.operations.in_jail.requests import Command
from jailer_core.text import counted
from jailer_tui.controllers.base import WorkContext
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.presenters.commands_in_jails import command_lines
from jailer_tui.stores.fleet_fan_out import FleetFanOut
from jailer_tui.stores.fleet_member import FleetJail, Member

Part = tuple[str, FanOut]


async def agreed(
    app: WorkContext, chosen: Sequence[FleetJail], request: Command
) -> FleetFanOut | None:
    """What runs on all hosts, once that is wanted. Raises JailerError."""
    with app.busy():
        parts = await _parts(chosen, request)
    lines = [line for name, part in parts for line in command_lines(part.plan, name)]
    preview = PreviewDialog("Preview", lines, careful=True)
    if not only_looks(request) and not await app.push_screen_wait(preview):
        return None
    jails = sum(len(part.turns) for _, part in parts)
    title = f"Run in {counted(jails, 'jail')} on {counted(len(parts), 'host')}"
    return FleetFanOut(title, parts)


async def _parts(chosen: Sequence[FleetJail], request: Command) -> list[Part]:
    """What runs on each host. Raises JailerError."""

    async def on_host(member: Member) -> Part:
        names = tuple(entry.jail.name for entry in chosen if entry.member is member)
        reader = member.session.reader
        return member.name, FanOut(reader, await prepare(reader, replace(request, names=names)))

    members = dict.fromkeys(entry.member for entry in chosen)
    return list(await asyncio.gather(*map(on_host, members)))
