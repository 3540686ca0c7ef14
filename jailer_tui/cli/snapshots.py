"""`snap list` and `snap diff`.

`snap`, `snap destroy`, `snap hold`, `snap release`, `rollback`.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.facts.on_demand import LIMIT, diff as changes
from jailer_core.model import Inventory, Jail, Snapshot
from jailer_core.operations import guards
from jailer_core.operations.snapshots import auto_snapshots, retention, selection
from jailer_core.operations.snapshots.requests import (
    Rollback,
    RollbackDestroy,
    SnapshotTake,
    UndoRollback,
)
from jailer_core.parse.zfsdiff import ADDED, CHANGED, REMOVED, Change
from jailer_core.plan import Needs, Request
from jailer_core.text import human_bytes, sanitize
from jailer_tui.cli.derive import fill
from jailer_tui.cli.run import Wanted, carry_out, stamp
from jailer_tui.cli.session import Session

HEADER = ("JAIL", "SNAPSHOT", "TAKEN (UTC)", "USED", "NOTE")


def not_a_snapshot(operand: str, known: str = "") -> UsageError:
    """The error for an operand without a snapshot; `known` is a hint with existing ones."""
    name = operand.partition("@")[0]
    known = known or (f"See them: snap list {guards.word(name)}" if name else "")
    return UsageError(f"{sanitize(operand)} is not a snapshot", f"Use NAME@SNAP. {known}".strip())


async def listing(session: Session, operands: tuple[str, ...]) -> int:
    """Run `snap list`: of all jails, or of the named ones."""
    inventory = await session.inventory()
    jails_named = [guards.require_jail(inventory, name) for name in dict.fromkeys(operands)]
    asks = (auto_snapshots.marks_ask([jail.dataset for jail in retention.jails(inventory)]),)
    needs = Needs(snapshots=True, commands=asks if retention.jails(inventory) else ())
    inventory = await session.reader.gather(needs)
    selection.snapshots_read(inventory)
    jails = jails_named or sorted(
        {jail.dataset: jail for jail in inventory.jails if jail.dataset}.values(),
        key=lambda jail: jail.name,
    )
    kinds = auto_snapshots.marked(inventory) or {}
    pairs = [(jail, snapshot) for jail in jails for snapshot in _of(inventory, jail)]
    session.listing(
        HEADER,
        pairs,
        lambda pair: _row(*pair, kinds),
        lambda pair: _json(*pair, kinds),
        none="there are no snapshots of jails",
    )
    return session.warn(inventory.problems)


def _of(inventory: Inventory, jail: Jail) -> list[Snapshot]:
    """Snapshots of a jail's datasets, the oldest first; those of one name together."""
    parts = {dataset.name for dataset in inventory.below(jail.dataset)} if jail.dataset else set()
    snapshots = [snapshot for snapshot in inventory.snapshots or () if snapshot.dataset in parts]
    return sorted(
        snapshots, key=lambda snapshot: (snapshot.createtxg, snapshot.name, snapshot.dataset)
    )


def _row(jail: Jail, snapshot: Snapshot, kinds: dict[str, str]) -> tuple[str, ...]:
    below = snapshot.dataset[len(jail.dataset) :]
    taken = time.strftime("%Y-%m-%d %H:%M", time.gmtime(snapshot.creation))
    notes = [below] if below else []
    notes += [f"{kinds[snapshot.full_name]} policy"] if snapshot.full_name in kinds else []
    notes += ["held"] if snapshot.holds else []
    notes += [f"clone: {clone}" for clone in snapshot.clones]
    words = (jail.name, snapshot.name, taken, human_bytes(snapshot.used), ", ".join(notes))
    return tuple(map(sanitize, words))


def _json(jail: Jail, snapshot: Snapshot, kinds: dict[str, str]) -> dict[str, Any]:
    return {
        "jail": jail.name,
        "snapshot": snapshot.name,
        "dataset": snapshot.dataset,
        "guid": snapshot.guid,
        "created": snapshot.creation,
        "used": snapshot.used,
        "referenced": snapshot.referenced,
        "holds": snapshot.holds,
        "clones": list(snapshot.clones),
        "policy": kinds.get(snapshot.full_name, ""),
    }


