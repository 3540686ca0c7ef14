"""`boot list` and `boot order`: which jails start at boot, and in which order."""

from __future__ import annotations

from jailer_core.operations.jails.boot import RC_JAIL, starts_today, switched_off
from jailer_core.operations.jails.requests import BootOrder
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session


async def listing(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `boot list`."""
    await session.inventory()
    inventory = await session.reader.gather(Needs(files=(RC_JAIL,)))
    names = starts_today(inventory)
    if session.flags.json:
        session.json(list(names))
    else:
        for name in names:
            session.terminal.out(sanitize(name))
        if not names:
            session.terminal.err("no jail starts at boot; to choose some: boot order NAME...")
        for note in switched_off(inventory):
            session.terminal.err(sanitize(note))
    return session.warn(inventory.problems)


async def order(session: Session, operands: tuple[str, ...]) -> int:
    """Run `boot order`."""
    return await carry_out(session, [("boot order", BootOrder(operands))])
