"""Dependents of the snapshots that a rollback would destroy, in words.

The context of a rollback: what goes back, what stays, and how the jail is restarted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jailer_core import checks
from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail, JailConfig, JailState, Snapshot
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.jails import lifecycle, starting, stopping
from jailer_core.operations.shared import (
    busy,
    clones,
    dataset_copies,
    jail_mounts,
    ownership,
    trash,
)
from jailer_core.operations.snapshots import dataset_properties, selection
from jailer_core.operations.snapshots.requests import Rollback, RollbackDestroy
from jailer_core.plan import Needs
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize


def newer_dependents(
    inventory: Inventory, going: tuple[Dataset, ...], chosen: dict[str, Snapshot]
) -> tuple[Snapshot, ...]:
    """Snapshots of these datasets that are newer than the target."""
    own = {dataset.name for dataset in going}
    return tuple(
        snapshot
        for snapshot in inventory.snapshots or ()
        if snapshot.dataset in own and snapshot.createtxg > chosen[snapshot.dataset].createtxg
    )


def dependent_notes(
    inventory: Inventory,
    going: tuple[Dataset, ...],
    chosen: dict[str, Snapshot],
    target: str,
    top: str,
) -> list[str]:
    """Notes on newer snapshots that stay in the trash, and clones with an origin there."""
    later = newer_dependents(inventory, going, chosen)
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


@dataclass(frozen=True, slots=True)
class RollbackContext:
    """A jail with its datasets: those that go back, with their snapshots, and those that stay.

    `chosen` names those that go when that is not for their snapshots to say.
    """

    inventory: Inventory
    jail: Jail
    config: JailConfig
    parts: tuple[Dataset, ...]
    snapshots: dict[str, Snapshot]
    chosen: frozenset[str] | None = None

    def below(self, dataset: Dataset) -> str:
        """Its name below the jail's dataset, "" for that itself."""
        return dataset.name[len(self.jail.dataset) :]

    def goes(self, dataset: Dataset) -> bool:
        """Whether it is rolled back: it and all parents up to the jail's have the snapshot."""
        if self.chosen is not None:
            return dataset.name in self.chosen
        name = dataset.name
        while len(name) > len(self.jail.dataset):
            if name not in self.snapshots:
                return False
            name = name.rpartition("/")[0]
        return name in self.snapshots

    @property
    def going(self) -> tuple[Dataset, ...]:
        """The datasets that are rolled back, parents first."""
        return tuple(dataset for dataset in self.parts if self.goes(dataset))

    @property
    def kept(self) -> tuple[Dataset, ...]:
        """The topmost unchanged datasets; those below move with them."""
        names = {dataset.name for dataset in self.going}
        return tuple(
            dataset
            for dataset in self.parts
            if dataset.name not in names and dataset.name.rpartition("/")[0] in names
        )

    def staying(self) -> tuple[Dataset, ...]:
        """All unchanged datasets."""
        names = {dataset.name for dataset in self.going}
        return tuple(dataset for dataset in self.parts if dataset.name not in names)


# --- reading ---------------------------------------------------------------------------------


def needs(inventory: Inventory, request: Rollback | RollbackDestroy) -> Needs:
    """Snapshots, properties of the datasets, processes that use them, the jail's file."""
    return needs_of(inventory, request.name)


def needs_of(inventory: Inventory, name: str) -> Needs:
    """The same for the jail of that name."""
    jail = guards.require_jail(inventory, name)
    parts = inventory.below(jail.dataset) if jail.dataset else ()
    live = lifecycle.needs_of(inventory, jail)
    mounted = (dataset for dataset in parts if dataset.mounted and not dataset.jailed)
    dataset = jail.dataset
    around = (clones.volumes_ask(dataset), dataset_copies.roots_ask(inventory, dataset))
    questions = (*dataset_properties.bookmark_asks(parts), *(around if parts else ()))
    return Needs(
        snapshots=True,
        jails=(jail.name,),
        holders=tuple(dataset.mountpoint for dataset in mounted if dataset.mountpoint),
        files=live.files,
        commands=(*dataset_properties.asks(inventory, parts), *questions),
    )


def context_of(inventory: Inventory, request: Rollback | RollbackDestroy) -> RollbackContext:
    """The rollback of a jail to a snapshot. Raises Refused."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    selection.the_snapshot(inventory, jail, request.snapshot)
    config, parts = _exchangeable(inventory, jail)
    snapshots = selection.having(inventory, parts, request.snapshot)
    return RollbackContext(inventory, jail, config, parts, snapshots)


def context_of_state(inventory: Inventory, name: str, kept: tuple[str, ...]) -> RollbackContext:
    """The exchange of a jail's state, except datasets with these guids. Raises Refused."""
    jail = guards.require_jail(inventory, name, guards.require_owned)
    selection.snapshots_read(inventory)
    config, parts = _exchangeable(inventory, jail)
    tops = tuple(dataset.name for dataset in parts if dataset.guid in kept)
    going = frozenset(
        dataset.name
        for dataset in parts
        if not any(jail_mounts.inside(dataset.name, top) for top in tops)
    )
    return RollbackContext(inventory, jail, config, parts, {}, going)


