"""Move datasets: new names, new mount points, and clones that swap places with origins."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.simulator.kernel.busy import is_busy
from jailer_core.simulator.kernel.state import SimDataset
from jailer_core.simulator.zfs import encryption
from jailer_core.simulator.zfs.store import Zfs, ZfsError


@dataclass
class Move:
    """A change of mount points: of a dataset and of those below that inherit from it.

    `always` (a changed mountpoint property) mounts also what was not mounted before; a rename
    only mounts what was (recordings 05 and 11).
    """

    zfs: Zfs
    top: SimDataset
    always: bool = False

    def __post_init__(self) -> None:
        zfs = self.zfs
        self.moved = [
            dataset
            for dataset in zfs.below(self.top.name)
            if dataset is self.top or zfs.mountpoint(dataset.name)[1] != "local"
        ]
        if self.top.props.get("mountpoint") and not self.always:
            self.moved = []
        self.were = [dataset for dataset in self.moved if zfs.mount_of(dataset.name) is not None]
        self.path, self.source = zfs.mountpoint(self.top.name)

    def leave(self) -> None:
        """Unmount them all, or none with the refusal of the first that is busy."""
        zfs = self.zfs
        mounts = [mount for dataset in self.were if (mount := zfs.mount_of(dataset.name))]
        before = list(zfs.state.mounts)
        for mount in reversed(mounts):
            if is_busy(zfs.machine, mount):
                zfs.state.mounts[:] = before
                raise ZfsError(f"cannot unmount '{mount.path}': pool or dataset is busy")
            zfs.state.mounts[:] = [one for one in zfs.state.mounts if one is not mount]
        if mounts:
            zfs.clear_mountpoint(self.path, self.source)

    def arrive(self) -> None:
        """Mount at the new places."""
        for dataset in self.moved:
            if self.always or dataset in self.were:
                self.zfs.mount_if_wanted(dataset)


def rename(  # noqa: PLR0913 - three flags of the command
    zfs: Zfs, old: str, new: str, *, parents: bool, keep: bool, force: bool
) -> None:
    """`zfs rename [-p] [-u] [-f] OLD NEW`; `keep` leaves everything mounted where it is."""
    if "@" in old:
        _rename_snapshot(zfs, old, new)
        return
    dataset = zfs.dataset(old)
    if parents:
        zfs.make_parents(new)
    _check_rename(zfs, old, new)
    encryption.check_move(zfs.state, dataset, new)
    move = Move(zfs, dataset)
    if force:  # not recorded
        for one in reversed(move.were):
            zfs.unmount(one, force=True)
    elif not keep:
        move.leave()
    _carry(zfs, old, new)
    if not keep:
        move.arrive()


def _check_rename(zfs: Zfs, old: str, new: str) -> None:
    if old in zfs.state.pools:  # not recorded
        raise ZfsError(f"cannot rename '{old}': operation does not apply to pools")
    if new.startswith(old + "/"):  # not recorded
        reason = "New dataset name cannot be a descendant of current dataset name"
        raise ZfsError(f"cannot rename '{old}': {reason}")
    if new.partition("/")[0] != old.partition("/")[0]:  # not recorded
        raise ZfsError(f"cannot rename to '{new}': datasets must be within same pool")
    try:
        zfs.check_new(new)
    except ZfsError as error:
        if error.message.endswith("dataset already exists"):
            raise ZfsError(f"cannot rename '{old}': dataset already exists") from None
        raise


def _carry(zfs: Zfs, old: str, new: str) -> None:
    """Give a dataset and all below it their new names, wherever they are written."""
    state = zfs.state

    def fresh(name: str) -> str:
        if name == old or name.startswith((old + "/", old + "@")):
            return new + name[len(old) :]
        return name

    for dataset in state.datasets.values():
        dataset.name = fresh(dataset.name)
        dataset.origin = fresh(dataset.origin)
    renamed = {dataset.name: dataset for dataset in state.datasets.values()}
    state.datasets.clear()
    state.datasets.update(renamed)
    for mount in state.mounts:
        if mount.fstype == "zfs":
            mount.device = fresh(mount.device)


def _rename_snapshot(zfs: Zfs, old: str, new: str) -> None:
    snap = zfs.snapshot(old)
    above = snap.dataset.name
    target = new if "@" in new and not new.startswith("@") else f"{above}@{new.lstrip('@')}"
    if target.partition("@")[0] != above:  # not recorded
        raise ZfsError(f"cannot rename to '{target}': snapshots must be part of same dataset")
    if zfs.find_snapshot(target) is not None:  # not recorded
        raise ZfsError(f"cannot rename '{old}': dataset already exists")
    snap.snapshot.name = target.partition("@")[2]
    for dataset in zfs.state.datasets.values():
        if dataset.origin == old:
            dataset.origin = target


def promote(zfs: Zfs, name: str) -> None:
    """`zfs promote NAME`: the origin and all older snapshots move to the clone (recording 05).

    Done again, it goes one origin further: the next one's snapshots move too.
    """
    dataset = zfs.dataset(name)
    if not dataset.origin:  # not recorded
        raise ZfsError(f"cannot promote '{name}': not a cloned filesystem")
    encryption.check_promote(zfs.state, dataset)
    origin = zfs.snapshot(dataset.origin)
    parent = origin.dataset
    cut = parent.snapshots.index(origin.snapshot) + 1
    moving = parent.snapshots[:cut]
    taken = {snapshot.name for snapshot in dataset.snapshots} & {
        snapshot.name for snapshot in moving
    }
    if taken:  # not recorded
        clash = min(taken)
        raise ZfsError(
            f"cannot promote '{name}': snapshot name '{clash}' from origin \n"
            f"conflicts with '{clash}' from target"
        )
    moved = {f"{parent.name}@{snapshot.name}": f"{name}@{snapshot.name}" for snapshot in moving}
    dataset.snapshots[:0] = moving
    del parent.snapshots[:cut]
    dataset.origin, parent.origin = parent.origin, moved[origin.name]
    for one in zfs.state.datasets.values():
        one.origin = moved.get(one.origin, one.origin)
