"""Paths of a simulated host: the mount they lie on, links, directories, owners."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jailer_core.simulator.kernel.state import Node, SimMount, State, Tree
from jailer_core.simulator.zfs.sizes import Sizes

REASONS = {
    errno.ENOENT: "No such file or directory",
    errno.EEXIST: "File exists",
    errno.ENOTDIR: "Not a directory",
    errno.EISDIR: "Is a directory",
    errno.ENOTEMPTY: "Directory not empty",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
    errno.EBUSY: "Device busy",
    errno.ELOOP: "Too many levels of symbolic links",
    errno.EDQUOT: "Disc quota exceeded",
    errno.EROFS: "Read-only file system",
}


class SimOSError(Exception):
    """A failed system call, with FreeBSD's word for it."""

    def __init__(self, code: int, path: str) -> None:
        super().__init__(REASONS[code])
        self.code = code
        self.path = path
        self.reason = REASONS[code]


SNAPSHOTS = ".zfs/snapshot/"
"""Below a file system's root: its snapshots, which nothing can change."""
_HIDDEN = ".zfs"
DEVICES = ("null", "zero", "random", "urandom", "fd", "stdin", "stdout", "stderr")
HIDDEN = ("bpf", "bpf0", "mem", "kmem", "io", "pci", "vtbd0", "vtbd0p2", "zfs", "pf")


