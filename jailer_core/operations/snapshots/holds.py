"""Hold snapshots and release them: a held one cannot be destroyed by anybody."""

from __future__ import annotations

from jailer_core.errors import Already, Refused
from jailer_core.model import Inventory, Snapshot
from jailer_core.operations.guards import named, word
from jailer_core.operations.snapshots import choose
from jailer_core.operations.snapshots.requests import SnapHold, SnapRelease
from jailer_core.plan import Danger, DatasetIs, Needs, Plan, PropertyIs, Run, State, Step, Undo


def needs(inventory: Inventory, request: SnapHold | SnapRelease) -> Needs:
    """Which there are, and under which tags they are held."""
    found = choose.if_known(inventory, request.snapshots, recursive=request.recursive)
    return Needs(snapshots=True, asks=choose.holds_ask(found))


def hold(inventory: Inventory, request: SnapHold) -> Plan:
    """The plan that holds snapshots."""
    what = choose.chosen(inventory, request.snapshots, recursive=request.recursive)
    tag = choose.tag(request.tag)
    known = _tags(inventory, what)
    free = tuple(one for one in what.snapshots if tag not in known.get(one.full_name, ()))
    notes = [] if free else [f"All of it is held as {tag} already."]
    steps = [
        _step("hold", "release", tag, one, 1, f"Hold {_named(one)} as {tag}")
        for one in _by_pool(free)
    ]
    title = f"Hold {_title(request.snapshots, what)}"
    return Plan(request, title, tuple(steps), Danger.NONE, notes=tuple(notes), jail=what.jail)


def release(inventory: Inventory, request: SnapRelease) -> Plan:
    """The plan that releases snapshots."""
    what = choose.chosen(inventory, request.snapshots, recursive=request.recursive)
    known = _tags(inventory, what)
    tag = request.tag or _only(_title(request.snapshots, what), known)
    held = tuple(one for one in what.snapshots if tag in known.get(one.full_name, ()))
    if not held:
        tags = sorted({one for found in known.values() for one in found})
        listed = ", ".join(map(named, tags))
        raise Already(
            f"{_title(request.snapshots, what)} is not held as {named(tag)}",
            f"It is held as: {listed}." if tags else "Nothing holds it.",
        )
    steps = [
        _step("release", "hold", tag, one, -1, f"Release {_named(one)} from {named(tag)}")
        for one in _by_pool(held)
    ]
    title = f"Release {_title(request.snapshots, what)}"
    return Plan(request, title, tuple(steps), Danger.NONE, jail=what.jail)


def _tags(inventory: Inventory, what: choose.Chosen) -> choose.Tags:
    known = choose.tags(inventory, what.snapshots)
    if known is None:
        held = next(one.full_name for one in what.snapshots if one.holds)
        raise Refused("who holds it could not be read", f"See: zfs holds -r {word(held)}")
    return known


def _only(title: str, known: choose.Tags) -> str:
    tags = sorted({one for found in known.values() for one in found})
    if len(tags) == 1:
        return tags[0]
    if not tags:
        raise Already(f"nothing holds {title}")
    listed = ", ".join(map(named, tags))
    raise Refused(f"{title} is held under several tags: {listed}", "Say which one (--tag).")


def _title(wanted: tuple[str, ...], what: choose.Chosen) -> str:
    return named(wanted[0]) if len(wanted) == 1 else what.title


def _named(snapshots: tuple[Snapshot, ...]) -> str:
    if len(snapshots) == 1:
        return named(snapshots[0].full_name)
    return f"{len(snapshots)} snapshots"


def _by_pool(snapshots: tuple[Snapshot, ...]) -> list[tuple[Snapshot, ...]]:
    """One transaction takes snapshots of one pool."""
    found: dict[str, list[Snapshot]] = {}
    for one in snapshots:
        found.setdefault(one.dataset.partition("/")[0], []).append(one)
    return [tuple(one) for one in found.values()]


def _step(  # noqa: PLR0913, PLR0917 - what hold and release differ in
    verb: str, back: str, tag: str, snapshots: tuple[Snapshot, ...], by: int, title: str
) -> Step:
    """Several snapshots on one command are not recorded (zfs-hold(8))."""
    names = [one.full_name for one in snapshots]
    same: tuple[State, ...] = tuple(DatasetIs(one.full_name, one.guid) for one in snapshots)
    old = tuple(PropertyIs(one.full_name, "userrefs", str(one.holds)) for one in snapshots)
    new = tuple(PropertyIs(one.full_name, "userrefs", str(one.holds + by)) for one in snapshots)
    return Step(
        Run(("zfs", verb, tag, *names)),
        title,
        undo=(
            Undo(
                Run(("zfs", back, tag, *names)),
                f"{back.capitalize()} {_named(snapshots)} again",
                when=(*same, *new),
                settled=(*same, *old),
            ),
        ),
        before=(*same, *old),
        goal=new,
    )
