"""Changes that are undone by an opposite operation, which knows the present host better."""

from __future__ import annotations

from collections.abc import Collection

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.images.places import places
from jailer_core.operations.images.requests import ImageDestroy, ImageFetch
from jailer_core.operations.jails.requests import Clone, Create, Destroy, TrashRestore
from jailer_core.operations.network.translations.requests import NatAdd, RedirectAdd
from jailer_core.operations.network.translations.undo import opposite as rule
from jailer_core.operations.shared.trash import because
from jailer_core.operations.snapshots import selection
from jailer_core.operations.snapshots.requests import (
    Rollback,
    SnapshotDestroy,
    SnapshotTake,
    UndoRollback,
)
from jailer_core.operations.undo.history import History
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.operations.updates.requests import Rebase
from jailer_core.plan import DatasetHasGuid, OutcomeStatus, Request
from jailer_core.text import sanitize


def of(  # noqa: PLR0911 - one for each
    inventory: Inventory, past: History, request: UndoChange
) -> Request | None:
    """The request that is the opposite of a change that was done to its end, when there is one.

    Raises Refused when what it made is gone.
    """
    if past.last.ending != OutcomeStatus.DONE.value:
        return None
    match past.request:
        case Destroy(purge=False) as destroy:
            message = f"{sanitize(destroy.name)} is no longer in the trash"
            return TrashRestore(_in_trash(inventory, destroy.name, destroy.stamp, message))
        case SnapshotTake() as taken:
            return _untake(inventory, taken, past)
        case Rollback() | UndoRollback() | Rebase() as went:
            _same(inventory, past.first.jail, past, _guids(past))
            message = "the earlier state is no longer in the trash"
            entry = _in_trash(inventory, past.first.jail, went.stamp, message, state=True)
            return UndoRollback(entry, request.stamp)
        case Create() | Clone() as made:
            name = made.new if isinstance(made, Clone) else made.name
            _same(inventory, name, past, past.made.values())
            return Destroy(name, request.stamp)
        case ImageFetch() as fetched:
            version = fetched.version or _fetched(past)
            return _unfetch(inventory, version, past) if version else None
        case NatAdd() | RedirectAdd() as added:
            return rule(
                inventory.firewall, added, (executed_step.step for executed_step in past.steps)
            )
    return None


def _in_trash(
    inventory: Inventory, name: str, stamp: str, message: str, *, state: bool = False
) -> str:
    """The jail that went into the trash then, or its `state`: what was written since is kept.

    States of several jails may have gone there in the same second.
    """
    guards.require_datasets(inventory)
    for entry in inventory.trash:
        if entry.name == name and entry.stamp == stamp and (because(entry) or not state):
            return entry.id
    raise Refused(message, "It has been restored or purged since.")


def _untake(inventory: Inventory, take: SnapshotTake, past: History) -> SnapshotDestroy:
    """Destroy the snapshots that were taken, each known by its guid: never others of that name."""
    full = f"{guards.require_jail(inventory, take.name).dataset}@{take.snapshot}"
    if inventory.snapshots is None:
        return SnapshotDestroy((full,), take.recursive)
    guids = {snapshot.full_name: snapshot.guid for snapshot in inventory.snapshots}
    if full not in guids:
        raise Refused(
            f"the snapshot {sanitize(full)} no longer exists", "There is nothing to undo."
        )
    if past.made.get(full) != guids[full]:
        raise Refused(
            f"{sanitize(full)} is not the snapshot that was taken then",
            f"Destroy it if that is what you want: snap destroy {word(full)}",
        )
    ours = tuple(name for name, guid in past.made.items() if guids.get(name) == guid)
    below = selection.chosen(inventory, (full,), recursive=take.recursive).snapshots
    if {snapshot.full_name for snapshot in below} == set(ours):
        return SnapshotDestroy((full,), take.recursive)
    return SnapshotDestroy(ours, recursive=False)


def _same(inventory: Inventory, name: str, past: History, guids: Collection[str]) -> None:
    """A jail of that name may be another one by now, or have another state."""
    guards.require_datasets(inventory)
    jail = guards.require_jail(inventory, name)
    dataset = inventory.dataset(jail.dataset) if jail.dataset else None
    if dataset is not None and dataset.guid in guids:
        return
    if isinstance(past.request, Create | Clone):
        raise Refused(
            f"{sanitize(name)} is not the jail that was created then",
            f"Destroy it if that is what you want: destroy {word(name)}.",
        )
    raise Refused(
        f"{sanitize(name)} has another dataset by now: it is another jail, or a later change "
        "exchanged its state",
        "Undo later changes first: activity. The earlier states: trash list.",
    )


def _guids(past: History) -> frozenset[str]:
    """The guids of all datasets that a change was about, those that it made too."""
    conditions = (
        condition
        for did in past.steps
        for condition in (*did.step.preconditions, *did.step.postconditions)
    )
    named = {condition.guid for condition in conditions if isinstance(condition, DatasetHasGuid)}
    return frozenset({*named, *past.made.values()})


def _unfetch(inventory: Inventory, version: str, past: History) -> ImageDestroy:
    """An image of that version may have been destroyed and fetched again."""
    dataset = inventory.dataset(places(inventory, version).dataset)
    if dataset is not None and dataset.guid not in past.made.values():
        raise Refused(
            f"{version} is not the image that was fetched then",
            f"Destroy it if that is what you want: image destroy {version}.",
        )
    return ImageDestroy(version)


def _fetched(past: History) -> str:
    for did in past.steps:
        for state in did.step.postconditions:
            name = getattr(state, "name", "")
            if "/image/" in name:
                return str(name).partition("/image/")[2].partition("@")[0]
    return ""
