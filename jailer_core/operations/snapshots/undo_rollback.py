"""Undo a rollback (recording 11): old and new state are swapped, and nothing is lost.

The present state is renamed into the trash, the older entry out of it, everything is mounted,
and what is a clone of the state that went is promoted, exactly once each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, TrashEntry
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.jails import restore
from jailer_core.operations.shared import paths, state_dataset, trash
from jailer_core.operations.snapshots import dataset_properties, move_to_trash
from jailer_core.operations.snapshots.requests import UndoRollback
from jailer_core.operations.snapshots.rollback_context import (
    RollbackContext,
    bring_up,
    context_of_state,
    into_trash,
    needs_of,
    take_down,
)
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Needs, OriginIs, Plan, Step
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class _Old:
    """The state that comes back, with what was written down of it."""

    entry: TrashEntry
    record: trash.Record
    parts: tuple[Dataset, ...]


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
    """What going back needs, and what was kept of the entry."""
    entry, record = the_state(inventory, request.entry)
    more = needs_of(inventory, record.name)
    return Needs(
        snapshots=True,
        jails=more.jails,
        holders=more.holders,
        files=(*more.files, *trash.paths(inventory, entry)),
        commands=more.commands,
    )


def undo_rollback(inventory: Inventory, request: UndoRollback) -> Plan:
    """The plan that undoes a going back."""
    entry, record = the_state(inventory, request.entry)
    jail = inventory.jail(record.name)
    if jail is None or jail.dataset != record.dataset:
        raise Refused(
            f"{sanitize(record.name)} no longer exists, or is elsewhere",
            f"Restore the state as a jail: trash restore {word(entry.id)}",
        )
    old = _Old(entry, record, inventory.below(entry.dataset))
    case = context_of_state(inventory, record.name, record.kept)
    _fits(case, old)
    properties = dataset_properties.carried(inventory, case.parts)
    new_entry, target = into_trash(case, request.stamp)
    place = state_dataset.place(inventory)
    asides, records = move_to_trash.aside(case, properties)
    steps = [*place.steps]
    because = "before its rollback was undone"
    steps += move_to_trash.keep(case, because, records, paths.kept_folder(place.state, new_entry))
    down, notes = take_down(case)
    steps += [*down, *asides, move_to_trash.move(case, target, asides)]
    steps.append(restore.move_back(entry, record.dataset, record.name))
    for dataset in case.kept:
        steps += move_to_trash.put_back(case, dataset, target, mount=False)
    steps += restore.mounts_of(inventory, entry, record.dataset, record, record.name)
    for dataset in case.kept:
        steps += move_to_trash.mounted_again(case, dataset)
    steps += _promotes(case, old, target)
    steps += restore.forget(trash.kept_files(inventory, entry))
    up, notes_up = bring_up(case, request.start)
    notes = [
        f"The state of {entry.id} is restored ({record.because}).",
        f"The current state goes to the trash as {new_entry}: nothing is lost.",
        *(f"{dataset.name} is unchanged." for dataset in case.kept),
        *notes,
        *notes_up,
    ]
    title = f"Undo the rollback of {sanitize(record.name)}"
    return Plan(request, title, (*steps, *up), notes=tuple(notes), jail=record.name)


def _fits(case: RollbackContext, old: _Old) -> None:
    """The names of what comes back must be free by then."""
    kept = {case.below(dataset) for dataset in case.staying()}
    clash = [
        dataset.name for dataset in old.parts if dataset.name[len(old.entry.dataset) :] in kept
    ]
    if clash:
        raise Refused(
            f"the jail and {sanitize(clash[0])} would be in the same place",
            "Rename one of them first.",
        )


def _promotes(case: RollbackContext, old: _Old, target: str) -> list[Step]:
    """What is a clone of the state that went into the trash; parents first."""
    steps: list[Step] = []
    own_names = {dataset.name for dataset in case.going}
    origins = {dataset.name: dataset.origin for dataset in case.parts}
    for part in old.parts:
        dataset, _, snapshot = part.origin.partition("@")
        if dataset not in own_names:
            continue
        name = f"{old.record.dataset}{part.name[len(old.entry.dataset) :]}"
        away = f"{target}{dataset[len(old.record.dataset) :]}"
        steps.append(_promote(case, part, name, away, snapshot, origins[dataset]))
    return steps


def _promote(  # noqa: PLR0913, PLR0917 - both states, and where they come from
    case: RollbackContext, dataset: Dataset, name: str, away: str, snapshot: str, above: str
) -> Step:
    step = zfs_steps.promote(
        name,
        f"{away}@{snapshot}",
        f"Move the snapshot and older ones to {name}",
        f"Move them back to {away}",
        guid=dataset.guid,
    )
    goal = (*step.postconditions, OriginIs(name, above))
    return replace(step, postconditions=goal, jail=case.jail.name)
