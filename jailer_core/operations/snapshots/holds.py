"""Hold snapshots and release them: a held one cannot be destroyed by anybody."""

from __future__ import annotations

from jailer_core.errors import Already, Refused
from jailer_core.model import Inventory, Snapshot
from jailer_core.operations.guards import word
from jailer_core.operations.snapshots import selection
from jailer_core.operations.snapshots.requests import SnapshotHold, SnapshotRelease
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import (
    Condition,
    Danger,
    DatasetHasGuid,
    Needs,
    Plan,
    PropertyIs,
    Run,
    Step,
)
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: SnapshotHold | SnapshotRelease) -> Needs:
    """Which there are, and under which tags they are held."""
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
    steps = [
        _step("hold", "release", tag, snapshots, 1, f"Hold {_named(snapshots)} as {tag}")
        for snapshots in _by_pool(free)
    ]
    title = f"Hold {_title(request.snapshots, what)}"
    return Plan(request, title, tuple(steps), Danger.NONE, notes=tuple(notes), jail=what.jail)


def release(inventory: Inventory, request: SnapshotRelease) -> Plan:
    """The plan that releases snapshots."""
    what = selection.chosen(inventory, request.snapshots, recursive=request.recursive)
    known = _tags(inventory, what)
    tag = request.tag or _only(_title(request.snapshots, what), known)
    held = tuple(
        snapshot for snapshot in what.snapshots if tag in known.get(snapshot.full_name, ())
    )
    if not held:
        tags = sorted({tag for held in known.values() for tag in held})
        listed = ", ".join(map(sanitize, tags))
        raise Already(
            f"{_title(request.snapshots, what)} is not held as {sanitize(tag)}",
            f"It is held as: {listed}." if tags else "It is not held.",
        )
    steps = [
        _step(
            "release",
            "hold",
            tag,
            snapshots,
            -1,
            f"Release {_named(snapshots)} from {sanitize(tag)}",
        )
        for snapshots in _by_pool(held)
    ]
    title = f"Release {_title(request.snapshots, what)}"
    return Plan(request, title, tuple(steps), Danger.NONE, jail=what.jail)


def _tags(inventory: Inventory, what: selection.Selection) -> selection.Tags:
    tags = selection.tags(inventory, what.snapshots)
    if tags is None:
        held = next(snapshot.full_name for snapshot in what.snapshots if snapshot.holds)
        raise Refused("its holds could not be read", f"See: zfs holds -r {word(held)}")
    return tags


def _only(title: str, known: selection.Tags) -> str:
    tags = sorted({tag for held in known.values() for tag in held})
    if len(tags) == 1:
        return tags[0]
    if not tags:
        raise Already(f"{title} is not held")
    listed = ", ".join(map(sanitize, tags))
    raise Refused(f"{title} is held under several tags: {listed}", "Give one of them (--tag).")


def _title(tags_named: tuple[str, ...], what: selection.Selection) -> str:
    return sanitize(tags_named[0]) if len(tags_named) == 1 else what.title


def _named(snapshots: tuple[Snapshot, ...]) -> str:
    if len(snapshots) == 1:
        return sanitize(snapshots[0].full_name)
    return f"{len(snapshots)} snapshots"


def _by_pool(snapshots: tuple[Snapshot, ...]) -> list[tuple[Snapshot, ...]]:
    """One transaction takes snapshots of one pool."""
    by_name: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        by_name.setdefault(snapshot.dataset.partition("/")[0], []).append(snapshot)
    return [tuple(snapshots) for snapshots in by_name.values()]


def _step(  # noqa: PLR0913, PLR0917 - what hold and release differ in
    verb: str, back: str, tag: str, snapshots: tuple[Snapshot, ...], by: int, title: str
) -> Step:
    """Several snapshots on one command are not recorded (zfs-hold(8))."""
    names = [snapshot.full_name for snapshot in snapshots]
    same: tuple[Condition, ...] = tuple(
        DatasetHasGuid(snapshot.full_name, snapshot.guid) for snapshot in snapshots
    )
    old = tuple(
        PropertyIs(snapshot.full_name, "userrefs", str(snapshot.holds)) for snapshot in snapshots
    )
    new = tuple(
        PropertyIs(snapshot.full_name, "userrefs", str(snapshot.holds + by))
        for snapshot in snapshots
    )
    return reversible(
        (Run(("zfs", verb, tag, *names)), title),
        (Run(("zfs", back, tag, *names)), f"{back.capitalize()} {_named(snapshots)} again"),
        before=old,
        after=new,
        same=same,
    )
