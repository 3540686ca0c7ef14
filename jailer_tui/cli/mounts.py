"""`mount list`: what is mounted inside jails, and what their configuration mounts there."""

from __future__ import annotations

from typing import Any

from jailer_core.errors import Refused
from jailer_core.model import Jail
from jailer_core.operations.mounts import entries
from jailer_core.operations.mounts.entries import Entry
from jailer_core.text import sanitize
from jailer_tui.cli.selection import selected
from jailer_tui.cli.session import Session

HEADER = ("JAIL", "TARGET", "SOURCE", "TYPE", "OPTIONS", "STATE")


async def listing(session: Session, operands: tuple[str, ...]) -> int:
    """Run `mount list`. Raises Refused when there is no such jail."""
    first = await session.inventory()
    jails = selected(session, first.jails, operands)
    inventory = await session.inventory(needs=entries.needs(jails))
    for jail in jails:
        path = entries.unread(inventory, jail)
        if path:
            session.terminal.failed(
                Refused(f"{sanitize(path)}, its fstab, could not be read"), jail.name
            )
    rows = [(jail, entry) for jail in jails for entry in entries.entries(inventory, jail)]
    return session.listing(HEADER, rows, _row, as_json)


def _row(row: tuple[Jail, Entry]) -> tuple[str, ...]:
    jail, entry = row
    words = (jail.name, entry.target, entry.source, entry.fstype, entry.options, entry.state.value)
    return tuple(map(sanitize, words))


def as_json(row: tuple[Jail, Entry]) -> dict[str, Any]:
    """A mount in JSON."""
    jail, entry = row
    return {
        "jail": jail.name,
        "target": entry.target,
        "path": entry.path,
        "source": entry.source,
        "type": entry.fstype,
        "options": entry.options,
        "read_only": entry.read_only,
        "configured": entry.place.value
        if entry.place not in (entries.Place.DATASET, entries.Place.NOWHERE)
        else None,
        "mounted": entry.mounted,
        "state": entry.state.value,
    }
