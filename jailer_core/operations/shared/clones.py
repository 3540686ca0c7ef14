"""Clones that depend on datasets to be destroyed, and how to make them independent.

A promote moves the snapshots up to the clone's origin to the clone and makes its old origin a
clone of it. Promote exactly once: a second time takes the snapshots of the image away, and
every other jail then depends on this one (recording 05).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Snapshot
from jailer_core.operations.guards import word
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Condition, DatasetExists, DatasetHasGuid, Run, Step
from jailer_core.text import human_bytes

DESTROY_TIMEOUT = 600.0


def dependents(inventory: Inventory, parts: tuple[Dataset, ...]) -> tuple[Dataset, ...]:
    """Other datasets that are clones of snapshots of these."""
    own = {dataset.name for dataset in parts}
    return tuple(
        dataset
        for dataset in inventory.datasets or ()
        if dataset.name not in own and dataset.origin.partition("@")[0] in own
    )


def _inside(parts: tuple[Dataset, ...], name: str) -> bool:
    """Whether it is among these datasets, or a volume below them."""
    return any(name == part.name or name.startswith(f"{part.name}/") for part in parts)


def volume_clones(inventory: Inventory, parts: tuple[Dataset, ...]) -> list[str]:
    """Other volumes that are clones of snapshots below; lists of file systems omit volumes."""
    return [
        f"{name} (clone of {snapshot.full_name})"
        for snapshot in inventory.snapshots or ()
        if snapshot.clones and _inside(parts, snapshot.dataset)
        for name in snapshot.clones
        if not _inside(parts, name) and inventory.dataset(name) is None
    ]


def nothing(
    inventory: Inventory, parts: tuple[Dataset, ...], hint: str, going: Collection[str] = ()
) -> None:
    """Raises Refused when something depends on these datasets, or holds one of their snapshots.

    What is `going` will be gone before.
    """
    clones = [clone for clone in dependents(inventory, parts) if clone.name not in going]
    names = [f"{dataset.name} (clone of {dataset.origin})" for dataset in clones]
    names += volume_clones(inventory, parts)
    if names:
        raise Refused(f"other datasets depend on {parts[0].name}: {', '.join(names)}", hint)
    not_held(inventory, parts)


def not_held(inventory: Inventory, parts: tuple[Dataset, ...]) -> None:
    """Raises Refused when a snapshot is held (`zfs hold`)."""
    held = [
        snapshot
        for snapshot in inventory.snapshots or ()
        if snapshot.holds and _inside(parts, snapshot.dataset)
    ]
    if held:
        raise Refused(
            f"{held[0].full_name} is held",
            f"See its holds: zfs holds -r {word(held[0].full_name)}",
        )


VOLUMES = ("zfs", "list", "-Hp", "-o", "name", "-t", "volume", "-r")


def volumes_ask(dataset: str) -> tuple[str, ...]:
    """The query for the volumes below a dataset, which lists of file systems omit (14)."""
    return (*VOLUMES, dataset)


def volumes(inventory: Inventory, dataset: str) -> tuple[str, ...] | None:
    """The volumes below a dataset; None if unknown."""
    listed = inventory.output(volumes_ask(dataset))
    return None if listed is None else tuple(listed.split("\n")[:-1])


DESTROYED = "Destroys the volume {} with its snapshots.", "they are destroyed as well"
MOVED = "Moves the volume {} with its snapshots.", "they are moved as well"
NOT_TAKEN = "The volume {} is not in the snapshot.", "they are not in the snapshot"
NOT_CLONED = "The volume {} is not cloned.", "they are not cloned"


def volume_notes(inventory: Inventory, dataset: str, words: tuple[str, str]) -> list[str]:
    """Notes about the volumes below a dataset, with the text for one, and for unknown ones."""
    known, unknown = words
    names = volumes(inventory, dataset)
    if names is None:
        return [f"Whether there are volumes below {dataset} could not be read; {unknown}."]
    return [known.format(name) for name in names]


def what_goes(
    inventory: Inventory, parts: tuple[Dataset, ...], saved: tuple[str, ...] = ()
) -> list[str]:
    """Notes that list datasets, snapshots and bytes that are destroyed.

    `saved` are snapshots that promotes give to their clones before.
    """
    own = {dataset.name for dataset in parts}
    notes = [f"Destroys {dataset.name} ({human_bytes(dataset.used)} used)." for dataset in parts]
    notes += volume_notes(inventory, parts[0].name, DESTROYED)
    if inventory.snapshots is None:
        notes.append("Snapshots could not be listed; they are destroyed as well.")
    else:
        names = [snapshot.full_name for snapshot in inventory.snapshots if snapshot.dataset in own]
        notes += [f"Destroys the snapshot {name}." for name in names if name not in saved]
    total = human_bytes(max(dataset.used for dataset in parts))
    return [*notes, f"This frees up to {total}."]


def destroy_step(top: Dataset, before: tuple[Condition, ...], jail: str) -> Step:
    """Destroy a dataset and everything below it, after checking its guid."""
    return Step(
        Run(("zfs", "destroy", "-r", top.name)),
        f"Destroy {top.name} with its snapshots and everything below it",
        timeout=DESTROY_TIMEOUT,
        irreversible_because="destroyed data cannot be restored",
        preconditions=(*before, DatasetHasGuid(top.name, top.guid)),
        postconditions=(DatasetExists(top.name, exists=False),),
        wait_reason="large datasets take a while",
        jail=jail,
    )


# --- promoting -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Graph:
    """Origins and snapshots as they would be after the promotes so far."""

    origins: dict[str, str]
    snapshots: dict[str, list[Snapshot]]
    saved: list[str] = field(default_factory=list)

    def dependents(self, own: set[str]) -> list[str]:
        """Names of other datasets with an origin in `own`."""
        return [
            name
            for name, origin in self.origins.items()
            if name not in own and origin.partition("@")[0] in own
        ]


def promotes(
    inventory: Inventory, parts: tuple[Dataset, ...], jail: str
) -> tuple[list[Step], tuple[str, ...]]:
    """Steps that make everything else independent of these datasets, each promoted once at most.

    The clone of the newest snapshot is promoted first: it takes the older ones along, so that
    the clones of those depend on it and not on what is to go. Also the names of the snapshots
    that are saved by that.
    """
    if inventory.snapshots is None or inventory.datasets is None:
        raise Refused("the snapshots could not be listed", "They are needed to promote clones.")
    if volumes_left := volume_clones(inventory, parts):
        raise Refused(
            f"a volume depends on {parts[0].name}: {volumes_left[0]}",
            f"Make it independent: zfs promote {word(volumes_left[0].partition(' (clone of ')[0])}",
        )
    graph = _Graph({dataset.name: dataset.origin for dataset in inventory.datasets}, {})
    for snapshot in sorted(inventory.snapshots, key=lambda snapshot: snapshot.createtxg):
        graph.snapshots.setdefault(snapshot.dataset, []).append(snapshot)
    own = {dataset.name for dataset in parts}
    guids = {dataset.name: dataset.guid for dataset in inventory.datasets}
    steps: list[Step] = []
    while waiting := graph.dependents(own):
        newest = max(waiting, key=lambda name: (_age(graph, name), name))
        steps.append(_promote(graph, newest, guids, jail))
    return steps, tuple(graph.saved)


def _age(graph: _Graph, name: str) -> int:
    dataset, _, snapshot = graph.origins[name].partition("@")
    candidates = graph.snapshots.get(dataset, ())
    return next((known.createtxg for known in candidates if known.name == snapshot), 0)


def _promote(graph: _Graph, clone: str, guids: dict[str, str], jail: str) -> Step:
    origin = graph.origins[clone]
    parent, _, last = origin.partition("@")
    _swap(graph, clone, parent, last)
    step = zfs_steps.promote(
        clone,
        origin,
        f"Make {clone} independent of {parent}",
        f"Move the snapshots back to {parent}",
        guid=guids[clone],
        parent_guid=guids[parent],
    )
    return replace(step, jail=jail)


def _swap(graph: _Graph, clone: str, parent: str, last: str) -> None:
    snapshots = graph.snapshots.get(clone, [])
    theirs = graph.snapshots.get(parent, [])
    index = next((at for at, snapshot in enumerate(theirs) if snapshot.name == last), -1) + 1
    moving, staying = theirs[:index], theirs[index:]
    clash = {snapshot.name for snapshot in snapshots} & {snapshot.name for snapshot in moving}
    if clash:
        name = min(clash)
        raise Refused(
            f"{clone} and {parent} both have a snapshot {name}",
            f"Rename one of them: zfs rename {word(f'{clone}@{name}')} @{word(f'{name}-2')}",
        )
    graph.saved.extend(f"{parent}@{snapshot.name}" for snapshot in moving)
    moved = {f"{parent}@{snapshot.name}": f"{clone}@{snapshot.name}" for snapshot in moving}
    taken = [replace(snapshot, dataset=clone) for snapshot in moving]
    graph.snapshots[clone] = [*taken, *snapshots]
    graph.snapshots[parent] = staying
    above = graph.origins[parent]
    for name, origin in list(graph.origins.items()):
        graph.origins[name] = moved.get(origin, origin)
    graph.origins[clone] = above
    graph.origins[parent] = f"{clone}@{last}"
