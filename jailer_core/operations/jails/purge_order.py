"""The order in which several trash entries are purged: clones before what they depend on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from jailer_core.model import Inventory
from jailer_core.operations.jails.requests import TrashPurge
from jailer_core.operations.shared import clones
from jailer_core.plan import Condition, DatasetExists


def in_order(inventory: Inventory, requests: Iterable[TrashPurge]) -> tuple[TrashPurge, ...]:
    """The same requests, each after those whose entries are clones of its own."""
    by_entry = {request.entry: request for request in requests}
    ordered: dict[str, TrashPurge] = {}

    def put(entry: str, above: tuple[str, ...]) -> None:
        if entry in ordered or entry in above:  # plans refuse two that need each other
            return
        before = _clones_of(inventory, entry, by_entry)
        for other in before:
            put(other, (*above, entry))
        first = tuple(other for other in before if other in ordered)
        ordered[entry] = replace(by_entry[entry], after=first)

    for entry in by_entry:
        put(entry, ())
    return tuple(ordered.values())


def _clones_of(inventory: Inventory, entry: str, among: Collection[str]) -> list[str]:
    """The entries that hold a clone of what is in an entry."""
    own = set(datasets(inventory, (entry,)))
    parts = tuple(dataset for dataset in inventory.datasets or () if dataset.name in own)
    needing = {dataset.name for dataset in clones.dependents(inventory, parts)}
    return [
        other
        for other in among
        if other != entry and needing.intersection(datasets(inventory, (other,)))
    ]


def datasets(inventory: Inventory, ids: Collection[str]) -> tuple[str, ...]:
    """The datasets of these entries of the trash."""
    return tuple(
        dataset.name
        for entry in inventory.trash
        if entry.id in ids or entry.name in ids
        for dataset in inventory.below(entry.dataset)
    )


def gone(inventory: Inventory, ids: Iterable[str]) -> tuple[Condition, ...]:
    """The conditions that hold once these entries are purged."""
    return tuple(DatasetExists(f"{inventory.layout.trash}/{name}", exists=False) for name in ids)
