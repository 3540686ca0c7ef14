"""Commands in jails of several hosts, and the undo of what was done on several hosts.

Commands in jails of several hosts: asked for once, run on all hosts, shown as one grid.

Undo of what was done on several hosts: one preview, and one row of results for each change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut
from jailer_core.operations.in_jail.commands import only_looks
from jailer_core.operations.in_jail.requests import Command
from jailer_core.operations.undo.entry import why_no_undo
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.text import counted
from jailer_tui.controllers import recovery
from jailer_tui.controllers.base import WorkContext
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.operation_runner import item_on, why_not_on
from jailer_tui.presenters.commands_in_jails import command_lines
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.stores.fleet import FleetBatch, FleetFanOut
from jailer_tui.stores.fleet_member import FleetJail, Member, why_not_reached
from jailer_tui.stores.jobs import Item

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


Done = tuple[Item, Member]


class FleetUndo:
    """Used by the fleet controller."""

    def __init__(self, app: WorkContext) -> None:
        self.app = app

    async def last(self, current: Member | None) -> None:
        """Undo the last change of several hosts, else the last change on `current`."""
        fleet = self.app.fleet
        for batch in reversed(fleet.batches if fleet is not None else ()):
            with self.app.busy():
                items = await _items(batch)
            if items:
                title, members = f"Undo: {batch.title}", [member for _, member in items]
                listed = [item for item, _ in items]
                await self.app.runner.confirm_on_hosts(title, listed, members)
                return
        if current is not None:
            await self.on_host(current)

    async def on_host(self, member: Member) -> None:
        """Go to that host, and undo its last change."""
        self.app.show_host(member.session)
        why = why_not_on(member)
        if why:
            self.app.notify_user(f"Undo: {member.name}: {why}")
        else:
            await recovery.undo_last(self.app)


async def _items(batch: FleetBatch) -> list[Done]:
    """How each change of a batch is undone: hosts side by side, on each the last one first."""
    made: dict[int, list[Done]] = {}

    async def on_host(member: Member) -> None:
        made[id(member)] = await _of_host(member, batch.items_on(member))

    members = dict.fromkeys(member for _, member in batch.pairs())
    await asyncio.gather(*map(on_host, members))
    return [pair for member in members for pair in made[id(member)]]


async def _of_host(member: Member, items: list[Item]) -> list[Done]:
    began = [item for item in reversed(items) if item.job is not None and item.job.entry]
    reached = not why_not_reached(member)
    journal = (await member.session.past.read()).entries or () if reached and began else ()
    entries = {entry.id: entry for entry in journal}
    undone: list[Done] = []
    for item in began:
        assert item.job is not None  # noqa: S101 - it began
        entry = entries.get(item.job.entry)
        request = UndoChange(item.job.entry, stamp(member.session.host.clock()))
        why = why_not_on(member)
        if not why and entry is None:
            why = "its journal does not have the change"
        elif not why and entry is not None:
            if entry.reversed_by:
                continue  # it is undone
            why = why_no_undo(entry)
        undone.append((await item_on(member, request, item.name, why), member))
    return undone
