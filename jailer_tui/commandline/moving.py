"""`rename` and `clone`."""

from __future__ import annotations

import os
import time

from jailer_core.operations.requests import Clone, Rename
from jailer_core.operations.suggest import free_mac
from jailer_tui.commandline.changing import carry_out
from jailer_tui.commandline.session import Session


async def rename(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `rename` out."""
    name, new = operands
    return await carry_out(session, [(name, Rename(name, new))])


async def clone(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `clone` out; NAME@SNAP names the snapshot, as the original's create -s does."""
    session.may_change()
    name, _, snapshot = operands[0].partition("@")
    inventory = await session.inventory()
    request = Clone(
        name=name,
        new=operands[1],
        stamp=time.strftime("%Y%m%dT%H%M%S", time.gmtime(session.host.clock())),
        snapshot=snapshot,
        address=session.flags.address,
        address6=session.flags.address6,
        mac=free_mac(inventory, os.urandom(5)),
        start=session.flags.start is not False,
    )
    return await carry_out(session, [(operands[1], request)])
