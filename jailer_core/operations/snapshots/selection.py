"""Select the snapshots of a request, with their owners. Raises errors.Refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail, Snapshot
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.shared import ownership
from jailer_core.operations.shared.jail_mounts import inside
from jailer_core.parse import zfs
from jailer_core.text import sanitize

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


@dataclass(frozen=True, slots=True)
class Selection:
    """Snapshots of one or several jails, in the requested order."""

    snapshots: tuple[Snapshot, ...]
    jails: tuple[Jail, ...]

    @property
    def title(self) -> str:
        """The one snapshot's full name, or how many there are."""
        return named(self.snapshots)

    @property
    def jail(self) -> str:
        """The jail's name if all are of one jail, else ""."""
        return self.jails[0].name if len(self.jails) == 1 else ""


def named(snapshots: tuple[Snapshot, ...]) -> str:
    """The full name of a single snapshot, else how many there are."""
    if len(snapshots) == 1:
        return sanitize(snapshots[0].full_name)
    return f"{len(snapshots)} snapshots"


def snapshots_read(inventory: Inventory) -> tuple[Snapshot, ...]:
    """Raises Refused if they are unknown: that is not the same as none."""
    if inventory.snapshots is None:
        raise Refused("the snapshots could not be read", "See the problems: zfs list.")
    return inventory.snapshots


def parts_of(inventory: Inventory, jail: Jail) -> tuple[Dataset, ...]:
    """The jail's dataset and those below it."""
    guards.require_datasets(inventory)
    parts = inventory.below(jail.dataset) if jail.dataset else ()
    if not parts:
        raise Refused(
            f"{sanitize(jail.name)} has no dataset of its own",
            f"Only datasets have snapshots; its files are in {sanitize(jail.path)}.",
        )
    return parts


def having(inventory: Inventory, parts: tuple[Dataset, ...], name: str) -> dict[str, Snapshot]:
    """The datasets that have a snapshot of that name, with the snapshot."""
    own = {dataset.name for dataset in parts}
    return {
        snapshot.dataset: snapshot
        for snapshot in snapshots_read(inventory)
        if snapshot.name == name and snapshot.dataset in own
    }


def the_snapshot(inventory: Inventory, jail: Jail, name: str) -> Snapshot:
    """The jail's own snapshot of that name."""
    parts = parts_of(inventory, jail)
    snapshot = having(inventory, parts[:1], name).get(jail.dataset)
    if snapshot is not None:
        return snapshot
    message = f"{sanitize(jail.name)} has no snapshot {sanitize(name)}"
    raise Refused(message, available(inventory, jail))


def available(inventory: Inventory, jail: Jail) -> str:
    """A hint that names the newest snapshots of a jail."""
    known = [
        snapshot.name for snapshot in snapshots_read(inventory) if snapshot.dataset == jail.dataset
    ]
    if not known:
        return f"Take one first: snap {word(jail.name)}."
    more = "Available, newest last: " if len(known) > 5 else "Available: "
    return f"{more}{', '.join(map(sanitize, known[-5:]))}."


def chosen(inventory: Inventory, names: tuple[str, ...], *, recursive: bool) -> Selection:
    """Snapshots of our jails by their full names, with those of the same name below."""
    if not names:
        raise Refused("no snapshot is selected")
    by_full_name = {snapshot.full_name: snapshot for snapshot in snapshots_read(inventory)}
    snapshots: dict[str, Snapshot] = {}
    jails: dict[str, Jail] = {}
    for full in dict.fromkeys(names):
        dataset, at, name = full.partition("@")
        if not at or not name:
            raise Refused(f"{sanitize(full)} is not a snapshot", "Use DATASET@SNAPSHOT.")
        jail = owner(inventory, dataset)
        jails[jail.name] = jail
        if full not in by_full_name:
            raise Refused(f"there is no snapshot {sanitize(full)}", "See all: snap list")
        every = inventory.below(dataset) if recursive else inventory.below(dataset)[:1]
        for part in every:
            key = f"{part.name}@{name}"
            if key in by_full_name:
                snapshots[key] = by_full_name[key]
    return Selection(tuple(snapshots.values()), tuple(jails.values()))


