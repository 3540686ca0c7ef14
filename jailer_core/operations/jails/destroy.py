"""Destroy a jail: stop it, keep its configuration, move its dataset to the trash (or purge it).

A rename keeps clones, so moving never refuses because of them (recordings 05, 11). What can be
done while the jail still runs comes first, so that it is down as short as possible, and not at
all when that fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail, JailConfig, JailState
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.jails import boot, dependencies, lifecycle, stopping
from jailer_core.operations.jails.requests import Destroy
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.settings import rctl_conf
from jailer_core.operations.shared import (
    busy,
    clones,
    dataset_copies,
    file_steps,
    jail_mounts,
    ownership,
    paths,
    trash,
)
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import (
    Condition,
    Danger,
    DatasetExists,
    DatasetHasGuid,
    JailStopped,
    MountedAt,
    Needs,
    Plan,
    Step,
)
from jailer_core.plan.steps import Work, joined
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: Destroy) -> Needs:
    """The text of its file, processes that use its file systems, properties of its datasets."""
    jail = guards.require_jail(inventory, request.name)
    parts = inventory.below(jail.dataset) if jail.dataset else ()
    live = lifecycle.needs_of(inventory, jail)
    keys = () if request.purge else (dataset_copies.roots_ask(inventory, jail.dataset),)
    return Needs(
        snapshots=request.purge,
        jails=(jail.name,),
        holders=tuple(
            dataset.mountpoint for dataset in parts if dataset.mounted and dataset.mountpoint
        ),
        properties=tuple(dataset.name for dataset in parts),
        files=(*live.files, *jail_hooks.paths(jail.name)),
        commands=(clones.volumes_ask(jail.dataset), *keys) if parts else (),
    ) | rctl_conf.trash_needs(inventory, jail.name)


@dataclass(frozen=True, slots=True)
class _Case:
    """A jail that may be destroyed, with what belongs to it."""

    inventory: Inventory
    request: Destroy
    jail: Jail
    config: JailConfig
    parts: tuple[Dataset, ...]

    def down(self) -> Work:
        """Stop it, or clean up what an earlier start left mounted; then free its files."""
        inventory, jail, request = self.inventory, self.jail, self.request
        down = stopping.down(inventory, jail, self.config)
        free = busy.free(inventory, jail, self.parts, force=request.force, kill=request.kill)
        return joined((down, free))

    def guards(self) -> tuple[Condition, ...]:
        """The preconditions for moving or destroying the dataset."""
        inside = jail_mounts.configured(self.inventory, self.config)
        empty = (MountedAt(path, mounted=False) for path in inside)
        top = self.parts[0]
        return (JailStopped(self.jail.name), DatasetHasGuid(top.name, top.guid), *empty)

    def forget(self) -> Work:
        """Remove its configuration, and its name from the boot list."""
        steps, notes = boot.without(self.inventory, self.jail.name)
        path, text = guards.source(self.config), self.config.text or ""
        drop = file_steps.drop_file(path, text, self.config.stamp, f"Remove {sanitize(path)}")
        limits, notes_limits = rctl_conf.dropped(self.inventory, self.jail.name)
        dropped = jail_hooks.rules_dropped(self.inventory, self.jail.name)
        return [drop, *dropped, *limits, *steps], [*notes, *notes_limits]


def destroy(inventory: Inventory, request: Destroy) -> Plan:
    """The plan that destroys a jail."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    config = ownership.alone(jail)
    parts = ownership.own_datasets(inventory, jail, config)
    if jail.state is JailState.DYING and not request.force:
        raise Refused(
            f"{sanitize(jail.name)} is dying: the kernel still holds its files",
            "Wait, or unmount by force (--force).",
        )
    guards.require_stamp(request.stamp, "a trash entry")
    ownership.nothing_foreign(inventory, jail, config, parts)
    case = _Case(inventory, request, jail, config, parts)
    steps, notes = _purge(case) if request.purge else _move(case)
    return Plan(
        request,
        f"Destroy {sanitize(jail.name)}" + (" permanently" if request.purge else ""),
        tuple(steps),
        Danger.DESTROYS,
        confirm=jail.name,
        notes=(*notes, *dependencies.left_without(inventory, jail.name)),
        jail=jail.name,
    )


def _move(case: _Case) -> Work:
    inventory, jail = case.inventory, case.jail
    entry = trash.entry_id(inventory, jail, case.request.stamp)
    target = f"{inventory.layout.trash}/{entry}"
    ownership.trash_can_take(inventory, jail, target)
    dataset_copies.key_allows_move(inventory, jail.dataset, target)
    place = file_steps.place(inventory)
    asides, records = busy.set_aside(inventory, jail, case.parts, force=case.request.force)
    steps = [*file_steps.trash(inventory), *place.steps]
    steps += _keep(case, records, paths.kept_folder(place.state, entry))
    down, notes = case.down()
    forget, notes_forget = case.forget()
    title, back = f"Move {jail.dataset} to the trash", f"Move {jail.dataset} back"
    move = zfs_steps.rename(jail.dataset, target, case.parts[0].guid, title, back)
    # a renamed dataset comes back unmounted (recording 05); others have an undo of their own
    again = [
        zfs_steps.mount_again(dataset.name, dataset.guid)
        for dataset, record in zip(case.parts, records, strict=True)
        if dataset.mounted and record.canmount is None and not case.request.force
    ]
    move = replace(
        move,
        undo=(*move.undo, *again),
        preconditions=(*case.guards(), DatasetExists(target, exists=False)),
        jail=jail.name,
    )
    notes += clones.volume_notes(case.inventory, case.jail.dataset, clones.MOVED)
    notes = [*notes, *notes_forget, f"Restore it: trash restore {word(entry)}"]
    return [*steps, *down, *asides, move, *forget], notes


def _keep(case: _Case, records: tuple[trash.Part, ...], folder: str) -> list[Step]:
    config = case.config
    record = replace(
        trash.record_of(case.inventory, case.jail, config, records),
        limits=rctl_conf.loaded(case.inventory, case.jail.name),
    )
    files = [
        (trash.CONFIG, config.text or "", "Save its configuration"),
        (trash.RECORD, trash.to_json(record), "Save what is needed to restore it"),
    ]
    rules = jail_hooks.rules_stored(case.inventory, case.jail.name)
    if rules is not None:
        files.append((trash.RULES, rules, "Save its NAT and redirect rules"))
    if rctl_conf.stored(case.inventory, case.jail.name):
        title = f"Save {rctl_conf.FILE}, which has its limits"
        files.append((trash.LIMITS, rctl_conf.text_of(case.inventory), title))
    return file_steps.new_folder(folder, files)


def _purge(case: _Case) -> Work:
    hint = "Move it to the trash instead (without --purge): that keeps its clones."
    clones.nothing(case.inventory, case.parts, hint)
    down, notes = case.down()
    forced = busy.by_force(case.inventory, case.jail, case.parts) if case.request.force else []
    forget, notes_forget = case.forget()
    last = clones.destroy_step(case.parts[0], case.guards(), case.jail.name)
    notes = [*notes, *notes_forget, *clones.what_goes(case.inventory, case.parts)]
    return [*down, *forced, *forget, last], notes
