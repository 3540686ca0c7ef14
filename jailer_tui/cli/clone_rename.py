"""`clone`."""

from __future__ import annotations

import os

from jailer_core.operations.jails.create_defaults import free_mac
from jailer_core.operations.jails.requests import Clone
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session


async def clone(session: Session, operands: tuple[str, ...]) -> int:
    """Run `clone`; NAME@SNAP names the snapshot, as create -s of `jailer` does."""
    session.may_change()
    name, _, snapshot = operands[0].partition("@")
    mac = free_mac(await session.inventory(), os.urandom(5))
    request = fill(
        Clone,
        session.flags,
        name=name,
        new=operands[1],
        stamp=stamp(session),
        snapshot=snapshot,
        mac=mac,
    )
    return await carry_out(session, [(operands[1], request)])
