"""Changes whose opposite is an operation of its own, which knows the present host better."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import destroy, guards, images, restore
from jailer_core.operations.firewall import remove as unrule
from jailer_core.operations.firewall.requests import NatAdd, NatDel, RdrAdd, RdrDel
from jailer_core.operations.firewall.undo import opposite as rule
from jailer_core.operations.guards import named
from jailer_core.operations.requests import (
    Clone,
    Create,
    Destroy,
    ImageDestroy,
    ImageFetch,
    TrashRestore,
)
from jailer_core.operations.snapshots import forward, remove
from jailer_core.operations.snapshots.requests import GoBack, GoForward, SnapDestroy, SnapTake
from jailer_core.operations.trash import because
from jailer_core.operations.undoing.history import History
from jailer_core.operations.undoing.requests import UndoChange
from jailer_core.plan import Ending, Needs, Plan, Request

OLDER = 2
"""Seconds by which the clock of ZFS may differ from ours."""
TAKING = 120
"""Seconds within which a snapshot is taken, once its plan has begun."""


def of(  # noqa: PLR0911 - one for each
    inventory: Inventory, past: History, request: UndoChange
) -> Request | None:
    """The request that is the opposite of a change that was done to its end, when there is one.

    Raises Refused when what it made is not there any more.
    """
    if past.last.ending != Ending.DONE.value:
        return None
    match past.request:
        case Destroy(purge=False) as wanted:
            return TrashRestore(_in_trash(inventory, wanted))
        case SnapTake() as taken:
            return SnapDestroy((_taken(inventory, taken, past.first.when),), taken.recursive)
        case GoBack() | GoForward() as went:
            return GoForward(_state(inventory, went.stamp), request.stamp)
        case Create() | Clone() as made:
            name = made.new if isinstance(made, Clone) else made.name
            _same(inventory, name, past.first.when)
            return Destroy(name, request.stamp)
        case ImageFetch() as fetched:
            version = fetched.version or _fetched(past)
            return ImageDestroy(version) if version else None
        case NatAdd() | RdrAdd() as added:
            return rule(inventory.firewall, added, (one.step for one in past.steps))
    return None


def _in_trash(inventory: Inventory, wanted: Destroy) -> str:
    guards.datasets_read(inventory)
    for entry in inventory.trash:
        if entry.name == wanted.name and entry.stamp == wanted.stamp:
            return entry.id
    raise Refused(
        f"{named(wanted.name)} is not in the trash any more",
        "It was brought back or purged meanwhile.",
    )


def _taken(inventory: Inventory, wanted: SnapTake, when: float) -> str:
    """The full name of the snapshot that was taken, when it is not another one by now."""
    full = f"{guards.the_jail(inventory, wanted.name).dataset}@{wanted.snapshot}"
    if inventory.snapshots is None:
        return full
    found = next((one for one in inventory.snapshots if one.full_name == full), None)
    if found is None:
        raise Refused(f"there is no snapshot {named(full)} any more", "There is nothing to undo.")
    if not int(when) - OLDER <= found.creation <= when + TAKING:
        raise Refused(
            f"{named(full)} is another snapshot than the one that was taken then",
            f"Destroy it if that is what you want: snap destroy {named(full)}",
        )
    return full


def _state(inventory: Inventory, stamp: str) -> str:
    """The state that went into the trash then: what was written since is not lost by undoing."""
    guards.datasets_read(inventory)
    for entry in inventory.trash:
        if entry.stamp == stamp and because(entry):
            return entry.id
    raise Refused(
        "the state from before is not in the trash any more",
        "It was brought back or purged meanwhile.",
    )


def _same(inventory: Inventory, name: str, when: float) -> None:
    """A jail of that name may be another one by now."""
    jail = guards.the_jail(inventory, name)
    found = inventory.dataset(jail.dataset) if jail.dataset else None
    if found is not None and found.creation < int(when) - OLDER:
        raise Refused(
            f"{named(name)} is another jail than the one that was made then",
            f"Destroy it if that is what you want: destroy {named(name)}.",
        )


def _fetched(past: History) -> str:
    for did in past.steps:
        for state in did.step.goal:
            name = getattr(state, "name", "")
            if "/image/" in name:
                return str(name).partition("/image/")[2].partition("@")[0]
    return ""


def needs(inventory: Inventory, request: Request) -> Needs:  # noqa: PLR0911 - one for each
    """What it needs to be told."""
    match request:
        case TrashRestore():
            found = next(one for one in inventory.trash if one.id == request.entry)
            return restore.needs(inventory, found, purge=False)
        case Destroy():
            return destroy.needs(inventory, guards.the_jail(inventory, request.name), request)
        case ImageDestroy():
            return images.destroy_needs(inventory, request)
        case GoForward():
            return forward.needs(inventory, request)
        case SnapDestroy():
            return remove.needs(inventory, request)
        case NatDel() | RdrDel():
            return unrule.needs(inventory, request)
    return Needs()


def plan(inventory: Inventory, request: Request) -> Plan:  # noqa: PLR0911 - one for each
    """Its plan."""
    match request:
        case TrashRestore():
            return restore.restore(inventory, request)
        case Destroy():
            made = destroy.destroy(inventory, request)
            note = f"{named(request.name)} goes into the trash with all that is in it by now."
            return replace(made, notes=(note, *made.notes))
        case ImageDestroy():
            return images.destroy(inventory, request)
        case GoForward():
            return forward.go_forward(inventory, request)
        case SnapDestroy():
            return remove.destroy(inventory, request)
        case NatDel():
            return unrule.nat(inventory, request)
        case RdrDel():
            return unrule.rdr(inventory, request)
    raise TypeError(type(request).__name__)
