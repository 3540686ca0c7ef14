"""`snap policy`, `snap schedule`, `snap auto`."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.snapshots import (
    auto_snapshots as automatic,
    retention as keeping,
    schedule as cron,
)
from jailer_core.operations.snapshots.requests import SnapshotAuto, SnapshotPolicy, SnapshotSchedule
from jailer_core.operations.snapshots.retention import KINDS, Policy
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui import host_selection
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session
from jailer_tui.cli.terminal import table

ALL = "snap auto"
"""The name of the result for all jails."""

HEADER = ("JAIL", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "LAST (UTC)", "NEXT (UTC)", "FROM")


async def policy(session: Session, operands: tuple[str, ...]) -> int:
    """Run `snap policy`: show policies, or change those of the jails that are named."""
    flags = session.flags
    changes = {
        kind: flags.number(
            kind,
            0,
            range(keeping.MOST + 1),
            f'--{kind}: "{{}}" is not a number from 0 to {keeping.MOST}',
            "For example: 7",
        )
        for kind in KINDS
        if kind in flags.given
    }
    if not changes and not flags.on("none"):
        return await _show(session, operands)
    if changes and flags.on("none"):
        raise UsageError("--none and other options cannot be combined", "Omit one of them.")
    if not operands:
        raise UsageError("snap policy: no jail given", "Name the jails: snap policy NAME…")
    session.may_change()
    inventory = await _gather(session, Needs())
    policies = _known(inventory)
    work = []
    for name in dict.fromkeys(operands):
        old = Policy() if flags.on("none") else policies.get(name, Policy())
        counts = {kind: changes.get(kind, old.count(kind)) for kind in KINDS}
        work.append((name, SnapshotPolicy(name, **counts)))
    return await carry_out(session, work)


async def _gather(session: Session, needs: Needs) -> Inventory:
    """With the policies and marks besides."""
    first = await session.inventory()
    return await session.reader.gather(replace(needs, commands=automatic.asks(first)))


def _known(inventory: Inventory) -> dict[str, Policy]:
    policies = keeping.policies(inventory)
    if policies is None:
        raise Refused("the policies could not be read", f"See: zfs get {keeping.KEEP}")
    return policies


async def _show(session: Session, operands: tuple[str, ...]) -> int:
    inventory = await _gather(session, Needs(snapshots=True))
    policies = _known(inventory)
    names = [guards.require_jail(inventory, operand).name for operand in dict.fromkeys(operands)]
    names = names or [name for name in policies if policies[name].any]
    now = int(session.host.clock())
    rows = [_told(inventory, name, policies.get(name, Policy()), now) for name in names]
    session.listing(
        HEADER, rows, _cells, dict, none="no jail has a policy: snap policy NAME --daily 7"
    )
    return session.warn(inventory.problems)


def _told(inventory: Inventory, name: str, policy: Policy, now: int) -> dict[str, Any]:
    made = automatic.made(inventory, guards.require_jail(inventory, name))
    last = max((taken.creation for taken in made), default=None)
    counts = {kind: policy.count(kind) for kind in KINDS}
    return {
        "jail": name,
        **counts,
        "last": last,
        "next": automatic.next_due(policy, made, now),
        "inherited": policy.inherited,
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    counts = (str(row[kind] or "-") for kind in KINDS)
    times = (_when(row["last"]), _when(row["next"]))
    return tuple(map(sanitize, (row["jail"], *counts, *times, row["inherited"] or "its own")))


def _when(seconds: int | None) -> str:
    return "-" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


# --- schedule --------------------------------------------------------------------------------


async def schedule(session: Session, operands: tuple[str, ...]) -> int:
    """Run `snap schedule`."""
    word = operands[0] if operands else "show"
    if word not in ("on", "off", "show"):
        raise UsageError(f'snap schedule: "{sanitize(word)}" is not known', "Use on, off or show.")
    if word == "show":
        return await _scheduled(session)
    program = host_selection.program(session.host) if word == "on" else ""
    if word == "on" and not program:
        raise Refused(
            "this program's install path could not be determined",
            "Install it for all users and run: jailer-tui snap schedule on",
        )
    return await carry_out(session, [("snap schedule", SnapshotSchedule(word == "on", program))])


async def _scheduled(session: Session) -> int:
    needs = cron.needs(Inventory(), SnapshotSchedule(on=False)) | Needs(snapshots=True)
    inventory = await _gather(session, needs)
    on = cron.scheduled(inventory)
    last = automatic.last_run(inventory)
    # cron goes by the clock of this machine, which may be before UTC's
    offset = 0 if session.host.simulated else time.localtime().tm_gmtoff
    following = cron.next_run(int(session.host.clock()), offset) if on else None
    rows = [
        ("Schedule:", f"on ({cron.PATH})" if on else "off"),
        ("Last snapshot:", _when(last)),
        ("Next run:", _when(following)),
    ]
    value = {"on": on, "last": last, "next": following, "file": cron.PATH}
    return session.show(value, table(rows))


# --- auto ------------------------------------------------------------------------------------


async def auto(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `snap auto`: all that is due at once; when that fails, one jail after the other.

    Snapshots are taken first and separately: a failed removal must not undo that.
    """
    now = int(session.host.clock())
    if session.flags.json or session.flags.dry_run:
        return await carry_out(session, [(ALL, SnapshotAuto(now))])
    status = 0
    for only in ("take", "remove"):
        if await carry_out(session, [(ALL, SnapshotAuto(now, only=only))]) == 0:
            continue
        policies = _known(await _gather(session, Needs()))
        requests = [
            (name, SnapshotAuto(now, name, only)) for name, policy in policies.items() if policy.any
        ]
        if await carry_out(session, requests) != 0:
            status = 1
    return status
