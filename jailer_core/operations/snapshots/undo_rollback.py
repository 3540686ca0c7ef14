"""Undo a rollback (recording 11): old and new state are swapped, and nothing is lost.

The present state is renamed into the trash, the older entry out of it, everything is mounted,
and what is a clone of the state that went is promoted, exactly once each.
"""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory, TrashEntry
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.jails import restore
from jailer_core.operations.shared import trash
from jailer_core.operations.snapshots import dataset_properties, move_to_trash
from jailer_core.operations.snapshots.requests import UndoRollback
from jailer_core.operations.snapshots.rollback_context import (
    RollbackContext,
    bring_up,
    context_of_state,
    needs_of,
    take_down,
)
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize


def the_state(inventory: Inventory, entry_id: str) -> tuple[TrashEntry, trash.Record]:
    """The entry of that id, or the last state of the jail of that name. Raises Refused."""
    guards.require_datasets(inventory)
    exact = [entry for entry in inventory.trash if entry.id == entry_id]
    of_name = [
        entry for entry in inventory.trash if entry.name == entry_id and trash.because(entry)
    ]
    entries = exact or sorted(of_name, key=lambda entry: entry.stamp)[-1:]
    if not entries:
        raise Refused(
            f"the trash holds no earlier state of {sanitize(entry_id)}",
            "See its entries: trash list",
        )
    record = trash.from_meta(entries[0])
    if record is None or not record.because:
        raise Refused(
            f"{sanitize(entries[0].id)} is not a state from before a rollback",
            f"Restore it: trash restore {word(entries[0].id)}",
        )
    return entries[0], record


def needs(inventory: Inventory, request: UndoRollback) -> Needs:
    """What a rollback needs, and the saved files of the entry."""
    entry, record = the_state(inventory, request.entry)
    return needs_of(inventory, record.name) | Needs(files=trash.paths(inventory, entry))


def undo_rollback(inventory: Inventory, request: UndoRollback) -> Plan:
    """The plan that undoes a rollback."""
    entry, record = the_state(inventory, request.entry)
    jail = inventory.jail(record.name)
    if jail is None or jail.dataset != record.dataset:
        raise Refused(
            f"{sanitize(record.name)} no longer exists, or is elsewhere",
            f"Restore the state as a jail: trash restore {word(entry.id)}",
        )
    case = context_of_state(inventory, record.name, record.kept)
    _fits(case, entry)
    properties = dataset_properties.carried(inventory, case.parts)
    way = move_to_trash.way(case, properties, request.stamp, "before its rollback was undone")
    down, notes = take_down(case)
    steps = [*way.before, *down, *way.aside, way.move]
    steps.append(restore.move_back(entry, record.dataset, record.name))
    for dataset in case.kept:
        steps += move_to_trash.put_back(case, dataset, way.target, mount=False)
    steps += restore.mounts_of(inventory, entry, record.dataset, record, record.name)
    for dataset in case.kept:
        steps += move_to_trash.mounted_again(case, dataset)
    steps += _promotes(case, entry, record, way.target)
    steps += restore.forget(trash.kept_files(inventory, entry))
    up, notes_up = bring_up(case, request.start)
    notes = [
        f"The state of {entry.id} is restored ({record.because}).",
        f"The current state goes to the trash as {way.entry}: nothing is lost.",
        *(f"{dataset.name} is unchanged." for dataset in case.kept),
        *notes,
        *notes_up,
    ]
    title = f"Undo the rollback of {sanitize(record.name)}"
    return Plan(request, title, (*steps, *up), notes=tuple(notes), jail=record.name)


def _fits(case: RollbackContext, entry: TrashEntry) -> None:
    """The names of what comes back must be free by then."""
    kept = {case.below(dataset) for dataset in case.staying()}
    for dataset in case.inventory.below(entry.dataset):
        if dataset.name[len(entry.dataset) :] in kept:
            raise Refused(
                f"the jail and {sanitize(dataset.name)} would be in the same place",
                "Rename one of them first.",
            )


def _promotes(
    case: RollbackContext, entry: TrashEntry, record: trash.Record, target: str
) -> list[Step]:
    """What is a clone of the state that went into the trash; parents first."""
    steps: list[Step] = []
    own_names = {dataset.name for dataset in case.going}
    origins = {dataset.name: dataset.origin for dataset in case.parts}
    for part in case.inventory.below(entry.dataset):
        dataset, _, snapshot = part.origin.partition("@")
        if dataset not in own_names:
            continue
        name = f"{record.dataset}{part.name[len(entry.dataset) :]}"
        away = f"{target}{dataset[len(record.dataset) :]}"
        origin, above = f"{away}@{snapshot}", origins[dataset]
        steps.append(move_to_trash.promote(case, name, origin, above, guid=part.guid))
    return steps
