"""`trash list`, `trash restore` and `trash purge`."""

from __future__ import annotations

import re

from jailer_core.model import TrashEntry
from jailer_core.operations.requests import TrashPurge, TrashRestore
from jailer_core.text import human_bytes, visible
from jailer_tui.commandline import jsonform
from jailer_tui.commandline.changing import carry_out
from jailer_tui.commandline.session import Session
from jailer_tui.commandline.table import table

HEADER = ("ENTRY", "NAME", "DESTROYED", "USED", "NOTE")

_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\Z", re.ASCII)


async def listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Carry `trash list` out."""
    inventory = await session.inventory(quick=True)
    if session.flags.json:
        session.json([jsonform.entry(one, inventory) for one in inventory.trash])
    elif inventory.trash:
        session.terminal.out(table([HEADER, *map(_row, inventory.trash)]))
    else:
        session.terminal.out("the trash is empty")
    session.warn(inventory.problems)
    return 0


def _row(entry: TrashEntry) -> tuple[str, ...]:
    why = str(entry.meta.get("because", ""))
    words = (entry.id, entry.name, when(entry.stamp), human_bytes(entry.used), why)
    return tuple(map(visible, words))


def when(stamp: str) -> str:
    """The time in an entry's stamp for people (UTC), "?" when it holds none."""
    found = _STAMP.match(stamp)
    return "{}-{}-{} {}:{}:{}".format(*found.groups()) if found else "?"


async def restore(session: Session, entries: tuple[str, ...]) -> int:
    """Carry `trash restore` out."""
    wanted = dict.fromkeys(entries)
    start = session.flags.start
    return await carry_out(session, [(one, TrashRestore(one, start)) for one in wanted])


async def purge(session: Session, entries: tuple[str, ...]) -> int:
    """Carry `trash purge` out."""
    wanted = dict.fromkeys(entries)
    promote = session.flags.promote
    return await carry_out(session, [(one, TrashPurge(one, promote)) for one in wanted])