# --- diff ------------------------------------------------------------------------------------


async def diff(session: Session, operands: tuple[str, ...]) -> int:
    """Run `snap diff`, for each dataset of the jail that has the snapshot."""
    name, at, snapshot = operands[0].partition("@")
    if not at or not snapshot:
        raise not_a_snapshot(operands[0])
    other = operands[1].rpartition("@")[2] if len(operands) > 1 else ""
    complaint, hint = "--limit: {} is not a positive number", "For example: --limit 100"
    limit = session.flags.number("limit", LIMIT, range(1, 10**9 + 1), complaint, hint)
    inventory = await session.reader.gather(Needs(snapshots=True))
    datasets = _having(inventory, name, snapshot, other)
    counts = {ADDED: 0, REMOVED: 0, CHANGED: 0}
    told: list[dict[str, Any]] = []
    for dataset in datasets:
        left = limit - sum(counts.values())
        if left <= 0:
            break
        async with aclosing(changes(session.host, dataset, snapshot, other, left)) as stream:
            async for change in stream:
                counts[change.sign if change.sign in counts else CHANGED] += 1
                told.append(_change(change))
                if not session.flags.json:
                    session.terminal.out(_line(change))
    if session.flags.json:
        session.json(told)
    else:
        session.terminal.out(_summary(counts, limit))
    return 0


def _having(inventory: Inventory, name: str, snapshot: str, other: str) -> tuple[str, ...]:
    """The jail's datasets that have that snapshot (and the later one). Raises Refused."""
    jail = guards.require_jail(inventory, name)
    parts = selection.parts_of(inventory, jail)
    datasets = parts
    for asked in filter(None, (snapshot, other)):
        selection.the_snapshot(inventory, jail, asked)
        having = selection.having(inventory, parts, asked)
        datasets = tuple(dataset for dataset in datasets if dataset.name in having)
    return tuple(dataset.name for dataset in datasets)


def _line(change: Change) -> str:
    new = f" -> {sanitize(change.new)}" if change.new else ""
    return f"{change.sign} {sanitize(change.kind)} {sanitize(change.path)}{new}"


def _change(change: Change) -> dict[str, Any]:
    data = {"change": change.sign, "type": change.kind, "path": change.path, "time": change.time}
    return data | ({"new": change.new} if change.new else {})


def _summary(counts: dict[str, int], limit: int) -> str:
    total = sum(counts.values())
    if not total:
        return "nothing changed"
    message = f"{counts[ADDED]} added, {counts[REMOVED]} removed, {counts[CHANGED]} changed"
    return f"{message}; stopped after {limit}: --limit N shows more" if total >= limit else message


async def take(session: Session, operands: tuple[str, ...]) -> int:
    """Run `snap`; all snapshots of one command have the same name."""
    if session.flags.on("all"):
        if operands:
            raise UsageError("--all and names cannot be combined", "Omit one of them.")
        operands = tuple(jail.name for jail in retention.jails(await session.inventory()))
    elif not operands:
        return await listing(session, ())
    default = retention.by_default(session.host.clock())
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
        raise not_a_snapshot(operand)
    return name, snapshot


def full(inventory: Inventory, operand: str) -> str:
    """The full name for NAME@SNAP, where NAME is a jail or the full name of a dataset."""
    name, snapshot = split(operand)
    if "/" in name:
        return operand
    jail = guards.require_jail(inventory, name)
    if not jail.dataset:
        raise Refused(f"{sanitize(name)} has no dataset of its own")
    return f"{jail.dataset}@{snapshot}"


async def full_names(session: Session, operands: tuple[str, ...]) -> tuple[str, ...]:
    """The full names of several NAME@SNAP. Raises Refused if nothing may be changed."""
    session.may_change()
    inventory = await session.inventory()
    return tuple(full(inventory, operand) for operand in dict.fromkeys(operands))


async def rollback(session: Session, operands: tuple[str, ...]) -> int:
    """Run `rollback`: keep the current state, undo a rollback, or destroy what is newer."""
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
        raise not_a_snapshot(operand)
    raise not_a_snapshot(operand, selection.available(inventory, jail))
