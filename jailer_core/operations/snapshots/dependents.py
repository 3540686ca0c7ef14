"""Dependents of the snapshots that a rollback would destroy, in words."""

from __future__ import annotations

from jailer_core.model import Dataset, Inventory, Snapshot
from jailer_core.text import sanitize


def newer(
    inventory: Inventory, going: tuple[Dataset, ...], chosen: dict[str, Snapshot]
) -> tuple[Snapshot, ...]:
    """Snapshots of these datasets that were taken after the one to go back to."""
    own = {dataset.name for dataset in going}
    return tuple(
        snapshot
        for snapshot in inventory.snapshots or ()
        if snapshot.dataset in own and snapshot.createtxg > chosen[snapshot.dataset].createtxg
    )


def notes(
    inventory: Inventory,
    going: tuple[Dataset, ...],
    chosen: dict[str, Snapshot],
    target: str,
    top: str,
) -> list[str]:
    """Which newer snapshots stay in the trash, which clones get an origin there."""
    later = newer(inventory, going, chosen)
    lines = []
    if later:
        names = ", ".join(dict.fromkeys(f"@{sanitize(snapshot.name)}" for snapshot in later))
        lines.append(f"Newer snapshots stay in the trash: {names}. Nothing is destroyed.")
        lines.append(
            "Incremental replication from a newer snapshot breaks, because the snapshot moves."
        )
    for snapshot in later:
        origin = f"{target}{snapshot.full_name[len(top) :]}"
        lines += [
            f"{sanitize(clone)} keeps working; its origin becomes {sanitize(origin)}."
            for clone in snapshot.clones
            if not clone.startswith((f"{top}/", f"{top}@"))
        ]
    return lines
