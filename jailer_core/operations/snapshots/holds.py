"""Hold snapshots and release them: a held one cannot be destroyed by anybody."""

from __future__ import annotations

from jailer_core.errors import Already, Refused
from jailer_core.model import Inventory, Snapshot
from jailer_core.operations.guards import word
from jailer_core.operations.snapshots import selection
from jailer_core.operations.snapshots.requests import SnapshotHold, SnapshotRelease
from jailer_core.operations.steps import reversible
from jailer_core.plan import Danger, DatasetHasGuid, Needs, Plan, PropertyIs, Run, Step
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: SnapshotHold | SnapshotRelease) -> Needs:
    """The snapshots, and the tags of their holds."""
    snapshots = selection.if_known(inventory, request.snapshots, recursive=request.recursive)
    return Needs(snapshots=True, commands=selection.holds_ask(snapshots))


def hold(inventory: Inventory, request: SnapshotHold) -> Plan:
    """The plan that holds snapshots."""
    what = selection.chosen(inventory, request.snapshots, recursive=request.recursive)
    tag = selection.tag(request.tag)
    tags = _tags(inventory, what)
    free = tuple(
        snapshot for snapshot in what.snapshots if tag not in tags.get(snapshot.full_name, ())
    )
    notes = [] if free else [f"All of it is already held as {tag}."]
    steps = _steps("hold", tag, free)
    title = f"Hold {_title(request.snapshots, what)}"
    return Plan(request, title, steps, Danger.NONE, notes=tuple(notes), jail=what.jail)


def release(inventory: Inventory, request: SnapshotRelease) -> Plan:
    """The plan that releases snapshots."""
    what = selection.chosen(inventory, request.snapshots, recursive=request.recursive)
    known = _tags(inventory, what)
    tag = request.tag or _only(_title(request.snapshots, what), known)
    held = tuple(
        snapshot for snapshot in what.snapshots if tag in known.get(snapshot.full_name, ())
    )
    if not held:
        listed = ", ".join(map(sanitize, _all(known)))
        raise Already(
            f"{_title(request.snapshots, what)} is not held as {sanitize(tag)}",
            f"It is held as: {listed}." if listed else "It is not held.",
        )
    title = f"Release {_title(request.snapshots, what)}"
    return Plan(request, title, _steps("release", tag, held), Danger.NONE, jail=what.jail)


def _tags(inventory: Inventory, what: selection.Selection) -> selection.Tags:
    tags = selection.tags(inventory, what.snapshots)
    if tags is None:
        held = next(snapshot.full_name for snapshot in what.snapshots if snapshot.holds)
        raise Refused("its holds could not be read", f"See: zfs holds -r {word(held)}")
    return tags


def _all(known: selection.Tags) -> list[str]:
    return sorted({tag for held in known.values() for tag in held})


def _only(title: str, known: selection.Tags) -> str:
    tags = _all(known)
    if len(tags) == 1:
        return tags[0]
    if not tags:
        raise Already(f"{title} is not held")
    listed = ", ".join(map(sanitize, tags))
    raise Refused(f"{title} is held under several tags: {listed}", "Give one of them (--tag).")


def _title(tags_named: tuple[str, ...], what: selection.Selection) -> str:
    return sanitize(tags_named[0]) if len(tags_named) == 1 else what.title


def _steps(verb: str, tag: str, snapshots: tuple[Snapshot, ...]) -> tuple[Step, ...]:
    """One transaction takes snapshots of one pool."""
    by_pool: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        by_pool.setdefault(snapshot.dataset.partition("/")[0], []).append(snapshot)
    return tuple(_step(verb, tag, tuple(group)) for group in by_pool.values())


def _step(verb: str, tag: str, snapshots: tuple[Snapshot, ...]) -> Step:
    """Several snapshots on one command are not recorded (zfs-hold(8))."""
    back, by, link = ("release", 1, "as") if verb == "hold" else ("hold", -1, "from")
    names, called = [snapshot.full_name for snapshot in snapshots], selection.named(snapshots)
    do = Run(("zfs", verb, tag, *names)), f"{verb.capitalize()} {called} {link} {sanitize(tag)}"
    undo = Run(("zfs", back, tag, *names)), f"{back.capitalize()} {called} again"
    same = tuple(DatasetHasGuid(snapshot.full_name, snapshot.guid) for snapshot in snapshots)
    return reversible(do, undo, before=_held(snapshots, 0), after=_held(snapshots, by), same=same)


def _held(snapshots: tuple[Snapshot, ...], more: int) -> tuple[PropertyIs, ...]:
    """A number of holds more than now."""
    return tuple(
        PropertyIs(snapshot.full_name, "userrefs", str(snapshot.holds + more))
        for snapshot in snapshots
    )
