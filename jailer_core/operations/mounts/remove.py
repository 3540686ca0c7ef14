"""Remove a mount from a jail: unmount it, and take its line out of the jail's record."""

from __future__ import annotations

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, Jail, Owner
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.mounts import entries, places, records
from jailer_core.operations.mounts.entries import Entry, Place
from jailer_core.operations.mounts.requests import TYPES, MountRemove
from jailer_core.operations.mounts.steps import FileSystem, unmount
from jailer_core.operations.shared import bastille, busy, jail_mounts
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize


def form_facts(inventory: Inventory, request: MountRemove) -> dict[str, str]:
    """The targets that a jail has."""
    may = [entry.target for entry in _removable(inventory, request.name)]
    return {"Mounts": ", ".join(map(sanitize, may)) or "none"}


def form_values(inventory: Inventory, request: MountRemove) -> dict[str, str]:
    """The target, if only one is possible."""
    targets = _removable(inventory, request.name)
    may = [entry.target for entry in targets if entry.fstype != "devfs"]
    return {"target": may[0]} if len(may) == 1 else {}


def form_hints(inventory: Inventory, request: MountRemove) -> dict[str, FieldHint]:
    """Completions: the targets that the jail has."""
    may = tuple(entry.target for entry in _removable(inventory, request.name))
    return {"target": FieldHint(words=may)}


def _removable(inventory: Inventory, name: str) -> list[Entry]:
    """The mounts of a jail but for its own datasets."""
    jail = inventory.jail(name)
    entry_list = entries.entries(inventory, jail) if jail is not None else ()
    return [entry for entry in entry_list if entry.place is not Place.DATASET]


def problems(inventory: Inventory, request: MountRemove) -> dict[str, tuple[str, str]]:
    """Problems of the target; {} if there are none."""
    jail = inventory.jail(request.name)
    return {} if jail is None else guards.problem("target", find, inventory, jail, request)


def needs(inventory: Inventory, request: MountRemove) -> Needs:
    """The jail's mount configuration, and processes that use the mount."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    need = records.needs(inventory, jail)
    try:
        path = normal(jail.path) + places.target(jail, request.target)
    except UsageError:  # the form is still empty
        return need
    need |= Needs(holders=(path,))

    def record() -> records.Change:
        return records.removed(inventory, jail, find(inventory, jail, request))

    return need | records.read_by_jail(inventory, record)


def remove(inventory: Inventory, request: MountRemove) -> Plan:
    """The plan that removes a mount."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    entry = find(inventory, jail, request)
    title = f"Unmount {sanitize(entry.target)} in {sanitize(jail.name)}"
    steps = []
    notes: list[str] = []
    if jail.owner is Owner.BASTILLE:
        _, notes = may_unmount(inventory, entry, force=False)
        steps.append(bastille.step(jail, _system(entry), entry.target, on=False))
        return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)
    if entry.mounted:
        if entry.fstype == "devfs":
            raise Refused(
                f"{sanitize(jail.name)} uses its /dev as long as it is running",
                f"Stop {sanitize(jail.name)} first.",
            )
        holders, notes = may_unmount(inventory, entry, force=request.force)
        force_from = holders if request.force else None
        steps.append(unmount(jail, _system(entry), force_from=force_from))
    change = records.removed(inventory, jail, entry)
    steps += change.steps(inventory, "Remove the mount", "Remove the line by hand: edit.")
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def find(inventory: Inventory, jail: Jail, request: MountRemove) -> Entry:
    """The mount that the request names. Raises Refused and UsageError."""
    target = places.target(jail, request.target)
    guards.require_mounts(inventory)
    entries.must_be_read(inventory, jail)
    entry_list = entries.at(inventory, jail, target)
    if not entry_list:
        raise Refused(
            f"nothing is mounted on {sanitize(target)} in {sanitize(jail.name)}",
            f"See its mounts: mount list {guards.word(jail.name)}",
        )
    if len(entry_list) > 1:
        raise Refused(
            f"{len(entry_list)} mounts are on {sanitize(target)} in {sanitize(jail.name)}",
            "Remove one of them by hand: edit, umount.",
        )
    entry = entry_list[0]
    own = entry.place is Place.FSTAB and entry.target != "/.bastille"
    if jail.owner is Owner.BASTILLE and not (own and entry.mounted):
        raise Refused(
            f"bastille itself mounts {sanitize(target)} of {sanitize(jail.name)}, or it is not "
            "mounted",
            "See its fstab and bastille umount.",
        )
    if entry.place is Place.DATASET:
        raise Refused(
            f"{sanitize(target)} is the dataset {sanitize(entry.source)}",
            f"Unmount it with zfs unmount {guards.word(entry.source)}",
        )
    if entry.place is Place.NOWHERE and entry.fstype not in TYPES:
        raise Refused(
            f"{sanitize(target)} was not mounted for the jail ({sanitize(entry.fstype)})",
            f"Unmount it by hand: umount {guards.word(entry.path)}",
        )
    return entry


def may_unmount(inventory: Inventory, entry: Entry, *, force: bool) -> tuple[str, list[str]]:
    """Processes that lose files, and notes. Raises Refused while something uses the mount."""
    inner = jail_mounts.below(inventory, entry.path)
    if inner:
        raise Refused(
            f"{sanitize(inner[-1].path)} is mounted inside it", "Remove that mount first."
        )
    holders = busy.holders_of(inventory, (entry.path,))
    listed = ", ".join(holders.values())
    if holders and not force:
        raise Refused(
            f"{sanitize(entry.target)} is busy, processes use it: {listed}",
            "Stop them first, or remove the mount by force: mount remove --force.",
        )
    if inventory.holders is None:
        return "", ["Which processes use it could not be determined; umount refuses if any do."]
    lose = f"These processes lose the files they have open there: {listed}."
    return listed, [lose] if holders else []


def _system(entry: Entry) -> FileSystem:
    """What is mounted, so that it can be mounted again with the same options."""
    known = [word for word in entry.options.split(",") if word not in ("nfsv4acls", "local")]
    return FileSystem(entry.source, entry.path, entry.fstype, tuple(known))
