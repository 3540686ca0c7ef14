"""`bridge …` and `address`: bridges, their members, and where jails are on the network."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.operations.bridges import common
from jailer_core.operations.bridges.requests import (
    BridgeAdd,
    BridgeChange,
    BridgeRemove,
    MemberAdd,
    MemberRemove,
    Readdress,
)
from jailer_tui.commandline.changing import carry_out
from jailer_tui.commandline.session import Session

NONE = "none"


async def add(session: Session, names: tuple[str, ...]) -> int:
    """Carry `bridge add` out."""
    flags = session.flags
    members = tuple(flags.interface.replace(",", " ").split())
    request = BridgeAdd(
        names[0] if names else "", flags.address, flags.address6, flags.note, members
    )
    name = request.name or common.free_name(await session.inventory())
    return await carry_out(session, [(name, request)])


async def change(session: Session, names: tuple[str, ...]) -> int:
    """Carry `bridge change` out: what is not said stays."""
    flags = session.flags

    def said(text: str) -> str | None:
        return None if not text else "" if text == NONE else text

    request = BridgeChange(names[0], said(flags.address), said(flags.address6), said(flags.note))
    return await carry_out(session, [(names[0], request)])


async def remove(session: Session, names: tuple[str, ...]) -> int:
    """Carry `bridge remove` out."""
    request = BridgeRemove(names[0], release=session.flags.release)
    return await carry_out(session, [(names[0], request)])


async def addm(session: Session, names: tuple[str, ...]) -> int:
    """Carry `bridge addm` out."""
    return await carry_out(session, [(one, MemberAdd(names[0], one)) for one in names[1:]])


async def deletem(session: Session, names: tuple[str, ...]) -> int:
    """Carry `bridge deletem` out."""
    return await carry_out(session, [(one, MemberRemove(names[0], one)) for one in names[1:]])


async def address(session: Session, names: tuple[str, ...]) -> int:
    """Carry `address` out."""
    flags = session.flags
    request = Readdress(names[0], flags.bridge, flags.address, flags.netmask)
    request = replace(
        request, gateway=flags.gateway, address6=flags.address6, gateway6=flags.gateway6
    )
    return await carry_out(session, [(names[0], request)])
