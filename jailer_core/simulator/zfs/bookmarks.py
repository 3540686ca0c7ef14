"""`zfs bookmark`, and which bookmarks a rollback takes along."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimBookmark, SimDataset, SimSnapshot
from jailer_core.simulator.zfs.store import Zfs, not_simulated


def bookmark(zfs: Zfs, args: Sequence[str]) -> None:
    """`zfs bookmark DATASET@SNAP DATASET#NAME` (recording 14)."""
    source, target = Options.parse(args, "").rest
    above, sign, name = target.partition("#")
    snap = zfs.snapshot(source)
    taken = {mark.name for mark in snap.dataset.bookmarks}
    if not sign or above not in ("", snap.dataset.name) or not name or name in taken:
        raise not_simulated(f"this bookmark of {source}")
    old = snap.snapshot
    snap.dataset.bookmarks.append(SimBookmark(name, old.guid, old.creation, old.createtxg))


def destroy(zfs: Zfs, target: str) -> None:
    """`zfs destroy DATASET#NAME`: not recorded, but that it prints nothing (zfs-destroy(8))."""
    above, _, name = target.partition("#")
    dataset = zfs.dataset(above)
    left = [mark for mark in dataset.bookmarks if mark.name != name]
    if len(left) == len(dataset.bookmarks):
        raise not_simulated("destroy of a bookmark that does not exist")
    dataset.bookmarks = left


def newer(dataset: SimDataset, snapshot: SimSnapshot) -> list[SimBookmark]:
    """Bookmarks of later transactions: a rollback destroys them."""
    return [mark for mark in dataset.bookmarks if mark.createtxg > snapshot.createtxg]
