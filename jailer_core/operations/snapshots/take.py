"""Take a snapshot of a jail and of everything below its dataset, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.shared import clones
from jailer_core.operations.snapshots import selection
from jailer_core.operations.snapshots.requests import SnapshotTake
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Danger, DatasetHasGuid, Needs, Plan, Step
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: SnapshotTake) -> Needs:
    """The snapshots, and the volumes that are not included."""
    jail = inventory.jail(request.name)
    left_out = jail is not None and jail.dataset and request.recursive
    return Needs(
        snapshots=True, commands=(clones.volumes_ask(jail.dataset),) if jail and left_out else ()
    )


def problems(inventory: Inventory, request: SnapshotTake) -> dict[str, tuple[str, str]]:
    """Problems of the name, for a form; {} if there are none, or nothing is known yet."""
    if inventory.snapshots is None:
        return {}
    return guards.problem("snapshot", _checked, inventory, request)


def form_hints(inventory: Inventory, request: SnapshotTake) -> dict[str, FieldHint]:
    """Whether the name is free, and how many datasets are below the jail's."""
    return {
        "snapshot": FieldHint(
            beside="" if inventory.snapshots is None else "free",
            help="Letters, digits and - _ . : are allowed; empty: the time, in UTC.",
        ),
        "recursive": below(inventory, (request.name,)),
    }


def below(inventory: Inventory, names: Sequence[str]) -> FieldHint:
    """The hint beside the field that includes child datasets."""
    jails = [jail for name in names if (jail := inventory.jail(name)) is not None]
    count = sum(len(inventory.below(jail.dataset)) - 1 for jail in jails if jail.dataset)
    return FieldHint(
        beside=f"{count} dataset{'s' if count > 1 else ''} below",
        off="" if count else "no datasets below",
        help="All at the same moment.",
    )


def _checked(inventory: Inventory, request: SnapshotTake) -> tuple[str, tuple[Dataset, ...]]:
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    name = checks.snapshot_name(request.snapshot)
    every = selection.parts_of(inventory, jail)
    parts = every if request.recursive else every[:1]
    fits(parts, name)
    taken = selection.having(inventory, parts, name)
    if taken:
        first = next(iter(taken.values()))
        raise Refused(
            f"the snapshot {sanitize(first.full_name)} already exists",
            "Use another name, or destroy that one first.",
        )
    return name, parts


def fits(parts: tuple[Dataset, ...], name: str) -> None:
    """Raises Refused if dataset, @ and name together are too long for ZFS."""
    longest = max((dataset.name for dataset in parts), key=len)
    if len(longest) + 1 + len(name) > checks.DATASET_LENGTH:
        raise Refused(
            f"{sanitize(longest)}@{sanitize(name)} is longer than {checks.DATASET_LENGTH} "
            "characters",
            "Use a shorter name.",
        )


def take(inventory: Inventory, request: SnapshotTake) -> Plan:
    """The plan that takes a snapshot."""
    name, parts = _checked(inventory, request)
    jail = guards.require_jail(inventory, request.name)
    notes = []
    if len(parts) > 1:
        below = ", ".join(sanitize(dataset.name[len(jail.dataset) + 1 :]) for dataset in parts[1:])
        notes.append(f"With the datasets below: {below}.")
    if request.recursive:
        notes += clones.volume_notes(inventory, jail.dataset, clones.NOT_TAKEN)
    if jail.running:
        notes.append("The jail is running: data not yet written to disk is not in the snapshot.")
    step = take_step(parts[:1], parts, name, jail.name)
    title = f"Take the snapshot {sanitize(jail.name)}@{sanitize(name)}"
    return Plan(request, title, (step,), Danger.NONE, notes=tuple(notes), jail=jail.name)


def take_step(
    tops: tuple[Dataset, ...],
    parts: tuple[Dataset, ...],
    name: str,
    jail: str,
    options: tuple[str, ...] = (),
) -> Step:
    """Snapshots of `parts`, which are `tops` and what lies below them: all or none (recording 14).

    Each is named: `-r` would take volumes too, whose snapshots no rollback, undo or policy
    removes again.
    """
    full = [f"{dataset.name}@{name}" for dataset in tops]
    every = [f"{dataset.name}@{name}" for dataset in parts]
    what = full[0] if len(full) == 1 else f"@{name} of {len(full)} jails"
    title = f"Take the snapshot {sanitize(what)}"
    same = [DatasetHasGuid(dataset.name, dataset.guid) for dataset in tops]
    step = zfs_steps.snapshot(every, title, options, before=same, jail=jail)
    return replace(step, failure_means="no snapshot was taken")
