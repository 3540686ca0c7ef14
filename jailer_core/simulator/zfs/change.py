"""Changes of datasets: create, clone, set, inherit, mount, unmount, rollback."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.kernel.state import SimDataset
from jailer_core.simulator.zfs import bookmarks, encryption
from jailer_core.simulator.zfs.move import Move
from jailer_core.simulator.zfs.properties import SETTABLE, is_user_property, parse_size
from jailer_core.simulator.zfs.sizes import Sizes
from jailer_core.simulator.zfs.store import (
    OWN_ONLY,
    Mark,
    Snap,
    Zfs,
    ZfsError,
    not_simulated,
    root_of,
)
from jailer_core.simulator.zfs.volumes import no_volume

SIZES = frozenset({"quota", "reservation", "refquota", "refreservation"})
REMOUNTING = frozenset({"readonly", "atime", "exec", "setuid"})


def create(
    zfs: Zfs, name: str, props: dict[str, str], *, parents: bool, passphrase: str = ""
) -> None:
    """`zfs create [-p] [-o …] NAME`."""
    if parents:
        if name in zfs.state.datasets:
            return
        zfs.make_parents(name)
    zfs.check_new(name)
    encryption.open_above(zfs.state, name)
    dataset = zfs.make(name, checked(zfs, name, props, f"cannot create '{name}'"))
    if passphrase:
        dataset.passphrase = passphrase
        dataset.props["keylocation"] = "prompt"


def clone(zfs: Zfs, source: str, name: str, props: dict[str, str], *, parents: bool) -> None:
    """`zfs clone [-p] [-o …] DATASET@SNAP NAME`."""
    origin = zfs.snapshot(source)
    if parents:
        zfs.make_parents(name)
    zfs.check_new(name)
    encryption.check_clone(zfs.state, origin.dataset, name)
    zfs.make(name, checked(zfs, name, props, f"cannot create '{name}'"), origin)


def checked(zfs: Zfs, name: str, props: dict[str, str], refuse: str) -> dict[str, str]:
    """Properties as they are kept: sizes in bytes; or the refusal of one that is wrong."""
    return {prop: _checked(prop, value, refuse) for prop, value in props.items()}


def _checked(prop: str, value: str, refuse: str) -> str:
    if is_user_property(prop):
        return value
    if prop in encryption.PROPERTIES or prop == "volsize":
        raise not_simulated(f"a change of {prop}")
    if prop not in SETTABLE:
        raise ZfsError(f"{refuse}: invalid property '{prop}'", 255)
    if prop == "mountpoint" and not (value.startswith("/") or value in ("none", "legacy")):
        raise ZfsError(f"{refuse}: 'mountpoint' must be an absolute path, 'none', or 'legacy'")
    if prop in SIZES:
        size = parse_size(value)
        if size is None:  # not recorded
            raise ZfsError(f"{refuse}: bad numeric value '{value}'", 255)
        if value == "0" and prop in ("quota", "refquota"):  # not recorded: libzfs wants the word
            raise ZfsError(f"{refuse}: use 'none' to disable {prop}", 255)
        return str(size)
    choices = SETTABLE[prop]
    if choices and value not in choices:  # not recorded
        words = ", ".join(f"'{choice}'" for choice in choices)
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
    if not all(map(is_user_property, props)):
        no_volume(dataset, "set of a property")
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
    if prop in encryption.PROPERTIES:
        raise not_simulated(f"inherit of {prop}")
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
    for one in reversed(zfs.below(dataset.name)):
        mount = zfs.mount_of(one.name)
        if prop == "jailed" and value == "on":  # not recorded: only a jail mounts it then
            zfs.unmount(one)
        elif prop in REMOUNTING and mount is not None:
            mount.options = zfs.options(one.name)


# --- mounting --------------------------------------------------------------------------------


def mount(zfs: Zfs, name: str) -> None:
    """`zfs mount NAME`."""
    dataset = zfs.dataset(name)
    no_volume(dataset, "mount")
    refuse = f"cannot mount '{name}': "
    where = zfs.mountpoint(name)[0]
    if zfs.setting(name, "jailed", "off") == "on":
        raise ZfsError(refuse + "dataset is exported to a local zone")
    if (root := root_of(zfs.state, name)) is not None and root.locked:
        raise ZfsError(refuse + "encryption key not loaded")
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
    datasets = sorted(zfs.state.datasets.values(), key=lambda one: zfs.mountpoint(one.name)[0])
    for dataset in datasets:
        zfs.mount_if_wanted(dataset)


def unmount(zfs: Zfs, what: str, *, force: bool) -> None:
    """`zfs unmount [-f] NAME|PATH`, with everything below it that is mounted."""
    if what.startswith("/"):
        mount = zfs.machine.files.mounted(what.rstrip("/") or "/")
        if mount is None or mount.fstype != "zfs":  # not recorded
            raise ZfsError(f"cannot unmount '{what}': not a ZFS filesystem")
        what = mount.device
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
    encryption.unlocked(zfs.state, dataset, "rollback")
    newer, marks = dataset.snapshots[index:], bookmarks.newer(dataset, snap.snapshot)
    if (newer or marks) and not recursive:
        listed = [Snap(dataset, snapshot).name for snapshot in newer]
        listed += [Mark(dataset, mark).name for mark in marks]  # not recorded: after the snapshots
        names = "\n".join(listed)
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
    held = next((snapshot for snapshot in newer if snapshot.holds), None)
    if held is not None:  # not recorded
        raise ZfsError(f"cannot destroy '{dataset.name}@{held.name}': dataset is busy")
    del dataset.snapshots[index:]
    dataset.bookmarks = [mark for mark in dataset.bookmarks if mark not in marks]
    dataset.tree.clear()
    dataset.tree.update(snap.snapshot.tree)
