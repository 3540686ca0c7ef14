"""Changes that are undone by an opposite operation, which knows the present host better.

Undo a change, or resume one that was interrupted: what it needs, and its plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import chain

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards, registry
from jailer_core.operations.guards import word
from jailer_core.operations.images.catalog import places
from jailer_core.operations.images.requests import ImageDestroy, ImageFetch
from jailer_core.operations.jails.requests import Clone, Create, Destroy, TrashRestore
from jailer_core.operations.network.translations.remove import opposite as rule
from jailer_core.operations.network.translations.requests import NatAdd, RedirectAdd
from jailer_core.operations.shared.trash import because
from jailer_core.operations.snapshots import selection
from jailer_core.operations.snapshots.requests import (
    Rollback,
    SnapshotDestroy,
    SnapshotTake,
    UndoRollback,
)
from jailer_core.operations.undo import requirements, resume
from jailer_core.operations.undo.entry import why_no_undo
from jailer_core.operations.undo.history import History, history, more_paths
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.operations.undo.reverse_plan import ReversePlan
from jailer_core.operations.updates.requests import Rebase
from jailer_core.plan import DatasetHasGuid, Needs, OutcomeStatus, Plan, Request
from jailer_core.plan.actions import argv_of
from jailer_core.plan.conditions import needs_of
from jailer_core.plan.conditions.effects import files_of_package
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


# --- undo ------------------------------------------------------------------------------------


def needs(inventory: Inventory, request: UndoChange | Resume) -> Needs:
    """The journal of the change, and what is needed to judge its conditions."""
    files = Needs(files=more_paths(inventory, request.entry))
    try:
        past = history(inventory, request.entry)
        if isinstance(request, Resume):
            rest = needs_of(chain(past.states(), resume.needs(past)))
            return files | rest | registry.needs(inventory, past.request)
        other = of(inventory, past, request)
    except Refused:
        # what it was refused for must be known when it is refused in the end
        return files | Needs(snapshots=inventory.snapshots is not None)
    undos = [undo.action for did in past.steps for undo in did.step.undo]
    if other is None:
        more = needs_of(past.states()) | requirements.jail_file_needs(inventory, undos)
    else:
        more = registry.needs(inventory, other)
    # what it is taken back by depends on the rules that are there now
    rules = Needs(firewall=isinstance(past.request, NatAdd | RedirectAdd))
    # some files of packages may lie in directories that are removed
    words = [argv for argv in map(argv_of, undos) if argv[:2] == ("pkg", "delete")]
    packages = Needs(commands=tuple(files_of_package(argv[-1]) for argv in words))
    return files | more | rules | packages | requirements.settings_lost_needs(undos)


def undo(inventory: Inventory, request: UndoChange) -> Plan:
    """The plan that undoes a change. Raises Refused if that is not possible."""
    past = history(inventory, request.entry)
    why = "" if past.last.interrupted else why_no_undo(past.last)
    if why:
        raise Refused(f"{past.first.title}: {why}", "See what can be undone: activity")
    other = of(inventory, past, request)
    if other is None:
        made = ReversePlan(inventory, past).plan(request)
        return replace(made, notes=(*made.notes, *_lost(inventory, past, made)))
    made = registry.plan(inventory, other)
    notes = (*made.notes, *_lost(inventory, past, made))
    if isinstance(other, Destroy):
        notes = (f"{sanitize(other.name)} goes to the trash with its current content.", *notes)
    return replace(made, request=request, title=f"Undo: {past.first.title}", notes=notes)


def _lost(inventory: Inventory, past: History, made: Plan) -> Iterator[str]:
    done = (executed_step.step for executed_step in past.steps)
    return requirements.settings_lost(inventory, done, made.steps)


# --- going on --------------------------------------------------------------------------------


def go_on(inventory: Inventory, request: Resume) -> Plan:
    """The plan with the remaining steps of an interrupted change."""
    return resume.resume(inventory, history(inventory, request.entry), request, registry.decide)
