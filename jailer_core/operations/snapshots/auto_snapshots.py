"""`snap auto`: which snapshots the policies want taken and removed at a moment.

Decided from the inventory and the time alone. One is due when its hour, day, week (Monday) or
month (UTC) has none yet: what was missed while the host was off is taken once. Removed is only
what carries our mark and our name, beyond the newest N, and never what is held or has clones.
"""

from __future__ import annotations

import re
import time
from calendar import timegm
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail, Snapshot
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.snapshots import remove, retention, selection, take
from jailer_core.operations.snapshots.requests import SnapshotAuto
from jailer_core.operations.snapshots.retention import KINDS, MARK, Policy
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize

_NAME = re.compile(r"auto-(hourly|daily|weekly|monthly)-\d{8}T\d{4}Z", re.ASCII)
HOUR, DAY = 3600, 86400
_SECONDS = {"hourly": HOUR, "daily": DAY, "weekly": 7 * DAY}
MONDAY = 4 * DAY
"""1970-01-05 was a Monday."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Snapshots of one name that the policy took of the jail's datasets."""

    kind: str
    name: str
    creation: int
    snapshots: tuple[Snapshot, ...]

    @property
    def free(self) -> bool:
        """Whether they have no holds and no clones."""
        return not any(snapshot.holds or snapshot.clones for snapshot in self.snapshots)


def period(kind: str, now: int) -> int:
    """The start of the hour, day, week or month of a time."""
    if kind == "monthly":
        date = time.gmtime(now)
        return timegm((date.tm_year, date.tm_mon, 1, 0, 0, 0))
    return now - (now - (MONDAY if kind == "weekly" else 0)) % _SECONDS[kind]


def next_period(kind: str, now: int) -> int:
    """The start of the next one."""
    begin = period(kind, now)
    if kind == "monthly":
        return period(kind, begin + 31 * DAY)
    return begin + _SECONDS[kind]


# --- reading ---------------------------------------------------------------------------------


def marks_ask(datasets: list[str]) -> tuple[str, ...]:
    """The marks of all snapshots of these datasets (`-t snapshot` of get is not recorded)."""
    columns = ("-r", "-t", "snapshot", "-o", "name,value,source")
    return ("zfs", "get", "-Hp", *columns, MARK, *datasets)


def asks(inventory: Inventory) -> tuple[tuple[str, ...], ...]:
    """The queries for `made`: two processes for the whole host."""
    ours = [jail.dataset for jail in retention.jails(inventory)]
    return (*retention.asks(inventory), marks_ask(ours)) if ours else ()


def needs(inventory: Inventory, _request: SnapshotAuto) -> Needs:
    """Snapshots, policies, marks."""
    return Needs(snapshots=True, commands=asks(inventory))


def marked(inventory: Inventory) -> dict[str, str] | None:
    """The kind of each snapshot with our own mark; None if unknown."""
    ours = [jail.dataset for jail in retention.jails(inventory)]
    if not ours:
        return {}
    answer = inventory.command_results.get(marks_ask(ours))
    if answer is None:
        return None
    rows = retention.unique_rows(answer.stdout)
    return {name: value for name, (value, source) in rows.items() if source == "local"}


def made(inventory: Inventory, jail: Jail) -> tuple[Taken, ...]:
    """Snapshots of a jail that the policy took (our mark, and a matching name), newest first."""
    kinds = marked(inventory) or {}
    own = {dataset.name for dataset in inventory.below(jail.dataset)}
    by_dataset: dict[str, list[Snapshot]] = {}
    for snapshot in selection.snapshots_read(inventory):
        match = _NAME.fullmatch(snapshot.name)
        if match and snapshot.dataset in own and kinds.get(snapshot.full_name) == match[1]:
            by_dataset.setdefault(snapshot.name, []).append(snapshot)
    taken = [
        Taken(name.split("-")[1], name, max(snapshot.creation for snapshot in every), tuple(every))
        for name, every in by_dataset.items()
    ]
    return tuple(
        sorted(taken, key=lambda snapshot: (snapshot.creation, snapshot.name), reverse=True)
    )


def last_run(inventory: Inventory) -> int | None:
    """When the newest policy snapshot was taken; None if there is none."""
    times = [
        taken.creation for jail in retention.jails(inventory) for taken in made(inventory, jail)[:1]
    ]
    return max(times, default=None)


# --- deciding --------------------------------------------------------------------------------