class Files:
    """The name space over `State`: every path is absolute, every answer a value or SimOSError."""

    def __init__(self, state: State) -> None:
        self.state = state
        # which mount is where, as long as the mounts are the same: there may be thousands
        self._seen: list[SimMount] = []
        self._by_path: dict[str, SimMount] = {}

    # --- finding -----------------------------------------------------------------------------

    def mount_of(self, path: str) -> SimMount:
        """The mount that a (link-free) path lies on: the longest, and of those the latest."""
        self._look()
        above = path
        while above:
            found = self._by_path.get(above)
            if found is not None:
                return found
            above = above.rpartition("/")[0]
        if "/" not in self._by_path:
            raise SimOSError(errno.ENOENT, path)
        return self._by_path["/"]

    def _look(self) -> None:
        mounts = self.state.mounts
        if self._seen != mounts:
            self._seen = list(mounts)
            self._by_path = {mount.path: mount for mount in self._seen}

    def tree_of(self, mount: SimMount) -> Tree:
        """The nodes behind a mount. A nullfs mount has none of its own: see `place`."""
        if mount.fstype == "zfs":
            return self.state.datasets[mount.device].tree
        if mount.fstype == "devfs":
            return self._devices(mount.ruleset)
        if mount.fstype == "tmpfs":
            return self.state.tmpfs.setdefault(mount.path, {"": Node("dir", mode=0o1777)})
        if mount.fstype in ("procfs", "fdescfs", "linprocfs", "linsysfs"):
            return {"": Node("dir", mode=0o555)}
        return self.state.root

    def _devices(self, ruleset: int) -> Tree:
        names: list[str] = list(DEVICES)
        rules = self.state.devfs_rules.get(ruleset, [])
        if not any(rule.endswith(("hide", "include 1")) and "unhide" not in rule for rule in rules):
            # a ruleset that hides nothing shows all of the host's devices, see
            # docs/freebsd-facts.md, Starting and stopping
            names += HIDDEN
        else:
            names += ["bpf", "bpf0"] if any("bpf" in rule for rule in rules) else []
            names += ["zfs"] if self._unhides(ruleset, "zfs") else []
        nodes = {name: Node(mode=0o666) for name in names} | {"fd": Node("dir", mode=0o555)}
        return {"": Node("dir", mode=0o555)} | nodes

    def _unhides(self, ruleset: int, name: str) -> bool:
        """Whether a ruleset, or one that it includes, shows a device."""
        rules = self.state.devfs_rules.get(ruleset, [])
        included = [int(rule.split()[-1]) for rule in rules if "include" in rule.split()]
        return any(f"path {name} unhide" in rule for rule in rules) or any(
            self._unhides(other, name) for other in included if other != ruleset
        )

    def place(self, path: str) -> tuple[Tree, str]:
        """Tree and path in it for a link-free path."""
        mount = self.mount_of(path)
        inner = path[len(mount.path.rstrip("/")) :].strip("/")
        if mount.fstype == "zfs" and inner.startswith(SNAPSHOTS):
            return self._snapshot(mount.device, inner.removeprefix(SNAPSHOTS))
        if mount.fstype == "nullfs":
            return self.place(f"{mount.device.rstrip('/')}/{inner}".rstrip("/") or "/")
        return self.tree_of(mount), inner

    def _snapshot(self, dataset: str, inner: str) -> tuple[Tree, str]:
        name, _, rest = inner.partition("/")
        for snapshot in self.state.datasets[dataset].snapshots:
            if snapshot.name == name:
                return snapshot.tree, rest
        return {}, rest

    def resolve(self, path: str, *, last: bool = True, beneath: str = "") -> str:
        """The path without links; `last` also follows the last part.

        With `beneath`, a link below that directory is ELOOP (what O_NOFOLLOW answers).
        """
        return self._walk(path, last=last, beneath=beneath)[0]

    def _walk(
        self, path: str, *, last: bool, beneath: str, depth: int = 0
    ) -> tuple[str, Node | None]:
        """The path without links, and what is there."""
        if depth > 32:
            raise SimOSError(errno.ELOOP, path)
        straight = self._straight(path, last=last)
        if straight is not None:
            return straight
        return self._along(path, last=last, beneath=beneath, depth=depth)

    def _along(self, path: str, *, last: bool, beneath: str, depth: int) -> tuple[str, Node | None]:
        """Part by part."""
        self._look()
        mounts = self._by_path
        done, inner, node = "", "", None
        root = mounts.get("/")
        tree = self.tree_of(root) if root is not None and root.fstype != "nullfs" else None
        shared = False
        parts = [part for part in path.split("/") if part]
        for index, part in enumerate(parts):
            step = f"{done}/{part}"
            mount = mounts.get(step)
            if mount is not None:
                shared = mount.fstype == "nullfs"
            if mount is not None and not shared:
                tree, inner = self.tree_of(mount), ""
            elif tree is None or mount is not None or part == "..":
                tree, inner = self.place(step)
            else:
                inner = f"{inner}/{part}" if inner else part
            node = tree.get(inner)
            is_last = index == len(parts) - 1
            if node is not None and node.kind == "link" and (last or not is_last):
                if beneath and step.startswith(beneath.rstrip("/") + "/"):
                    raise SimOSError(errno.ELOOP, path)
                target = node.target if node.target.startswith("/") else f"{done}/{node.target}"
                rest = "/".join(parts[index + 1 :])
                whole = f"{target}/{rest}" if rest else target
                return self._walk(whole, last=last, beneath=beneath, depth=depth + 1)
            shared = shared or part in ("..", _HIDDEN)
            done = step if part != ".." else done.rpartition("/")[0]
            if shared:  # below the source of a nullfs other file systems may be mounted
                tree = None
        if not parts or parts[-1] == "..":
            node = self._node(done or "/")
        return done or "/", node

    def _straight(self, path: str, *, last: bool) -> tuple[str, Node | None] | None:
        """The same for most paths: no link is on the way to them. None for the others."""
        if path[:1] != "/" or path[-1:] == "/" or "/." in path or "//" in path:
            return None
        mount = self.mount_of(path)
        if mount.fstype == "nullfs" or mount.path == path:
            return None
        tree = self.tree_of(mount)
        start = len(mount.path.rstrip("/")) + 1
        at = path.find("/", start)
        while at >= 0:
            above = tree.get(path[start:at])
            if above is not None and above.kind == "link":
                return None
            at = path.find("/", at + 1)
        node = tree.get(path[start:])
        return None if last and node is not None and node.kind == "link" else (path, node)

    def _node(self, path: str) -> Node | None:
        tree, inner = self.place(path)
        return tree.get(inner)

    def get(self, path: str, *, follow: bool = True, beneath: str = "") -> Node:
        """The node at a path. ENOENT, ENOTDIR, ELOOP."""
        real, node = self._walk(path, last=follow, beneath=beneath)
        if node is None:
            parent = real.rpartition("/")[0] or "/"
            above = self._node(parent)
            raise SimOSError(
                errno.ENOTDIR if above is not None and above.kind == "file" else errno.ENOENT, path
            )
        return node

    def exists(self, path: str) -> bool:
        """Whether anything is there (a dangling link is not)."""
        try:
            self.get(path)
        except SimOSError:
            return False
        return True

    def is_dir(self, path: str) -> bool:
        """Whether a directory is there."""
        try:
            return self.get(path).kind == "dir"
        except SimOSError:
            return False

    def mounted(self, path: str) -> SimMount | None:
        """The latest mount on exactly that path."""
        return next((mount for mount in reversed(self.state.mounts) if mount.path == path), None)

    # --- reading -----------------------------------------------------------------------------

    def existing(self, paths: Iterable[str]) -> Iterator[tuple[str, Node]]:
        """Those of these paths that exist, as lstat(2) sees them. Each directory is found once."""
        folders: dict[str, tuple[Tree, str] | None] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            if folder not in folders:
                folders[folder] = self._plain_folder(folder)
            found = folders[folder]
            if found is None or name in ("", ".", "..", _HIDDEN) or path in self._by_path:
                node = self._last_node(path)
            else:
                tree, inner = found
                node = tree.get(f"{inner}/{name}" if inner else name)
            if node is not None:
                yield path, node

    def _last_node(self, path: str) -> Node | None:
        try:
            return self._walk(path, last=False, beneath="")[1]
        except SimOSError:
            return None

    def _plain_folder(self, path: str) -> tuple[Tree, str] | None:
        """Tree and path in it of a directory; None where its names are not simply those there."""
        try:
            real = self.resolve(path)
        except SimOSError:
            return None
        if real != path or self.mount_of(real).fstype == "nullfs" or f"/{_HIDDEN}" in real:
            return None
        return self.place(real)

    def read(self, path: str, *, beneath: str = "") -> bytes:
        """The bytes of a file."""
        node = self.get(path, beneath=beneath)
        if node.kind == "dir":
            raise SimOSError(errno.EISDIR, path)
        return node.data

    def listdir(self, path: str) -> list[str]:
        """Names in a directory, sorted; mount points below it are there as directories."""
        real, node = self._walk(path, last=True, beneath="")
        if node is None:
            node = self.get(path)
        if node.kind != "dir":
            raise SimOSError(errno.ENOTDIR, path)
        tree, inner = self.place(real)
        prefix = inner + "/" if inner else ""
        start = len(prefix)
        below = [name for name in tree if name.startswith(prefix)] if prefix else tree
        names = {name[start:].partition("/")[0] for name in below}
        return sorted(names - {""})

    def walk(self, path: str) -> Iterator[str]:
        """The path and everything below it, deepest last, without leaving through links."""
        yield path
        if self.get(path, follow=False).kind == "dir":
            for name in self.listdir(path):
                yield from self.walk(f"{path.rstrip('/')}/{name}")

    # --- writing -----------------------------------------------------------------------------

    @staticmethod
    def _writable(path: str) -> None:
        if f"/{SNAPSHOTS}" in path:
            raise SimOSError(errno.EROFS, path)

    def _put(self, path: str, node: Node) -> None:
        self._writable(path)
        parent = path.rpartition("/")[0] or "/"
        above = self.get(parent)
        if above.kind != "dir":
            raise SimOSError(errno.ENOTDIR, path)
        self._check_writable(path)
        self._check_quota(path, node)
        tree, inner = self.place(path)
        fresh = inner not in tree
        tree[inner] = node
        if fresh and inner:
            self._touch(parent)

    def _check_writable(self, path: str) -> None:
        """A mount that is read-only, or lies on one (nullfs), takes nothing."""
        mount = self.mount_of(path)
        if "ro" in mount.options.split(","):
            raise SimOSError(errno.EROFS, path)
        if mount.fstype == "nullfs":
            inner = path[len(mount.path.rstrip("/")) :]
            self._check_writable(f"{mount.device.rstrip('/')}{inner}" or "/")

    def _touch(self, path: str) -> None:
        """Set a directory's time, which tells that a name in it came or went."""
        tree, inner = self.place(path)
        if inner in tree:
            tree[inner] = replace(tree[inner], mtime=self.state.now)

    def _check_quota(self, path: str, node: Node) -> None:
        mount = self.mount_of(path)
        if mount.fstype != "zfs":
            return
        parts = mount.device.split("/")
        above = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        limits = [one for one in above if self.state.datasets[one].props.get("quota", "0") != "0"]
        if not limits:
            return
        tree, inner = self.place(path)
        old = tree.get(inner)
        more = node.blocks - (old.blocks if old is not None else 0)
        if more > Sizes(self.state).available(mount.device):
            raise SimOSError(errno.EDQUOT, path)

    def write(  # noqa: PLR0913 - what a file is made of
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        owner: tuple[int, int] | None = None,
        size: int | None = None,
        beneath: str = "",
        new: bool = False,
    ) -> None:
        """Write a whole file; mode and owner of an existing one stay unless given.

        With `beneath` a link on the way is ELOOP, and one at the path itself is replaced.
        With `new` anything at the path is EEXIST.
        """
        real = self.resolve(path, last=not (beneath or new), beneath=beneath)
        old = self._node(real)
        if new and old is not None:
            raise SimOSError(errno.EEXIST, path)
        old = None if old is not None and old.kind == "link" else old
        if old is not None and old.kind == "dir":
            raise SimOSError(errno.EISDIR, path)
        base = old or Node()
        uid, gid = owner or (base.uid, base.gid)
        kept = base.mode if mode is None else mode
        self._put(real, Node("file", data, kept, uid, gid, self.state.now, size))

    def mkdir(
        self, path: str, mode: int = 0o755, *, parents: bool = False, beneath: str = ""
    ) -> None:
        """Make a directory; `parents` makes what is missing and forgives what exists."""
        real = self.resolve(path, last=not beneath, beneath=beneath)
        if self._node(real) is not None:
            if parents and self.is_dir(real):
                return
            raise SimOSError(errno.EEXIST, path)
        above = real.rpartition("/")[0] or "/"
        if parents and not self.exists(above):
            self.mkdir(above, mode, parents=True)
        self._put(real, Node("dir", mode=mode, mtime=self.state.now))

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link."""
        real = self.resolve(path, last=False)
        if self._node(real) is not None:
            raise SimOSError(errno.EEXIST, path)
        self._put(real, Node("link", mode=0o755, mtime=self.state.now, target=target))

    def remove(self, path: str, *, beneath: str = "") -> None:
        """Remove a file, a link, or an empty directory."""
        real = self.resolve(path, last=False, beneath=beneath)
        self._writable(real)
        node = self.get(real, follow=False)
        if self.mounted(real) is not None:
            raise SimOSError(errno.EBUSY, path)
        if node.kind == "dir" and self.listdir(real):
            raise SimOSError(errno.ENOTEMPTY, path)
        self._check_writable(real)
        tree, inner = self.place(real)
        del tree[inner]
        self._touch(real.rpartition("/")[0] or "/")

    def change(
        self, path: str, *, mode: int | None = None, owner: tuple[int, int] | None = None
    ) -> None:
        """Change mode or owner."""
        real = self.resolve(path)
        node = self.get(real)
        self._check_writable(real)
        uid, gid = owner or (node.uid, node.gid)
        tree, inner = self.place(real)
        tree[inner] = replace(node, mode=node.mode if mode is None else mode, uid=uid, gid=gid)
