"""Roll back to a snapshot, losing nothing (docs/freebsd-facts.md, ZFS; recordings 05 and 11).

The jail's dataset is renamed into the trash. Each dataset that has the snapshot is cloned from
there to its old name, with all that was set on it, and promoted **exactly once**: the snapshot
and older ones move to it, what is newer stays in the trash. A second promote would go one origin
further and take the image's snapshot away. What has no such snapshot is put back as it is.
"""

from __future__ import annotations

from jailer_core.model import Dataset, Inventory, Snapshot
from jailer_core.operations.guards import word
from jailer_core.operations.snapshots import dataset_properties, move_to_trash, rollback_context
from jailer_core.operations.snapshots.requests import Rollback
from jailer_core.operations.snapshots.rollback_context import (
    RollbackContext,
    bring_up,
    context_of,
    take_down,
    what_becomes,
)
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import DatasetHasGuid, Plan, Step
from jailer_core.text import sanitize


def rollback(inventory: Inventory, request: Rollback) -> Plan:
    """The plan that rolls a jail back to a snapshot."""
    case = context_of(inventory, request)
    jail = case.jail
    properties = dataset_properties.carried(inventory, case.parts)
    because = f"before going back to @{request.snapshot}"
    way = move_to_trash.way(case, properties, request.stamp, because)
    target = way.target
    down, notes = take_down(case)
    steps = [*way.before, *down, *way.aside, way.move, *_exchanges(case, target, properties)]
    for dataset in case.kept:
        steps += move_to_trash.put_back(case, dataset, target)
    up, notes_up = bring_up(case, request.start)
    notes = [*what_becomes(case, request.snapshot), *_cautions(case, properties, target), *notes]
    notes += [*notes_up, f"Undo it: rollback --undo {word(jail.name)}"]
    title = f"Roll {sanitize(jail.name)} back to @{sanitize(request.snapshot)}"
    return Plan(request, title, (*steps, *up), notes=tuple(notes), jail=jail.name)


def _exchanges(
    case: RollbackContext, target: str, properties: dataset_properties.DatasetProperties
) -> list[Step]:
    """Clone and promote each dataset that goes back, and mount it or not, as it was."""
    steps: list[Step] = []
    moved: set[str] = set()
    for dataset in case.going:
        old, snapshot = f"{target}{case.below(dataset)}", case.snapshots[dataset.name]
        above = _origin(case, dataset, target, moved)
        steps.append(_clone(case, dataset, old, snapshot, properties.options(dataset.name)))
        origin = f"{old}@{snapshot.name}"
        steps.append(
            move_to_trash.promote(case, dataset.name, origin, above, parent_guid=dataset.guid)
        )
        steps += _mounting(case, dataset, properties)
        moved |= {
            own.full_name
            for own in case.inventory.snapshots or ()
            if own.dataset == dataset.name and own.createtxg <= snapshot.createtxg
        }
    return steps


def _origin(case: RollbackContext, dataset: Dataset, target: str, moved: set[str]) -> str:
    """What the origin of the old dataset is called by then: it may be a part of the same jail."""
    within = dataset.origin.partition("@")[0] in {part.name for part in case.parts}
    if not within or dataset.origin in moved:
        return dataset.origin
    return f"{target}{dataset.origin[len(case.jail.dataset) :]}"


def _mounting(
    case: RollbackContext, dataset: Dataset, properties: dataset_properties.DatasetProperties
) -> list[Step]:
    if dataset.jailed:
        return []
    can = properties.value(dataset.name, "canmount") or "on"
    by_itself = can == "on" and dataset.mountpoint.startswith("/")
    if dataset.mounted and not by_itself:
        return [zfs_steps.mount(dataset.name, jail=case.jail.name)]
    if not by_itself or dataset.mounted:
        return []
    title = f"Unmount {dataset.name}, as it was before"
    return [zfs_steps.unmount(dataset.name, jail=case.jail.name, title=title)]


def _clone(
    case: RollbackContext, dataset: Dataset, old: str, snapshot: Snapshot, options: tuple[str, ...]
) -> Step:
    origin = f"{old}@{snapshot.name}"
    return zfs_steps.clone(
        origin,
        dataset.name,
        f"Clone {dataset.name} from @{sanitize(snapshot.name)}",
        options,
        before=(DatasetHasGuid(origin, snapshot.guid), DatasetHasGuid(old, dataset.guid)),
        undo_title=f"Destroy the clone {dataset.name}",
        jail=case.jail.name,
    )


def _cautions(
    case: RollbackContext, properties: dataset_properties.DatasetProperties, target: str
) -> list[str]:
    """Clones whose origin will be in the trash, what stays there, what counts twice."""
    notes = rollback_context.dependent_notes(
        case.inventory, case.going, case.snapshots, target, case.jail.dataset
    )
    notes += dataset_properties.bookmark_notes(case.inventory, case.going)
    twice = [
        f"{prop.name} of {dataset.name}"
        for dataset in case.going
        for prop in properties.of(dataset.name)
        if prop.name in dataset_properties.RESERVED and prop.value != "0"
    ]
    if twice:
        notes.append(f"Counts twice while the trash holds it: {', '.join(twice)}.")
    return notes
