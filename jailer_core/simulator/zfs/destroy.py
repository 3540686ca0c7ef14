"""`zfs destroy` of datasets and snapshots: when it refuses, and what it removes along with them."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.kernel.machine import Running, Say
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimDataset
from jailer_core.simulator.zfs import bookmarks
from jailer_core.simulator.zfs.properties import human_size
from jailer_core.simulator.zfs.sizes import Sizes
from jailer_core.simulator.zfs.store import Snap, Zfs, ZfsError

NOTHING = "could not find any snapshots to destroy; check snapshot names."


def destroy_command(zfs: Zfs, args: Sequence[str]) -> Running:
    """`zfs destroy [-dfnpRrv] DATASET | DATASET@SNAP[%SNAP][,…]`."""
    options = Options.parse(args, "dfnpRrv")
    (name,) = options.rest
    if "#" in name:
        bookmarks.destroy(zfs, name)
        return 0
    if "@" in name:
        return (yield from _destroy_snapshots(zfs, name, options))
    zfs.dataset(name)
    recursive = options.has("r") or options.has("R")
    if name in zfs.state.pools and not recursive:  # not recorded
        raise ZfsError(
            f"cannot destroy '{name}': operation does not apply to pools\n"
            f"use 'zfs destroy -r {name}' to destroy all datasets in the pool\n"
            f"use 'zpool destroy {name}' to destroy the pool itself"
        )
    check_dependents(zfs, name, options)
    for one in _everything(zfs, name):
        if one in zfs.state.pools:
            continue
        if options.has("v"):
            yield Say(_line("destroy", one, options))
        if not options.has("n"):
            _destroy_one(zfs, one, force=options.has("f"))
    return 0


def _everything(zfs: Zfs, name: str) -> list[str]:
    return [*dict.fromkeys(zfs.dependents(name)), name]


def _line(verb: str, what: str, options: Options) -> str:
    if options.has("p"):
        return f"{verb}\t{what}\n"
    return f"{'would' if options.has('n') else 'will'} {verb} {what}\n"  # not recorded


def check_dependents(zfs: Zfs, name: str, options: Options) -> None:
    """Refuse what has children without -r, and what has clones elsewhere without -R."""
    if options.has("R"):
        return
    dependents = list(zfs.dependents(name))
    inside = [
        dependent for dependent in dependents if dependent.startswith((name + "/", name + "@"))
    ]
    outside = [dependent for dependent in dependents if dependent not in inside]
    kind = "snapshot" if "@" in name else "filesystem"
    if inside and not options.has("r"):
        raise ZfsError(
            f"cannot destroy '{name}': {kind} has children\n"
            "use '-r' to destroy the following datasets:\n" + "\n".join(inside)
        )
    if outside:
        raise ZfsError(
            f"cannot destroy '{name}': {kind} has dependent clones\n"
            "use '-R' to destroy the following datasets:\n" + "\n".join(outside)
        )


def _destroy_one(zfs: Zfs, name: str, *, force: bool) -> None:
    if "@" in name:
        _remove_snapshot(zfs.snapshot(name))
        return
    dataset = zfs.dataset(name)
    was_mounted = zfs.mount_of(name) is not None
    zfs.unmount(dataset, force=force)
    path, source = zfs.mountpoint(name)
    del zfs.state.datasets[name]
    if was_mounted:
        zfs.clear_mountpoint(path, source)


def _remove_snapshot(snap: Snap) -> None:
    if snap.snapshot.holds:
        raise ZfsError(
            f"cannot destroy snapshot {snap.name}: it's being held. "
            f"Run 'zfs holds -r {snap.name}' to see holders."
        )
    snap.dataset.snapshots.remove(snap.snapshot)


# --- snapshots -------------------------------------------------------------------------------


def _destroy_snapshots(zfs: Zfs, spec: str, options: Options) -> Running:
    name, _, pattern = spec.partition("@")
    top = zfs.dataset(name)
    datasets = zfs.below(top.name) if options.has("r") or options.has("R") else [top]
    snaps = [snap for dataset in datasets for snap in matching(dataset, pattern)]
    if not snaps:
        raise ZfsError(NOTHING)
    for snap in snaps:
        if not options.has("d"):
            _check_snapshot(zfs, snap, options)
    if options.has("v"):
        sizes = Sizes(zfs.state)
        yield Say("".join(_line("destroy", snap.name, options) for snap in snaps))
        size = sum(sizes.snapshot(snap.dataset, snap.snapshot) for snap in snaps)
        yield Say(_reclaim(size, options))
    for snap in [] if options.has("n") else snaps:
        for one in dict.fromkeys(zfs.dependents(snap.name)) if options.has("R") else ():
            _destroy_one(zfs, one, force=options.has("f"))
        _remove_snapshot(snap)
    return 0


def _reclaim(size: int, options: Options) -> str:
    if options.has("p"):
        return f"reclaim\t{size}\n"
    return f"{'would' if options.has('n') else 'will'} reclaim {human_size(size)}\n"  # not recorded


def _check_snapshot(zfs: Zfs, snap: Snap, options: Options) -> None:
    check_dependents(zfs, snap.name, options)
    if snap.snapshot.holds and not options.has("n"):
        _remove_snapshot(snap)


def matching(dataset: SimDataset, pattern: str) -> list[Snap]:
    """Snapshots of a dataset that `a`, `a%c`, `%c`, `a%` or several of these, name."""
    names = [snapshot.name for snapshot in dataset.snapshots]
    chosen: set[str] = set()
    for part in pattern.split(","):
        first, sign, last = part.partition("%")
        if not sign:
            chosen |= {first} & set(names)
        elif (not first or first in names) and (not last or last in names):
            begin = names.index(first) if first else 0
            end = names.index(last) + 1 if last else len(names)
            chosen |= set(names[begin:end])
    return [Snap(dataset, snapshot) for snapshot in dataset.snapshots if snapshot.name in chosen]