def due(policy: Policy, taken: tuple[Taken, ...], now: int) -> tuple[str, ...]:
    """The kinds to be taken now. Snapshots in the future (a wrong clock) are ignored."""
    return tuple(
        kind
        for kind in KINDS
        if policy.count(kind)
        and not any(
            snapshot.kind == kind and period(kind, now) <= snapshot.creation < now + HOUR
            for snapshot in taken
        )
    )


def next_due(policy: Policy, taken: tuple[Taken, ...], now: int) -> int | None:
    """When the next one is due: now, or at the start of a kind's next period."""
    kinds = [kind for kind in KINDS if policy.count(kind)]
    if not kinds:
        return None
    if due(policy, taken, now):
        return now
    return min(next_period(kind, now) for kind in kinds)


def excess(
    policy: Policy, taken: tuple[Taken, ...], fresh: tuple[str, ...], now: int
) -> tuple[Taken, ...]:
    """What to remove after taking the kinds in `fresh`: all but the newest N of each kind."""
    known = [snapshot for snapshot in taken if snapshot.creation < now + HOUR]
    going: list[Taken] = []
    for kind in KINDS:
        old = [snapshot for snapshot in known if snapshot.kind == kind]
        room = max(0, policy.count(kind) - (kind in fresh))
        going += [snapshot for snapshot in old[room:] if snapshot.free]
    return tuple(going)


# --- the plan --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    """What is due for one jail."""

    jail: Jail
    parts: tuple[Dataset, ...]
    kinds: tuple[str, ...]
    goes: tuple[Taken, ...]


def auto(inventory: Inventory, request: SnapshotAuto) -> Plan:
    """The plan that takes and removes what the policies say; for all jails one after the other.

    Snapshots of one kind and one pool are taken in one transaction.
    """
    policies = retention.policies(inventory)
    if policies is None or (policies and marked(inventory) is None):
        raise Refused("the policies could not be read", f"See: zfs get {retention.KEEP}")
    active = {name for name, policy in policies.items() if policy.any}
    chosen = [jail for jail in retention.jails(inventory) if jail.name in active]
    if request.name:
        guards.require_jail(inventory, request.name, guards.require_owned)
        chosen = [jail for jail in chosen if jail.name == request.name]
        if not chosen:
            raise Refused(
                f"{sanitize(request.name)} has no policy",
                f"Give it one: snap policy {word(request.name)} --daily 7",
            )
    notes: list[str] = []
    work = [_of(inventory, jail, policies[jail.name], request, notes) for jail in chosen]
    if request.only not in ("", "take", "remove"):
        raise Refused(f"{sanitize(request.only)} is not a known action", "Use take or remove.")
    steps = [] if request.only == "remove" else _takes(work, request.now)
    for _work in work if request.only != "take" else ():
        steps += _removals(_work)
    if not chosen:
        notes.append("No jail has a policy: snap policy NAME --daily 7.")
    verb = {"take": "Take", "remove": "Remove"}.get(request.only, "Take and remove")
    title = f"{verb} snapshots by the policies"
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=request.name)


def _of(
    inventory: Inventory, jail: Jail, policy: Policy, request: SnapshotAuto, notes: list[str]
) -> _Work:
    parts = selection.parts_of(inventory, jail)
    taken, now = made(inventory, jail), request.now
    kinds = due(policy, taken, now) if request.only != "remove" else ()
    free = []
    for kind in kinds:
        name = retention.automatic(kind, now)
        taken_names = selection.having(inventory, parts, name)
        if taken_names:
            notes.append(f"{next(iter(taken_names))}@{name} already exists: none is taken.")
            continue
        try:
            take.fits(parts, name)
        except Refused as error:
            notes.append(f"{sanitize(jail.name)}: {error.message}")
            continue
        free.append(kind)
    return _Work(jail, parts, tuple(free), excess(policy, taken, tuple(free), now))


def _takes(work: list[_Work], now: int) -> list[Step]:
    steps = []
    for kind in KINDS:
        pools: dict[str, list[_Work]] = {}
        for _work in work:
            if kind in _work.kinds:
                pools.setdefault(_work.parts[0].pool, []).append(_work)
        for together in pools.values():
            tops = tuple(_work.parts[0] for _work in together)
            parts = tuple(part for _work in together for part in _work.parts)
            name = together[0].jail.name if len(together) == 1 else ""
            full = retention.automatic(kind, now)
            steps.append(take.take_step(tops, parts, full, name, ("-o", f"{MARK}={kind}")))
    return steps


def _removals(work: _Work) -> list[Step]:
    every = tuple(snapshot for taken in work.goes for snapshot in taken.snapshots)
    groups = remove.by_dataset(every)
    return [remove.destroy_step(snapshots, work.jail.name) for snapshots in groups]
