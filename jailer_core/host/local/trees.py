"""Entries of file trees of this machine. No link is followed below the root of a tree."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

from jailer_core.errors import FileFailed
from jailer_core.host.local import files
from jailer_core.model.trees import Attributes, EntryKind, TreeEntry

BATCH = 1000
SNAPSHOTS = ".zfs"
"""Where ZFS shows snapshots in the root of a file system, when `snapdir` is visible."""
_CHUNK = 1 << 18
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
_ARCHIVE = 0x800
"""UF_ARCHIVE: ZFS sets it whenever a file changes (chflags(2); # not recorded)."""
_KINDS = {
    stat.S_IFREG: EntryKind.FILE,
    stat.S_IFDIR: EntryKind.DIRECTORY,
    stat.S_IFLNK: EntryKind.LINK,
    stat.S_IFIFO: EntryKind.FIFO,
    stat.S_IFSOCK: EntryKind.SOCKET,
    stat.S_IFCHR: EntryKind.CHARACTER,
    stat.S_IFBLK: EntryKind.BLOCK,
}
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK})
"""What is below a link or a file does not exist in the tree (FreeBSD: EMLINK for a link)."""


def entries(root: str, paths: Sequence[str], beneath: str) -> dict[str, TreeEntry]:
    """Entries of the paths that exist, with digests. Raises FileFailed."""
    entries: dict[str, TreeEntry] = {}
    by_folder = groupby(paths, key=lambda path: path.rpartition("/")[0])
    for above, group in by_folder:
        with _open_folder(f"{root.rstrip('/')}/{above}", beneath) as folder:
            for path in group if folder is not None else ():
                entry = _at(path.rpartition("/")[2], folder, f"{root}/{path}")
                if entry is not None:
                    entries[path] = entry
    return entries


@contextmanager
def _open_folder(path: str, beneath: str) -> Iterator[int | None]:
    """The directory, open; None where there is none without following links."""
    with files.failing("read", path):
        try:
            folder, _ = files.folder(f"{path}/.jailer-tui", beneath)
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
            yield None
            return
    with files.opened(folder):
        yield folder


def _at(name: str, folder: int | None, whole: str) -> TreeEntry | None:
    try:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
        digest = _digest(name, folder) if stat.S_ISREG(seen.st_mode) else ""
        return _entry(seen, name, folder, digest)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise FileFailed("read", whole, error.strerror or "") from None


def _digest(name: str, folder: int | None) -> str:
    digest = hashlib.sha256()
    with files.opened(os.open(name, _READ, dir_fd=folder)) as descriptor:
        while data := os.read(descriptor, _CHUNK):
            digest.update(data)
    return digest.hexdigest()


def _entry(seen: os.stat_result, name: str, folder: int | None, digest: str = "") -> TreeEntry:
    kind = _KINDS.get(stat.S_IFMT(seen.st_mode), EntryKind.SOCKET)
    device = kind in (EntryKind.CHARACTER, EntryKind.BLOCK)
    return TreeEntry(
        kind,
        stat.S_IMODE(seen.st_mode),
        seen.st_uid,
        seen.st_gid,
        getattr(seen, "st_flags", 0) & ~_ARCHIVE,
        seen.st_size if kind is EntryKind.FILE else 0,
        digest,
        os.readlink(name, dir_fd=folder) if kind is EntryKind.LINK else "",
        seen.st_rdev if device else 0,
        seen.st_ino,
        seen.st_nlink,
    )


def walk(root: str, below: str, beneath: str) -> Iterator[list[tuple[str, TreeEntry]]]:
    """Everything below a path, in batches, without digests: directories before what is in them.

    Other file systems that are mounted in it are left out. Raises FileFailed.
    """
    top = f"{root.rstrip('/')}/{below}" if below else root.rstrip("/")
    batch: list[tuple[str, TreeEntry]] = []
    try:
        descriptor, _ = files.folder(f"{top}/.jailer-tui", beneath)
        for item in _inside(descriptor, f"{below}/" if below else "", os.fstat(descriptor).st_dev):
            batch.append(item)
            if len(batch) >= BATCH:
                yield batch
                batch = []
    except OSError as error:
        raise FileFailed("read", top, error.strerror or "") from None
    if batch:
        yield batch


def _inside(descriptor: int, prefix: str, device: int) -> Iterator[tuple[str, TreeEntry]]:
    """Takes over the open directory."""
    try:
        with os.scandir(descriptor) as items:
            names = sorted((entry.name for entry in items), key=os.fsencode)
        for name in names:
            if name == SNAPSHOTS and not prefix:
                continue
            try:
                seen = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                entry = _entry(seen, name, descriptor)
            except FileNotFoundError:
                continue  # a running jail removes files
            yield prefix + name, entry
            if entry.is_dir and seen.st_dev == device:
                yield from _inside(files.enter(name, descriptor), f"{prefix}{name}/", device)
    finally:
        os.close(descriptor)


# --- changes ---------------------------------------------------------------------------------


def remove(root: str, paths: Sequence[str], beneath: str) -> None:
    """Remove files and empty directories, in that order; flags do not keep them."""
    for path in paths:
        with _without_flags("remove", f"{root}/{path}", beneath) as (folder, name, seen):
            (os.rmdir if stat.S_ISDIR(seen.st_mode) else os.unlink)(name, dir_fd=folder)


def set_attributes(root: str, attributes: Mapping[str, Attributes], beneath: str) -> None:
    """Give files mode, owner, group and flags; what is in a directory before the directory."""
    for path in sorted(attributes, reverse=True):
        mode, uid, gid, flags = attributes[path]
        with _without_flags("change", f"{root}/{path}", beneath) as (folder, name, seen):
            if (seen.st_uid, seen.st_gid) != (uid, gid):
                os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISLNK(seen.st_mode):
                os.chmod(name, mode, dir_fd=folder)
            if flags:
                _lchflags(f"{root}/{path}", flags)


@contextmanager
def _without_flags(verb: str, path: str, beneath: str) -> Iterator[tuple[int, str, os.stat_result]]:
    """The directory of a file, open, its name, and what it is; flags are cleared, if any."""
    with files.failing(verb, path), files.parent(path, beneath) as (folder, name):
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if getattr(seen, "st_flags", 0) & ~_ARCHIVE:
            _lchflags(path, 0)  # the path was just walked without a link in it
        yield folder, name, seen


def _lchflags(path: str, flags: int) -> None:
    change: Callable[[str, int], None] | None = getattr(os, "lchflags", None)
    if change is None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    change(path, flags)
