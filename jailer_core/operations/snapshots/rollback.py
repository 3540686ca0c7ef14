"""`zfs rollback -r`: the way back that destroys what is newer, and cannot be undone."""

from __future__ import annotations

from jailer_core.model import Dataset, Inventory, Snapshot
from jailer_core.operations.guards import named
from jailer_core.operations.snapshots import choose, dependents, loose
from jailer_core.operations.snapshots.case import Case, bring_up, case_of, take_down, what_becomes
from jailer_core.operations.snapshots.requests import RollBack
from jailer_core.plan import Danger, DatasetIs, DatasetThere, JailGone, Plan, Run, Step

TIMEOUT = 600.0
CLONES = "Go back without destroying instead (rollback without --destroy): that keeps its clones."


def roll_back(inventory: Inventory, request: RollBack) -> Plan:
    """The plan that rolls a jail back."""
    case = case_of(inventory, request)
    jail = case.jail
    newer = dependents.newer(inventory, case.going, case.snapshots)
    choose.not_used(inventory, newer, CLONES)
    steps, said = take_down(case)
    marks: list[str] = []
    for one in case.going:
        mine = loose.newer_bookmarks(inventory, jail.dataset, case.snapshots[one.name])
        marks += mine
        older = tuple(snap for snap in newer if snap.dataset == one.name)
        steps.append(_step(case, one, older, more=bool(mine)))
    up, more = bring_up(case, request.start)
    notes = [
        *what_becomes(case, request.snapshot),
        *(f"Destroys the snapshot {named(one.full_name)}." for one in newer),
        *(f"Destroys the bookmark {named(one)}." for one in marks),
        f"Destroys all that was written since @{named(request.snapshot)}; it cannot be undone.",
        "Going back without --destroy would keep it in the trash.",
        *said,
        *more,
    ]
    return Plan(
        request,
        f"Roll {named(jail.name)} back to @{named(request.snapshot)}, destroying what is newer",
        (*steps, *up),
        Danger.DESTROYS,
        confirm=jail.name,
        notes=tuple(notes),
        jail=jail.name,
    )


def _step(case: Case, one: Dataset, newer: tuple[Snapshot, ...], *, more: bool) -> Step:
    """`more`: newer bookmarks go as well."""
    snapshot = case.snapshots[one.name]
    flags = ("-r",) if newer or more else ()
    return Step(
        Run(("zfs", "rollback", *flags, snapshot.full_name)),
        f"Roll {one.name} back to @{named(snapshot.name)}",
        timeout=TIMEOUT,
        lasting="what is destroyed is gone for good",
        before=(
            JailGone(case.jail.name),
            DatasetIs(snapshot.full_name, snapshot.guid),
            *(DatasetIs(old.full_name, old.guid) for old in newer),
        ),
        goal=tuple(DatasetThere(old.full_name, there=False) for old in newer),
        jail=case.jail.name,
    )
