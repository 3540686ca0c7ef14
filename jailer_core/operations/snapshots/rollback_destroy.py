"""`zfs rollback -r`: the rollback that destroys what is newer, and cannot be undone."""

from __future__ import annotations

from jailer_core.model import Dataset, Inventory, Snapshot
from jailer_core.operations.snapshots import dataset_properties, rollback_context, selection
from jailer_core.operations.snapshots.requests import RollbackDestroy
from jailer_core.operations.snapshots.rollback_context import (
    RollbackContext,
    bring_up,
    context_of,
    take_down,
    what_becomes,
)
from jailer_core.plan import Danger, DatasetExists, DatasetHasGuid, JailStopped, Plan, Run, Step
from jailer_core.text import sanitize

TIMEOUT = 600.0
CLONES = "Roll back without --destroy instead: that keeps its clones."


def rollback_destroy(inventory: Inventory, request: RollbackDestroy) -> Plan:
    """The plan that rolls a jail back."""
    case = context_of(inventory, request)
    jail = case.jail
    newer = rollback_context.newer_dependents(inventory, case.going, case.snapshots)
    selection.not_used(inventory, newer, CLONES)
    steps, notes_down = take_down(case)
    marks: list[str] = []
    for dataset in case.going:
        mine = dataset_properties.newer_bookmarks(
            inventory, jail.dataset, case.snapshots[dataset.name]
        )
        marks += mine
        older = tuple(snap for snap in newer if snap.dataset == dataset.name)
        steps.append(_step(case, dataset, older, more=bool(mine)))
    up, more = bring_up(case, request.start)
    notes = [
        *what_becomes(case, request.snapshot),
        *(f"Destroys the snapshot {sanitize(snapshot.full_name)}." for snapshot in newer),
        *(f"Destroys the bookmark {sanitize(mark)}." for mark in marks),
        f"Destroys everything written since @{sanitize(request.snapshot)}.",
        "A rollback without --destroy would keep it in the trash.",
        *notes_down,
        *more,
    ]
    return Plan(
        request,
        f"Roll {sanitize(jail.name)} back to @{sanitize(request.snapshot)}, destroying what is "
        "newer",
        (*steps, *up),
        Danger.DESTROYS,
        confirm=jail.name,
        notes=tuple(notes),
        jail=jail.name,
    )


def _step(
    case: RollbackContext, dataset: Dataset, newer: tuple[Snapshot, ...], *, more: bool
) -> Step:
    """`more`: newer bookmarks go as well."""
    snapshot = case.snapshots[dataset.name]
    flags = ("-r",) if newer or more else ()
    return Step(
        Run(("zfs", "rollback", *flags, snapshot.full_name)),
        f"Roll {dataset.name} back to @{sanitize(snapshot.name)}",
        timeout=TIMEOUT,
        irreversible_because="destroyed data cannot be restored",
        preconditions=(
            JailStopped(case.jail.name),
            DatasetHasGuid(snapshot.full_name, snapshot.guid),
            *(DatasetHasGuid(old.full_name, old.guid) for old in newer),
        ),
        postconditions=tuple(DatasetExists(old.full_name, exists=False) for old in newer),
        jail=case.jail.name,
    )
