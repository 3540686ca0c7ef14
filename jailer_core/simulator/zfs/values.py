"""Values of properties, and where they come from; how they are printed."""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.simulator.kernel.state import SimDataset, Tree
from jailer_core.simulator.zfs import encryption
from jailer_core.simulator.zfs.properties import (
    DEFAULTS,
    FIXED,
    READ_ONLY,
    SIZED,
    SNAPSHOT_ALL,
    UNLIMITED,
    human_size,
    human_time,
    is_user_property,
)
from jailer_core.simulator.zfs.sizes import EMPTY, VOLUME, Sizes, Usage, logical, referenced
from jailer_core.simulator.zfs.store import Mark, Snap, Zfs
from jailer_core.simulator.zfs.volumes import FILE_SYSTEM_ONLY

Value = str | int
Thing = SimDataset | Snap | Mark
COMPUTED = "-"
_OF_DATASET: dict[str, Callable[[SimDataset], Value]] = {
    "name": lambda one: one.name,
    "type": lambda one: "volume" if one.volsize else "filesystem",
    "creation": lambda one: one.creation,
    "createtxg": lambda one: one.createtxg,
    "guid": lambda one: int(one.guid),
    "origin": lambda one: one.origin or "-",
    "objsetid": lambda one: one.createtxg + 53,
}
_OF_SNAPSHOT: dict[str, Callable[[Snap], Value]] = {
    "name": lambda one: one.name,
    "type": lambda _: "snapshot",
    "creation": lambda one: one.snapshot.creation,
    "createtxg": lambda one: one.snapshot.createtxg,
    "guid": lambda one: int(one.snapshot.guid),
    "userrefs": lambda one: len(one.snapshot.holds),
    "defer_destroy": lambda _: "off",
    "objsetid": lambda one: one.snapshot.createtxg + 53,
}
_OF_USAGE: dict[str, Callable[[Usage], Value]] = {
    "used": lambda one: one.used,
    "usedbysnapshots": lambda one: one.by_snapshots,
    "usedbydataset": lambda one: one.by_dataset,
    "usedbychildren": lambda one: one.by_children,
    "usedbyrefreservation": lambda one: one.by_refreservation,
}
_OF_BOOKMARK: dict[str, Callable[[Mark], Value]] = {
    "name": lambda one: one.name,
    "type": lambda _: "bookmark",
    "creation": lambda one: one.bookmark.creation,
    "createtxg": lambda one: one.bookmark.createtxg,
    "guid": lambda one: int(one.bookmark.guid),
}


class Properties:
    """Values of properties for one command; sizes are worked out once, when one is asked for."""

    def __init__(self, zfs: Zfs) -> None:
        self.zfs = zfs
        self._sizes: Sizes | None = None
        self._mounted = {mount.device for mount in zfs.state.mounts if mount.fstype == "zfs"}
        self._clones: dict[str, list[str]] = {}
        for name, dataset in sorted(zfs.state.datasets.items()):
            if dataset.origin:
                self._clones.setdefault(dataset.origin, []).append(name)

    @property
    def sizes(self) -> Sizes:
        """Sizes of the whole host."""
        if self._sizes is None:
            self._sizes = Sizes(self.zfs.state)
        return self._sizes

    def value(self, what: Thing, name: str) -> tuple[Value, str]:
        """Value and source of a property; ("-", "-") where it has none."""
        if isinstance(what, SimDataset) and not is_user_property(name):
            computed = self._computed(what, name)
            return (computed, COMPUTED) if computed is not None else self._set(what, name)
        if isinstance(what, Mark):
            of_bookmark = _OF_BOOKMARK.get(name)
            return of_bookmark(what) if of_bookmark else "-", COMPUTED
        if isinstance(what, SimDataset) or is_user_property(name):
            return self._user(what, name)
        return self._of_snapshot(what, name)

    def _user(self, what: SimDataset | Snap, name: str) -> tuple[Value, str]:
        dataset = what.dataset if isinstance(what, Snap) else what
        if isinstance(what, Snap) and name in what.snapshot.props:
            return what.snapshot.props[name], "local"
        found = self.zfs.inherited(dataset.name, name)
        if found is None:
            return "-", "-"
        value, source = found
        if isinstance(what, Snap) and source == "local":
            source = f"inherited from {dataset.name}"
        return value, source

    def _set(self, dataset: SimDataset, name: str) -> tuple[Value, str]:
        """A property that may be set, with its default."""
        if name == "mountpoint":
            return self.zfs.mountpoint(dataset.name)
        if name not in DEFAULTS:
            return "-", "-"
        found = None if name in READ_ONLY else self.zfs.inherited(dataset.name, name)
        value, source = found or (DEFAULTS[name], "default")
        return int(value) if value.isdigit() else value, source

    def _computed(self, dataset: SimDataset, name: str) -> Value | None:
        """What ZFS works out; None for what can be set."""
        if (of_dataset := _OF_DATASET.get(name)) is not None:
            return of_dataset(dataset)
        if (of_usage := _OF_USAGE.get(name)) is not None:
            return of_usage(self.sizes.usage(dataset.name))
        if name == "volsize" or (dataset.volsize and name in FILE_SYSTEM_ONLY):
            return (dataset.volsize or "-") if name == "volsize" else "-"
        if (of_key := encryption.value(self.zfs.state, dataset, name)) is not None:
            return of_key
        if name == "mounted":
            return "yes" if dataset.name in self._mounted else "no"
        if name == "available":
            return self.sizes.available(dataset.name)
        if name in FIXED:
            return int(FIXED[name]) if FIXED[name].isdigit() else FIXED[name]
        return _of_tree(dataset.tree, name) if not dataset.volsize else _of_volume(name)

    def _of_snapshot(self, snap: Snap, name: str) -> tuple[Value, str]:
        snapshot = snap.snapshot
        if name == "used":
            return self.sizes.snapshot(snap.dataset, snapshot), COMPUTED
        if name == "clones":
            return ",".join(self._clones.get(snap.name, ())) or "-", COMPUTED
        of_snapshot = _OF_SNAPSHOT.get(name)
        if of_snapshot is not None:
            return of_snapshot(snap), COMPUTED
        value = _of_volume(name) if snap.dataset.volsize else _of_tree(snapshot.tree, name)
        if value is not None:
            return value, COMPUTED
        if name not in SNAPSHOT_ALL:
            return "-", "-"
        fixed = FIXED.get(name)
        return (fixed, COMPUTED) if fixed is not None else self._set(snap.dataset, name)


def _of_volume(name: str) -> Value | None:
    """Sizes of a volume: nothing was ever written to it."""
    if name in ("referenced", "written", "logicalreferenced", "logicalused"):
        return VOLUME
    return "1.00" if name in ("compressratio", "refcompressratio") else None


def _of_tree(tree: Tree, name: str) -> Value | None:
    """Sizes that follow from the contents alone."""
    if name in ("referenced", "written"):
        return referenced(tree)
    if name in ("logicalreferenced", "logicalused"):
        return logical(tree)
    if name in ("compressratio", "refcompressratio"):
        plain = sum(node.length for node in tree.values())
        return f"{max(1.0, plain / max(1, referenced(tree) - EMPTY)):.2f}"
    return None


def printed(name: str, value: Value, *, exact: bool) -> str:
    """A value as text: bytes and seconds with -p, else for people."""
    if name in ("compressratio", "refcompressratio") and not exact:
        return f"{value}x"
    if not isinstance(value, int) or exact:
        return str(value)
    if name in UNLIMITED and value == 0:
        return "none"
    if name == "creation":
        return human_time(value)
    return human_size(value) if name in SIZED else str(value)
