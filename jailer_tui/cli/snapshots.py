"""`snap`, `snap destroy`, `snap hold`, `snap release`, `rollback`."""

from __future__ import annotations

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.snapshots import names, retention, selection
from jailer_core.operations.snapshots.requests import (
    Rollback,
    RollbackDestroy,
    SnapshotTake,
    UndoRollback,
)
from jailer_core.plan import Needs, Request
from jailer_core.text import sanitize
from jailer_tui.cli import snapshot_list
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import Wanted, carry_out, stamp
from jailer_tui.cli.session import Session


async def take(session: Session, operands: tuple[str, ...]) -> int:
    """Run `snap`; all that one command takes have the same name."""
    if session.flags.on("all"):
        if operands:
            raise UsageError("--all and names cannot be combined", "Omit one of them.")
        operands = tuple(jail.name for jail in retention.jails(await session.inventory()))
    elif not operands:
        return await snapshot_list.listing(session, ())
    default = names.by_default(session.host.clock())
    wanteds: list[Wanted] = []
    for operand in dict.fromkeys(operands):
        jail, at, snapshot = operand.partition("@")
        if at and not snapshot:
            raise UsageError(f"{sanitize(operand)} is not a snapshot", "Use NAME or NAME@SNAP.")
        request = fill(SnapshotTake, session.flags, name=jail, snapshot=snapshot or default)
        wanteds.append((f"{jail}@{request.snapshot}", request))
    return await carry_out(session, wanteds)


def split(operand: str) -> tuple[str, str]:
    """Jail and snapshot of NAME@SNAP. Raises UsageError."""
    name, _, snapshot = operand.partition("@")
    if not name or not snapshot:
        raise snapshot_list.not_a_snapshot(operand)
    return name, snapshot


def full(inventory: Inventory, operand: str) -> str:
    """The full name of NAME@SNAP, where NAME is a jail, or a dataset with all its slashes."""
    name, snapshot = split(operand)
    if "/" in name:
        return operand
    jail = guards.require_jail(inventory, name)
    if not jail.dataset:
        raise Refused(f"{sanitize(name)} has no dataset of its own")
    return f"{jail.dataset}@{snapshot}"


async def full_names(session: Session, operands: tuple[str, ...]) -> tuple[str, ...]:
    """The full names of several NAME@SNAP. Raises Refused when nothing may be changed."""
    session.may_change()
    inventory = await session.inventory()
    return tuple(full(inventory, operand) for operand in dict.fromkeys(operands))


async def rollback(session: Session, operands: tuple[str, ...]) -> int:
    """Run `rollback`: keep the present state, undo that, or the plain one that destroys."""
    flags, (operand,) = session.flags, operands
    if flags.on("undo"):
        if flags.on("newer"):
            raise UsageError("--undo and --destroy cannot be combined", "Omit one of them.")
        undo = fill(UndoRollback, flags, entry=operand, stamp=stamp(session))
        return await carry_out(session, [(operand, undo)])
    name, snapshot = await _existing(session, operand)
    request: Request = fill(Rollback, flags, name=name, snapshot=snapshot, stamp=stamp(session))
    if flags.on("newer"):
        request = fill(RollbackDestroy, flags, name=name, snapshot=snapshot)
    return await carry_out(session, [(name, request)])


async def _existing(session: Session, operand: str) -> tuple[str, str]:
    """Jail and snapshot of NAME@SNAP; the error names the snapshots of a jail without one."""
    name, _, snapshot = operand.partition("@")
    if snapshot or not name:
        return split(operand)
    inventory = await session.reader.gather(Needs(snapshots=True))
    jail = inventory.jail(name)
    if jail is None or not jail.dataset or inventory.snapshots is None:
        raise snapshot_list.not_a_snapshot(operand)
    raise snapshot_list.not_a_snapshot(operand, selection.available(inventory, jail))
