"""`snap`, `snap destroy`, `snap hold`, `snap release`, `rollback`."""

from __future__ import annotations

import time

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.snapshots import names, policy
from jailer_core.operations.snapshots.requests import (
    GoBack,
    GoForward,
    RollBack,
    SnapDestroy,
    SnapHold,
    SnapRelease,
    SnapTake,
)
from jailer_core.plan import Request
from jailer_core.text import visible
from jailer_tui.commandline import snaplist
from jailer_tui.commandline.changing import Wanted, carry_out
from jailer_tui.commandline.session import Session


async def take(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `snap` out; all that one command takes have the same name."""
    if session.flags.all:
        if operands:
            raise UsageError("--all goes with no name", "Leave one out.")
        operands = tuple(one.name for one in policy.jails(await session.inventory()))
    elif not operands:
        return await snaplist.listing(session, ())
    default = names.by_default(session.host.clock())
    wanted: list[Wanted] = []
    for one in dict.fromkeys(operands):
        jail, at, snapshot = one.partition("@")
        if at and not snapshot:
            raise UsageError(f"{visible(one)} names no snapshot", "Write NAME or NAME@SNAP.")
        request = SnapTake(jail, snapshot or default, recursive=not session.flags.alone)
        wanted.append((f"{jail}@{request.snapshot}", request))
    return await carry_out(session, wanted)


def split(operand: str) -> tuple[str, str]:
    """Jail and snapshot of NAME@SNAP. Raises UsageError."""
    name, _, snapshot = operand.partition("@")
    if not name or not snapshot:
        raise UsageError(f"{visible(operand)} names no snapshot", "Write NAME@SNAP.")
    return name, snapshot


def full(inventory: Inventory, operand: str) -> str:
    """The full name of NAME@SNAP, where NAME is a jail, or a dataset with all its slashes."""
    name, snapshot = split(operand)
    if "/" in name:
        return operand
    jail = guards.the_jail(inventory, name)
    if not jail.dataset:
        raise Refused(f"{visible(name)} has no dataset of its own")
    return f"{jail.dataset}@{snapshot}"


async def _full(session: Session, operands: tuple[str, ...]) -> tuple[str, ...]:
    session.may_change()
    inventory = await session.inventory()
    return tuple(full(inventory, one) for one in dict.fromkeys(operands))


async def _one(session: Session, operands: tuple[str, ...], request: Request) -> int:
    return await carry_out(session, [(", ".join(operands), request)])


async def destroy(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `snap destroy` out."""
    chosen = await _full(session, operands)
    request = SnapDestroy(chosen, recursive=not session.flags.alone)
    return await _one(session, operands, request)


async def hold(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `snap hold` out."""
    chosen = await _full(session, operands)
    tag = session.flags.tag or "keep"
    return await _one(session, operands, SnapHold(chosen, tag, recursive=not session.flags.alone))


async def release(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `snap release` out."""
    chosen = await _full(session, operands)
    request = SnapRelease(chosen, session.flags.tag, recursive=not session.flags.alone)
    return await _one(session, operands, request)


async def rollback(session: Session, operands: tuple[str, ...]) -> int:
    """Carry `rollback` out: going back, undoing that, or the plain one that destroys."""
    flags, (operand,) = session.flags, operands
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(session.host.clock()))
    if flags.undo:
        if flags.newer:
            raise UsageError("--undo and --destroy do not go together", "Leave one out.")
        return await _one(session, operands, GoForward(operand, stamp, flags.start))
    name, snapshot = split(operand)
    request: Request = GoBack(name, snapshot, stamp, flags.start)
    if flags.newer:
        request = RollBack(name, snapshot, flags.start)
    return await carry_out(session, [(name, request)])
