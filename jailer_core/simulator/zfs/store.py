"""The datasets of ZFS: names, properties and their inheritance, mounting, dependents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jailer_core.simulator.kernel.busy import drop, is_busy
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import (
    Node,
    SimBookmark,
    SimDataset,
    SimMount,
    SimSnapshot,
    State,
    Tree,
)

NAME_LIMIT = 256
OWN_ONLY = frozenset(
    {"quota", "reservation", "refquota", "refreservation", "canmount", "keylocation"}
    | {"filesystem_limit", "snapshot_limit"}
)
"""Properties that children do not inherit."""


class ZfsError(Exception):
    """A refusal: the whole text on standard error without its last line feed, and the status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def not_simulated(what: str) -> ZfsError:
    """What no recording shows is refused, rather than guessed."""
    return ZfsError(f"zfs: {what} is not simulated")


def root_of(state: State, name: str) -> SimDataset | None:
    """The dataset whose key encrypts this one: itself, its origin's or that of the one above.

    A clone shares the key of its origin (zfsprops(7)).
    """
    dataset = state.datasets[name]
    above = dataset.origin.partition("@")[0] or name.rpartition("/")[0]
    if dataset.passphrase or above not in state.datasets:
        return dataset if dataset.passphrase else None
    return root_of(state, above)


@dataclass(frozen=True, slots=True)
class Mark:
    """A bookmark together with its dataset."""

    dataset: SimDataset
    bookmark: SimBookmark

    @property
    def name(self) -> str:
        """`dataset#bookmark`."""
        return f"{self.dataset.name}#{self.bookmark.name}"


@dataclass(frozen=True, slots=True)
class Snap:
    """A snapshot together with its dataset."""

    dataset: SimDataset
    snapshot: SimSnapshot

    @property
    def name(self) -> str:
        """`dataset@snapshot`."""
        return f"{self.dataset.name}@{self.snapshot.name}"