def _exchangeable(inventory: Inventory, jail: Jail) -> tuple[JailConfig, tuple[Dataset, ...]]:
    config = guards.require_configured(jail)
    parts = ownership.own_datasets(inventory, jail, config)
    if jail.state is JailState.DYING:
        raise Refused(
            f"{sanitize(jail.name)} is dying: the kernel still holds its files",
            "Wait until it disappears by itself.",
        )
    ownership.nothing_foreign(inventory, jail, config, parts)
    _no_volumes(inventory, jail)
    return config, parts


def _no_volumes(inventory: Inventory, jail: Jail) -> None:
    """Volumes are in no list of file systems, and would be left in the trash unseen."""
    names = clones.volumes(inventory, jail.dataset)
    if names is None:
        raise Refused(
            f"whether there are volumes below {sanitize(jail.dataset)} could not be read",
            "See the problems: zfs list -t volume.",
        )
    if names:
        raise Refused(
            f"{sanitize(names[0])} is a volume: rollback is only supported for file systems",
            "Roll it back separately: zfs rollback",
        )


# --- down and up ---


def into_trash(case: RollbackContext, stamp: str) -> tuple[str, str]:
    """The id of the trash entry and its dataset, after checking the length of all names."""
    guards.require_stamp(stamp, "a trash entry")
    inventory, jail = case.inventory, case.jail
    pool = inventory.layout.dataset.partition("/")[0]
    if jail.dataset.partition("/")[0] != pool:
        raise Refused(
            f"{sanitize(jail.dataset)} cannot be moved to the trash: "
            + (f"that is in the pool {pool}" if pool else "this host is not set up for jails"),
            "The plain rollback needs no trash, and destroys what is newer (rollback --destroy).",
        )
    entry = trash.entry_id(inventory, jail, stamp)
    target = f"{inventory.layout.trash}/{entry}"
    ownership.trash_can_take(inventory, jail, target)
    dataset_copies.key_allows_move(inventory, jail.dataset, target)
    own = {dataset.name for dataset in case.parts}
    grown = len(target) - len(jail.dataset)
    for snapshot in inventory.snapshots or ():
        if snapshot.dataset in own and len(snapshot.full_name) + grown > checks.DATASET_LENGTH:
            raise Refused(
                f"the name of {sanitize(snapshot.full_name)} would be too long in the trash",
                f"Rename it first: zfs rename {word(snapshot.full_name)} @shorter",
            )
    return entry, target


def take_down(case: RollbackContext) -> Work:
    """Stop it, or clean up what an earlier start left mounted; then check that it is not busy."""
    steps, notes = stopping.down(case.inventory, case.jail, case.config)
    try:
        _, notes_free = busy.free(case.inventory, case.jail, case.parts, force=False, kill=False)
    except Refused as error:
        hint = "Terminate them first, or make them leave that directory."
        raise Refused(error.message, hint) from None
    return steps, [*notes, *notes_free]


def bring_up(case: RollbackContext, start: bool | None) -> Work:
    """Start it again if it was running, or if requested."""
    inventory, jail, config = case.inventory, case.jail, case.config
    if not (jail.running if start is None else start):
        return [], ["It is not started again."] if jail.running else []
    if jail.running:
        step = starting.start_again(inventory, jail, config)
        return [step], ["The running jail is stopped, and started again afterwards."]
    left = {mount.path for mount in jail_mounts.left_over(inventory, config)}
    left_mounts = tuple(mount for mount in inventory.mounts or () if mount.path not in left)
    # its datasets are mounted by then, as they are now
    bare = replace(jail, dataset="")
    return starting.bring_up(replace(inventory, mounts=left_mounts), bare, config)


def what_becomes(case: RollbackContext, snapshot: str) -> list[str]:
    """A note for each dataset: rolled back, or unchanged and why."""
    names = []
    for dataset in case.parts:
        if case.goes(dataset):
            names.append(f"{dataset.name} is rolled back.")
        elif dataset.name in case.snapshots:
            names.append(f"{dataset.name} is unchanged: its parent has no @{snapshot}.")
        else:
            names.append(f"{dataset.name} has no @{snapshot}: it is unchanged.")
    return names
