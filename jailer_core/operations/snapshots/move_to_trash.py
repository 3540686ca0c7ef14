"""Move a jail's state into the trash, and move back out what does not belong there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jailer_core.model import Dataset
from jailer_core.operations import guards
from jailer_core.operations.shared import busy, file_steps, jail_mounts, paths, trash
from jailer_core.operations.snapshots import dataset_properties
from jailer_core.operations.snapshots.rollback_context import RollbackContext, into_trash
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import JailStopped, MountedAt, OriginIs, Step
from jailer_core.plan.actions import argv_of


@dataclass(frozen=True, slots=True)
class WayToTrash:
    """The entry of the trash that a state becomes, its dataset there, and the steps to it.

    `before` may run while the jail runs. Then it is stopped; what `aside` unmounts would stay
    mounted where it is, and be in the way of the new state. Then its dataset is moved.
    """

    entry: str
    target: str
    before: list[Step]
    aside: list[Step]
    move: Step


def way(
    case: RollbackContext,
    properties: dataset_properties.DatasetProperties,
    stamp: str,
    because: str,
) -> WayToTrash:
    """How the jail's state gets into the trash. Raises Refused."""
    inventory = case.inventory
    entry, target = into_trash(case, stamp)
    place = file_steps.place(inventory)
    known = replace(inventory, properties=properties.properties)
    asides, records = busy.set_aside(
        known, case.jail, case.going, force=False, staying=case.staying()
    )
    before = [*file_steps.trash(inventory), *place.steps]
    before += _keep(case, because, records, paths.kept_folder(place.state, entry))
    return WayToTrash(entry, target, before, asides, _move(case, target, asides))


def _keep(
    case: RollbackContext, because: str, records: tuple[trash.Part, ...], folder: str
) -> list[Step]:
    """Save what is needed to restore the entry if the jail no longer exists."""
    config = case.config
    record = replace(
        trash.record_of(case.inventory, case.jail, config, records),
        because=because,
        kept=tuple(dataset.guid for dataset in case.kept),
    )
    files = [(trash.RECORD, trash.to_json(record), "Save where it came from")]
    alone = config.alone and guards.source(config) != "/etc/jail.conf"
    if alone and config.text is not None:
        files.insert(0, (trash.CONFIG, config.text, "Save its configuration"))
    return file_steps.new_folder(folder, files)


def _move(case: RollbackContext, target: str, asides: list[Step]) -> Step:
    """Rename the jail's dataset into the trash."""
    top = case.parts[0]
    commands = [argv_of(step.action) for step in asides]
    unmounted = {argv[-1] for argv in commands if argv[1:2] == ("unmount",)}
    # a renamed dataset comes back unmounted (recording 05); those set aside have their own undo
    again = [
        zfs_steps.mount_again(dataset.name, dataset.guid)
        for dataset in case.parts
        if dataset.mounted and not dataset.jailed and dataset.name not in unmounted
    ]
    inside = jail_mounts.configured(case.inventory, case.config)
    free = (MountedAt(path, mounted=False) for path in inside)
    title = f"Move the current state of {case.jail.name} to the trash"
    step = zfs_steps.rename(top.name, target, top.guid, title, f"Move {top.name} back")
    return replace(
        step,
        undo=(*step.undo, *again),
        preconditions=(JailStopped(case.jail.name), *step.preconditions, *free),
        jail=case.jail.name,
        hint="A process of the host may have its working directory there: see fstat -f.",
    )


def promote(  # noqa: PLR0913 - both states, and where they come from
    case: RollbackContext,
    clone: str,
    origin: str,
    above: str,
    *,
    guid: str = "",
    parent_guid: str = "",
) -> Step:
    """Once only: afterwards the old one is the clone, and the new one has its origin, `above`."""
    title = f"Move the snapshot and older ones to {clone}"
    back = f"Move them back to {origin.partition('@')[0]}"
    step = zfs_steps.promote(clone, origin, title, back, guid=guid, parent_guid=parent_guid)
    goal = (*step.postconditions, OriginIs(clone, above))
    return replace(step, postconditions=goal, jail=case.jail.name)


def put_back(case: RollbackContext, top: Dataset, target: str, *, mount: bool = True) -> list[Step]:
    """Move datasets without the snapshot back from the trash unchanged, and mount them."""
    old = f"{target}{case.below(top)}"
    step = zfs_steps.rename(
        old, top.name, top.guid, f"Move {top.name} back", f"Move {top.name} aside again"
    )
    step = replace(step, postconditions=step.postconditions[:1], jail=case.jail.name)
    return [step, *(mounted_again(case, top) if mount else ())]


def mounted_again(case: RollbackContext, top: Dataset) -> list[Step]:
    """Mount what was mounted before."""
    return [
        zfs_steps.mount(dataset.name, dataset.guid, case.jail.name)
        for dataset in case.staying()
        if dataset.mounted and not dataset.jailed and jail_mounts.inside(dataset.name, top.name)
    ]
