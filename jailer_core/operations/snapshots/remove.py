"""Destroy snapshots: one command for each dataset, with the space that comes back."""

from __future__ import annotations

from jailer_core.model import Inventory, Snapshot
from jailer_core.operations.snapshots import selection
from jailer_core.operations.snapshots.requests import SnapshotDestroy
from jailer_core.parse import zfs
from jailer_core.plan import (
    Condition,
    Danger,
    DatasetExists,
    DatasetHasGuid,
    Needs,
    Plan,
    Run,
    Step,
)
from jailer_core.text import human_bytes, sanitize

TIMEOUT = 600.0
CLONES = "Promote or destroy the clones first; a jail in the trash may be one: trash purge."


def needs(inventory: Inventory, request: SnapshotDestroy) -> Needs:
    """The snapshots, their holds, and the space that is freed."""
    snapshots = selection.if_known(inventory, request.snapshots, recursive=request.recursive)
    asks = selection.holds_ask(snapshots)
    return Needs(
        snapshots=True, commands=(*asks, *(space_ask(group) for group in by_dataset(snapshots)))
    )


def destroy(inventory: Inventory, request: SnapshotDestroy) -> Plan:
    """The plan that destroys snapshots."""
    what = selection.chosen(inventory, request.snapshots, recursive=request.recursive)
    selection.not_used(inventory, what.snapshots, CLONES)
    groups = by_dataset(what.snapshots)
    steps = [destroy_step(snapshots, what.jail) for snapshots in groups]
    notes = [
        f"Destroys the snapshot {sanitize(snapshot.full_name)}." for snapshot in what.snapshots
    ]
    notes.append(space(inventory, groups))
    single = what.snapshots[0].name if len(request.snapshots) == 1 else ""
    title = f"Destroy {sanitize(request.snapshots[0]) if single else what.title}"
    return Plan(
        request,
        title,
        tuple(steps),
        Danger.DESTROYS,
        confirm=single or what.title,
        notes=tuple(notes),
        jail=what.jail,
    )


def by_dataset(snapshots: tuple[Snapshot, ...]) -> list[tuple[Snapshot, ...]]:
    """The snapshots of each dataset, children first, so that a failure leaves the top one."""
    by_dataset_name: dict[str, list[Snapshot]] = {}
    for snapshot in sorted(snapshots, key=lambda snapshot: snapshot.createtxg):
        by_dataset_name.setdefault(snapshot.dataset, []).append(snapshot)
    return [tuple(by_dataset_name[name]) for name in sorted(by_dataset_name, reverse=True)]


def _spec(snapshots: tuple[Snapshot, ...]) -> str:
    """`DATASET@A,B,C` (zfs-destroy(8); more than one name is not recorded)."""
    return f"{snapshots[0].dataset}@{','.join(snapshot.name for snapshot in snapshots)}"


def destroy_step(
    snapshots: tuple[Snapshot, ...], jail: str, before: tuple[Condition, ...] = ()
) -> Step:
    """Destroy snapshots of one dataset, after checking their guids."""
    first = snapshots[0]
    singular = f"the snapshot {first.full_name}"
    title = singular if len(snapshots) == 1 else f"{len(snapshots)} snapshots of {first.dataset}"
    return Step(
        Run(("zfs", "destroy", _spec(snapshots))),
        f"Destroy {sanitize(title)}",
        timeout=TIMEOUT,
        irreversible_because="destroyed data cannot be restored",
        preconditions=(
            *before,
            *(DatasetHasGuid(snapshot.full_name, snapshot.guid) for snapshot in snapshots),
        ),
        postconditions=tuple(
            DatasetExists(snapshot.full_name, exists=False) for snapshot in snapshots
        ),
        jail=jail,
    )


# --- space -----------------------------------------------------------------------------------


def space_ask(snapshots: tuple[Snapshot, ...]) -> tuple[str, ...]:
    """The query for the freed space (recordings 05 line 62 and 11 line 30)."""
    return ("zfs", "destroy", "-nvp", _spec(snapshots))


def reclaimed(inventory: Inventory, groups: list[tuple[Snapshot, ...]]) -> int | None:
    """Bytes that are freed; None if unknown."""
    sizes = [
        inventory.parsed(space_ask(group), lambda text: zfs.reclaimed(text).entire())
        for group in groups
    ]
    return None if None in sizes else sum(filter(None, sizes))


def space(inventory: Inventory, groups: list[tuple[Snapshot, ...]]) -> str:
    """The note about the freed space."""
    size = reclaimed(inventory, groups)
    if size is None:
        return "How much space this frees could not be determined."
    return f"This frees {human_bytes(size)}."
