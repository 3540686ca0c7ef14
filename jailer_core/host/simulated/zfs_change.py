"""Changes of datasets: create, clone, rename, promote, set, inherit, mount, unmount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jailer_core.host.simulated.busy import is_busy
from jailer_core.host.simulated.state import SimDataset
from jailer_core.host.simulated.zfs_props import SETTABLE, is_user_property, parse_size
from jailer_core.host.simulated.zfs_sizes import Sizes
from jailer_core.host.simulated.zfs_store import OWN_ONLY, Zfs, ZfsError

SIZES = frozenset({"quota", "reservation", "refquota", "refreservation"})
REMOUNTING = frozenset({"readonly", "atime", "exec", "setuid"})


def create(zfs: Zfs, name: str, props: dict[str, str], *, parents: bool) -> None:
    """`zfs create [-p] [-o …] NAME`."""
    if parents:
        if name in zfs.state.datasets:
            return
        _make_parents(zfs, name)
    zfs.check_new(name)
    zfs.make(name, checked(zfs, name, props, f"cannot create '{name}'"))


def _make_parents(zfs: Zfs, name: str) -> None:
    parts = name.split("/")
    for depth in range(2, len(parts)):
        above = "/".join(parts[:depth])
        if above not in zfs.state.datasets:
            zfs.check_new(above)
            zfs.make(above, {})


def clone(zfs: Zfs, source: str, name: str, props: dict[str, str], *, parents: bool) -> None:
    """`zfs clone [-p] [-o …] DATASET@SNAP NAME`."""
    origin = zfs.snapshot(source)
    if parents:
        _make_parents(zfs, name)
    zfs.check_new(name)
    zfs.make(name, checked(zfs, name, props, f"cannot create '{name}'"), origin)


def checked(zfs: Zfs, name: str, props: dict[str, str], refuse: str) -> dict[str, str]:
    """Properties as they are kept: sizes in bytes; or the refusal of one that is wrong."""
    return {prop: _checked(prop, value, refuse) for prop, value in props.items()}


def _checked(prop: str, value: str, refuse: str) -> str:
    if is_user_property(prop):
        return value
    if prop not in SETTABLE:
        raise ZfsError(f"{refuse}: invalid property '{prop}'", 255)
    if prop == "mountpoint" and not (value.startswith("/") or value in ("none", "legacy")):
        raise ZfsError(f"{refuse}: 'mountpoint' must be an absolute path, 'none', or 'legacy'")
    if prop in SIZES:
        size = parse_size(value)
        if size is None:  # not recorded
            raise ZfsError(f"{refuse}: bad numeric value '{value}'", 255)
        return str(size)
    choices = SETTABLE[prop]
    if choices and value not in choices:  # not recorded
        words = ", ".join(f"'{one}'" for one in choices)
        raise ZfsError(f"{refuse}: '{prop}' must be one of {words}", 255)
    return value


# --- properties ------------------------------------------------------------------------------


def set_properties(zfs: Zfs, name: str, props: dict[str, str]) -> None:
    """`zfs set PROP=VALUE… NAME`."""
    refuse = f"cannot set property for '{name}'"
    if "@" in name:
        snap = zfs.snapshot(name)
        bad = next((one for one in props if not is_user_property(one)), "")
        if bad:  # not recorded
            raise ZfsError(f"{refuse}: this property can not be modified for snapshots", 255)
        snap.snapshot.props.update(props)
        return
    dataset = zfs.dataset(name)
    try:
        values = checked(zfs, name, props, refuse)
    except ZfsError as error:
        raise ZfsError(error.message, 255) from None
    quota = int(values.get("quota", "0"))
    if quota and quota < Sizes(zfs.state).usage(name).used:
        raise ZfsError(f"{refuse}: size is less than current used or reserved space", 255)
    for prop, value in values.items():
        _apply(zfs, dataset, prop, value)


def inherit(
    zfs: Zfs, prop: str, names: Sequence[str], *, recursive: bool, received: bool = False
) -> None:
    """`zfs inherit [-rS] PROP NAME…`; -S gives what is not inheritable its default."""
    if prop in OWN_ONLY and not received:
        default = {"canmount": "on"}.get(prop, "none")
        raise ZfsError(
            f"'{prop}' property cannot be inherited\n"
            f"use 'zfs set {prop}={default}' to clear\n"
            f"use 'zfs inherit -S {prop}' to revert to received value"
        )
    for name in names:
        for dataset in zfs.below(zfs.dataset(name).name) if recursive else [zfs.dataset(name)]:
            if prop in dataset.props:
                _apply(zfs, dataset, prop, None)


def _apply(zfs: Zfs, dataset: SimDataset, prop: str, value: str | None) -> None:
    def change() -> None:
        dataset.props.pop(prop, None)
        if value is not None and not (prop in SIZES and value == "0"):
            dataset.props[prop] = value

    if prop == "mountpoint":
        move = Move(zfs, dataset, always=True)
        move.leave()
        change()
        move.arrive()
        return
    change()
    if prop == "canmount" and value == "off":
        zfs.unmount(dataset)
    elif prop == "canmount" and value in ("on", None):  # not recorded
        zfs.mount_if_wanted(dataset)
    if prop in REMOUNTING:
        for one in zfs.below(dataset.name):
            mount = zfs.mount_of(one.name)
            if mount is not None:
                mount.options = zfs.options(one.name)


# --- moving ----------------------------------------------------------------------------------


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
            one
            for one in zfs.below(self.top.name)
            if one is self.top or zfs.mountpoint(one.name)[1] != "local"
        ]
        if self.top.props.get("mountpoint") and not self.always:
            self.moved = []
        self.were = [one for one in self.moved if zfs.mount_of(one.name) is not None]
        self.path, self.source = zfs.mountpoint(self.top.name)

    def leave(self) -> None:
        """Unmount them all, or none with the refusal of the first that is busy."""
        zfs = self.zfs
        mounts = [mount for one in self.were if (mount := zfs.mount_of(one.name))]
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
        for one in self.moved:
            if self.always or one in self.were:
                self.zfs.mount_if_wanted(one)


def rename(  # noqa: PLR0913 - three flags of the command
    zfs: Zfs, old: str, new: str, *, parents: bool, keep: bool, force: bool
) -> None:
    """`zfs rename [-p] [-u] [-f] OLD NEW`; `keep` leaves everything mounted where it is."""
    if "@" in old:
        _rename_snapshot(zfs, old, new)
        return
    dataset = zfs.dataset(old)
    if parents:
        _make_parents(zfs, new)
    _check_rename(zfs, old, new)
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
    origin = zfs.snapshot(dataset.origin)
    parent = origin.dataset
    cut = parent.snapshots.index(origin.snapshot) + 1
    moving = parent.snapshots[:cut]
    taken = {one.name for one in dataset.snapshots} & {one.name for one in moving}
    if taken:  # not recorded
        clash = min(taken)
        raise ZfsError(
            f"cannot promote '{name}': snapshot name '{clash}' from origin \n"
            f"conflicts with '{clash}' from target"
        )
    moved = {f"{parent.name}@{one.name}": f"{name}@{one.name}" for one in moving}
    dataset.snapshots[:0] = moving
    del parent.snapshots[:cut]
    dataset.origin, parent.origin = parent.origin, moved[origin.name]
    for one in zfs.state.datasets.values():
        one.origin = moved.get(one.origin, one.origin)


# --- mounting --------------------------------------------------------------------------------


def mount(zfs: Zfs, name: str) -> None:
    """`zfs mount NAME`."""
    dataset = zfs.dataset(name)
    refuse = f"cannot mount '{name}': "
    where = zfs.mountpoint(name)[0]
    if where == "none":  # not recorded
        raise ZfsError(refuse + "no mountpoint set")
    if where == "legacy":  # not recorded
        raise ZfsError(refuse + "legacy mountpoint\nuse mount(8) to mount this filesystem")
    if dataset.props.get("canmount") == "off":  # not recorded
        raise ZfsError(refuse + "'canmount' property is set to 'off'")
    if zfs.mount_of(name) is not None:
        raise ZfsError(refuse + "filesystem already mounted")
    zfs.mount(dataset)


def mount_all(zfs: Zfs) -> None:
    """`zfs mount -a`: all that want to be mounted, by mount point."""
    wanted = sorted(zfs.state.datasets.values(), key=lambda one: zfs.mountpoint(one.name)[0])
    for dataset in wanted:
        zfs.mount_if_wanted(dataset)


def unmount(zfs: Zfs, what: str, *, force: bool) -> None:
    """`zfs unmount [-f] NAME|PATH`, with everything below it that is mounted."""
    if what.startswith("/"):
        found = zfs.machine.files.mounted(what.rstrip("/") or "/")
        if found is None or found.fstype != "zfs":  # not recorded
            raise ZfsError(f"cannot unmount '{what}': not a ZFS filesystem")
        what = found.device
    zfs.dataset(what)
    below = [one for one in zfs.below(what) if zfs.mount_of(one.name) is not None]
    if what not in [one.name for one in below]:  # not recorded
        raise ZfsError(f"cannot unmount '{what}': not currently mounted")
    for dataset in reversed(below):
        zfs.unmount(dataset, force=force)


def roll_back(zfs: Zfs, name: str, *, recursive: bool) -> None:
    """`zfs rollback [-r] DATASET@SNAP`: succeeds under the feet of a running jail too."""
    snap = zfs.snapshot(name)
    dataset = snap.dataset
    index = dataset.snapshots.index(snap.snapshot) + 1
    newer = dataset.snapshots[index:]
    if newer and not recursive:
        names = "\n".join(f"{dataset.name}@{one.name}" for one in newer)
        raise ZfsError(
            f"cannot rollback to '{name}': more recent snapshots or bookmarks exist\n"
            f"use '-r' to force deletion of the following snapshots and bookmarks:\n{names}"
        )
    clones = [
        one.name
        for one in zfs.state.datasets.values()
        if one.origin in {f"{dataset.name}@{snap.name}" for snap in newer}
    ]
    if clones:  # not recorded
        names = "\n".join(sorted(clones))
        raise ZfsError(
            f"cannot rollback to '{name}': clones of previous snapshots exist\n"
            f"use '-R' to force deletion of the following clones and dependents:\n{names}"
        )
    held = next((one for one in newer if one.holds), None)
    if held is not None:  # not recorded
        raise ZfsError(f"cannot destroy '{dataset.name}@{held.name}': dataset is busy")
    del dataset.snapshots[index:]
    dataset.tree.clear()
    dataset.tree.update(snap.snapshot.tree)
