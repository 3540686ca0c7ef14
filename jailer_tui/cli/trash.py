"""`trash list`, `trash restore` and `trash purge`."""

from __future__ import annotations

import os

from jailer_core import settings
from jailer_core.errors import UsageError
from jailer_core.model import Inventory, TrashEntry
from jailer_core.operations.jails.purge_order import in_order
from jailer_core.operations.jails.requests import TrashPurge
from jailer_core.operations.shared.trash import is_old, since
from jailer_core.text import human_bytes, sanitize
from jailer_tui.cli import json_output
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

HEADER = ("ENTRY", "NAME", "DESTROYED", "USED", "NOTE")


async def listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `trash list`."""
    inventory = await session.inventory(quick=True)
    old = {entry.id for entry in _old(inventory)}
    session.listing(
        HEADER,
        inventory.trash,
        lambda entry: _row(entry, old),
        lambda entry: json_output.entry(entry, inventory) | {"old": entry.id in old},
        none="the trash is empty",
    )
    if old and not session.flags.json:
        session.terminal.out("old entries are kept until you run: trash purge --old")
    return session.warn(inventory.problems)


def _old(inventory: Inventory) -> list[TrashEntry]:
    """What lies there longer than `trash_days` of the settings. Raises UsageError."""
    days = settings.require(os.environ, "trash_days").trash_days
    return [entry for entry in inventory.trash if is_old(entry, inventory.taken, days)]


def _row(entry: TrashEntry, old: set[str]) -> tuple[str, ...]:
    notes = [str(entry.meta.get("because", "")), "old" if entry.id in old else ""]
    why = ", ".join(note for note in notes if note)
    when = since(entry)
    destroyed = when.strftime("%Y-%m-%d %H:%M:%S") if when is not None else "?"
    words = (entry.id, entry.name, destroyed, human_bytes(entry.used), why)
    return tuple(map(sanitize, words))


async def purge(session: Session, entries: tuple[str, ...]) -> int:
    """Run `trash purge`. Raises UsageError when it is not said what."""
    ids = dict.fromkeys(entries)
    if session.flags.on("old"):
        if entries:
            raise UsageError(
                "trash purge: entries and --old cannot be combined", "Omit one of them."
            )
        ids = dict.fromkeys(
            trash_entry.id for trash_entry in _old(await session.inventory(quick=True))
        )
        if not ids and not session.flags.json:
            session.terminal.out("there are no old entries in the trash")
    elif not entries:
        raise UsageError("trash purge: no entry given", "Name entries, or use --old.")
    requests = [fill(TrashPurge, session.flags, entry=entry) for entry in ids]
    ordered = in_order(await session.inventory(quick=True), requests)
    return await carry_out(session, [(request.entry, request) for request in ordered])