def if_known(
    inventory: Inventory, names: tuple[str, ...], *, recursive: bool
) -> tuple[Snapshot, ...]:
    """The same, or an empty selection if they are unknown or refused."""
    if inventory.snapshots is None:
        return ()
    try:
        return chosen(inventory, names, recursive=recursive).snapshots
    except Refused:
        return ()


def owner(inventory: Inventory, dataset: str) -> Jail:
    """The jail of ours that a dataset belongs to."""
    guards.require_datasets(inventory)
    layout = inventory.layout
    if layout.dataset and inside(dataset, layout.images):
        raise Refused(
            f"{sanitize(dataset)} is an image: jails are clones of its snapshot",
            "Destroy the whole image: image destroy.",
        )
    if layout.dataset and inside(dataset, layout.trash):
        raise Refused(
            f"{sanitize(dataset)} is in the trash", "Restore it first, or purge it: trash purge"
        )
    fitting = [jail for jail in inventory.jails if jail.dataset and inside(dataset, jail.dataset)]
    if not fitting:
        raise Refused(f"{sanitize(dataset)} belongs to no jail", "Use zfs itself for it.")
    jail = max(fitting, key=lambda jail: len(jail.dataset))
    guards.require_owned(jail)
    ownership.no_part_of_the_host(inventory, jail, parts_of(inventory, jail))
    return jail


# --- holds -----------------------------------------------------------------------------------


def tag(value: str) -> str:
    """The tag of a hold that we make."""
    text = value.strip()
    if not _TAG.fullmatch(text):
        raise Refused(
            f"tag '{sanitize(value)}' must be letters, digits and - _ . :", "For example: keep"
        )
    return text


def holds_ask(snapshots: tuple[Snapshot, ...]) -> tuple[tuple[str, ...], ...]:
    """The command that lists the tags of held snapshots (recording 05 line 23)."""
    held = [snapshot.full_name for snapshot in snapshots if snapshot.holds]
    return (("zfs", "holds", "-Hp", *held),) if held else ()


Tags = dict[str, tuple[str, ...]]
"""The tags of holds by the full name of the snapshot."""


def tags(inventory: Inventory, snapshots: tuple[Snapshot, ...]) -> Tags | None:
    """The tags of each held snapshot by its full name; None if unknown."""
    asks = holds_ask(snapshots)
    if not asks:
        return {}
    holds = inventory.parsed(asks[0], zfs.holds)
    if holds is None:
        return None
    tags_by_name: Tags = {}
    for name, what, _when in holds.value:
        tags_by_name[name] = (*tags_by_name.get(name, ()), what)
    right = all(
        len(tags_by_name.get(snapshot.full_name, ())) == snapshot.holds
        for snapshot in snapshots
        if snapshot.holds
    )
    return tags_by_name if right else None


def not_used(inventory: Inventory, snapshots: tuple[Snapshot, ...], clones_hint: str) -> None:
    """Raises Refused if one of them has a clone or a hold."""
    cloned = next((snapshot for snapshot in snapshots if snapshot.clones), None)
    if cloned is not None:
        listed = ", ".join(map(sanitize, cloned.clones))
        raise Refused(f"{sanitize(cloned.full_name)} has clones: {listed}", clones_hint)
    held = next((snapshot for snapshot in snapshots if snapshot.holds), None)
    if held is None:
        return
    known = (tags(inventory, snapshots) or {}).get(held.full_name, ())
    by = f" ({', '.join(map(sanitize, known))})" if known else ""
    raise Refused(f"{sanitize(held.full_name)} is held{by}", "Release it first: snap release.")
