"""`bridge add` and `bridge change`."""

from __future__ import annotations

from jailer_core.operations.network.bridges import common
from jailer_core.operations.network.bridges.requests import BridgeAdd, BridgeChange
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

NONE = "none"
"""The word that removes a value."""


async def add(session: Session, names: tuple[str, ...]) -> int:
    """Run `bridge add`; without a name the first free one."""
    request = fill(BridgeAdd, session.flags, name=names[0] if names else "")
    name = request.name or common.free_name(await session.inventory())
    return await carry_out(session, [(name, request)])


async def change(session: Session, names: tuple[str, ...]) -> int:
    """Run `bridge change`: what is not given stays."""
    given = session.flags.given
    removed = {
        name: "" for name in ("address", "address6", "description") if given.get(name) == NONE
    }
    request = fill(BridgeChange, session.flags, name=names[0], **removed)
    return await carry_out(session, [(names[0], request)])