class Zfs:
    """The rules over `State.datasets`; refusals are ZfsError with the recorded words."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.state = machine.state

    # --- finding -----------------------------------------------------------------------------

    def dataset(self, name: str) -> SimDataset:
        """The dataset of that name, or the refusal to open it."""
        found = self.state.datasets.get(name)
        if found is None:
            raise ZfsError(f"cannot open '{name}': dataset does not exist")
        return found

    def find_snapshot(self, name: str) -> Snap | None:
        """The snapshot `dataset@name`, or None."""
        above, _, own = name.partition("@")
        dataset = self.state.datasets.get(above)
        for snapshot in dataset.snapshots if dataset else ():
            if dataset is not None and snapshot.name == own:
                return Snap(dataset, snapshot)
        return None

    def find_bookmark(self, name: str) -> Mark | None:
        """The bookmark `dataset#name`, or None."""
        above, _, own = name.partition("#")
        dataset = self.state.datasets.get(above)
        marks = [mark for mark in dataset.bookmarks if mark.name == own] if dataset else []
        return Mark(dataset, marks[0]) if dataset and marks else None

    def snapshot(self, name: str) -> Snap:
        """The snapshot `dataset@name`, or the refusal to open it."""
        snap = self.find_snapshot(name)
        if snap is None:
            raise ZfsError(f"cannot open '{name}': dataset does not exist")
        return snap

    def children(self, name: str) -> list[SimDataset]:
        """The datasets right below, by name."""
        depth = name.count("/") + 1
        return [dataset for dataset in self.below(name)[1:] if dataset.name.count("/") == depth]

    def below(self, name: str) -> list[SimDataset]:
        """The dataset and all below it, parents first, by name."""
        datasets = [
            dataset
            for key, dataset in self.state.datasets.items()
            if key == name or key.startswith(name + "/")
        ]
        return sorted(datasets, key=lambda one: one.name)

    def clones(self, snap: Snap) -> list[str]:
        """Names of the datasets cloned from a snapshot, by name."""
        name = snap.name
        return sorted(
            dataset.name for dataset in self.state.datasets.values() if dataset.origin == name
        )

    def dependents(self, name: str) -> Iterator[str]:
        """Everything that goes when it goes, deepest first, in the order of libzfs.

        Children, then snapshots, and under each snapshot its clones; a clone may come twice.
        """
        if "@" in name:
            found: list[str] = self.clones(self.snapshot(name))
        else:
            dataset = self.dataset(name)
            found = [one.name for one in self.children(name)]
            found += [f"{name}@{snapshot.name}" for snapshot in dataset.snapshots]
        for one in found:
            yield from self.dependents(one)
            yield one

    # --- properties --------------------------------------------------------------------------

    def inherited(self, name: str, prop: str) -> tuple[str, str] | None:
        """Value of a property that is set, and by whom: "local", "inherited from X", received."""
        dataset = self.dataset(name)
        if prop in dataset.props:
            return dataset.props[prop], "local"
        if prop in OWN_ONLY:
            return None
        above = name
        while "/" in above:
            above = above.rpartition("/")[0]
            holder = self.state.datasets.get(above)
            if holder is not None and prop in holder.props:
                return holder.props[prop], f"inherited from {above}"
        return None

    def mountpoint(self, name: str) -> tuple[str, str]:
        """Where it is to be mounted (a path, `none`, `legacy`), and where that comes from."""
        found = self.inherited(name, "mountpoint")
        if found is None:
            return "/" + name, "default"
        value, source = found
        if not source.startswith("inherited") or not value.startswith("/"):
            return value, source
        holder = source.removeprefix("inherited from ")
        return value.rstrip("/") + name[len(holder) :], source

    def setting(self, name: str, prop: str, default: str) -> str:
        """The value in force of an ordinary property."""
        found = self.inherited(name, prop)
        return default if found is None else found[0]

    # --- making ------------------------------------------------------------------------------

    def check_new(self, name: str) -> None:
        """Whether a dataset of that name may be made; "cannot create …" otherwise."""
        refuse = f"cannot create '{name}': "
        if len(name) >= NAME_LIMIT:
            raise ZfsError(refuse + "name is too long")
        bad = next((char for char in name if not (char.isascii() and _allowed(char))), "")
        if bad or "//" in name or name.endswith("/"):
            # not recorded
            what = f"invalid character '{bad}' in name" if bad else "empty component in name"
            raise ZfsError(refuse + what)
        pool, _, rest = name.partition("/")
        if pool not in self.state.pools:
            raise ZfsError(refuse + f"no such pool '{pool}'")
        if not rest or name in self.state.datasets:
            raise ZfsError(refuse + "dataset already exists")
        parent = self.state.datasets.get(name.rpartition("/")[0])
        if parent is None:
            raise ZfsError(refuse + "parent does not exist")
        if parent.volsize:
            raise not_simulated("a dataset below a volume")

    def make_parents(self, name: str) -> None:
        """Make what is missing above, as `-p` does."""
        parts = name.split("/")
        for depth in range(2, len(parts)):
            above = "/".join(parts[:depth])
            if above not in self.state.datasets:
                self.check_new(above)
                self.make(above, {})

    def make(
        self, name: str, props: dict[str, str], origin: Snap | None = None, volsize: int = 0
    ) -> SimDataset:
        """Make a file system, volume or clone, and mount it where its properties say."""
        state = self.state
        tree: Tree = {"": Node("dir", mode=0o755, mtime=state.now)}
        if origin is not None:
            tree = dict(origin.snapshot.tree)
        dataset = SimDataset(
            name,
            state.guid(),
            int(state.now),
            self.txg(),
            dict(props),
            tree,
            origin.name if origin else "",
            volsize=origin.dataset.volsize if origin else volsize,
        )
        state.datasets[name] = dataset
        self.mount_if_wanted(dataset)
        return dataset

    def take(self, dataset: SimDataset, name: str, txg: int, props: dict[str, str]) -> SimSnapshot:
        """Take a snapshot; those of one command share their transaction."""
        snapshot = SimSnapshot(
            name,
            self.state.guid(),
            int(self.state.now),
            txg,
            dict(dataset.tree),
            props=dict(props),
        )
        dataset.snapshots.append(snapshot)
        return snapshot

    def txg(self) -> int:
        """The number of a new transaction."""
        return self.state.next("txg", 2)

    # --- mounting ----------------------------------------------------------------------------

    def mount_of(self, name: str) -> SimMount | None:
        """Where a dataset is mounted."""
        for mount in self.state.mounts:
            if mount.device == name and mount.fstype == "zfs":
                return mount
        return None

    def mount(self, dataset: SimDataset) -> None:
        """Mount it at its mount point, which is made when missing."""
        path = self.mountpoint(dataset.name)[0]
        try:
            self.machine.files.mkdir(path, parents=True)
        except SimOSError as error:  # not recorded
            raise ZfsError(f"cannot mount '{path}': failed to create mountpoint: {error}") from None
        self.state.mounts.append(SimMount(dataset.name, path, "zfs", self.options(dataset.name)))

    def mount_if_wanted(self, dataset: SimDataset) -> None:
        """Mount it unless `canmount`, its mount point, or a mount that is there says no."""
        wanted = self.setting(dataset.name, "canmount", "on") == "on"
        if wanted and self.mountable(dataset.name) and self.mount_of(dataset.name) is None:
            self.mount(dataset)

    def mountable(self, name: str) -> bool:
        """Whether it has a mount point of its own to go to, and may be mounted there."""
        dataset, root = self.dataset(name), root_of(self.state, name)
        if dataset.volsize or (root is not None and root.locked):
            return False
        return self.mountpoint(name)[0].startswith("/") and not self.setting(
            name, "jailed", "off"
        ).startswith("on")

    def options(self, name: str) -> str:
        """Mount options as `mount -p` tells them."""
        words = ["ro" if self.setting(name, "readonly", "off") == "on" else "rw"]
        words += [f"no{one}" for one in ("exec", "suid", "atime") if not self._allows(name, one)]
        return ",".join([*words, "nfsv4acls"])

    def _allows(self, name: str, option: str) -> bool:
        prop = {"suid": "setuid"}.get(option, option)
        return self.setting(name, prop, "on") == "on"

    def unmount(self, dataset: SimDataset, *, force: bool = False) -> None:
        """Unmount it; refused while something holds it, unless forced."""
        mount = self.mount_of(dataset.name)
        if mount is None:
            return
        if not force and is_busy(self.machine, mount):
            raise ZfsError(f"cannot unmount '{mount.path}': pool or dataset is busy")
        drop(self.machine, mount)

    def clear_mountpoint(self, path: str, source: str) -> None:
        """Remove the empty directory that was a mount point, unless the admin chose it."""
        if source == "local" or not path.startswith("/"):
            return
        try:
            self.machine.files.remove(path)
        except SimOSError:
            return


def _allowed(char: str) -> bool:
    return char.isalnum() or char in "-_.: /"
