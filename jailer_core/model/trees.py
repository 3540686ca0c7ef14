"""Paths compared as paths: `/jails//web/` and `/jails/web` are the same directory.

Roots of jails: below them, others decide what a path leads to.

Entries of a file tree, as far as they decide what a jail has changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

_ODD = re.compile(r"/(?:\.?/|\.?$)")
"""A part that changes nothing: an empty one, `.`, or a slash at the end."""


def normal(path: str) -> str:
    """An absolute path without empty parts, `.` and a slash at the end; anything else as it is.

    `..` stays: what it means depends on symbolic links.
    """
    if not path.startswith("/"):
        return path
    if not _ODD.search(path):
        return path
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))


class Roots:
    """The root directories of a host's jails.

    A jail's root may lie inside another jail's tree. Its own path can then be redirected by that
    jail's root user, so only what lies above the outermost root is trusted.
    """

    def __init__(self) -> None:
        self.paths: frozenset[str] = frozenset()

    def learn(self, paths: Iterable[str]) -> None:
        """Replace the known roots; a jail on the host's root has none of its own."""
        self.paths = frozenset(map(normal, paths)) - {"", "/"}

    def outermost(self, path: str, beneath: str = "") -> str:
        """The topmost directory above `path` that is a root or `beneath`, or ""."""
        known = self.paths | {normal(beneath)} if beneath else self.paths
        parts = normal(path).split("/")[:-1]
        above = accumulate(parts, lambda folder, part: f"{folder}/{part}")
        return next((folder or "/" for folder in above if (folder or "/") in known), beneath)


def places_above(path: str) -> tuple[str, ...]:
    """A plain path and every directory above it; the root is ""."""
    names = path.split("/")
    return tuple("/".join(names[:count]) for count in range(len(names), 0, -1)) if path else ()


def way_to(path: str) -> tuple[str, ...]:
    """An absolute path and the directories above it, without the root; the path first."""
    return tuple(filter(None, places_above(normal(path))))


def by_place(items: Iterable[T], path: Callable[[T], str]) -> Mapping[str, list[T]]:
    """What is at or below each path, in order; dataset names are treated as paths."""
    items_by_place: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        for place in places_above(path(item)):
            items_by_place[place].append(item)
    return items_by_place


Attributes = tuple[int, int, int, int]
"""Mode, uid, gid, flags."""


class EntryKind(StrEnum):
    """The type of a file."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    FIFO = "fifo"
    SOCKET = "socket"
    CHARACTER = "character device"
    BLOCK = "block device"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One name in a tree.

    `digest` identifies the bytes of a regular file, "" when they were not read; `target` is where a
    symbolic link leads, `device` the number of a device. `flags` are those of chflags(1), without
    those that the file system sets itself. `inode` and `links` tell which names are hard links
    of each other within one tree; they take no part in comparisons.
    """

    kind: EntryKind
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    flags: int = 0
    size: int = 0
    digest: str = ""
    target: str = ""
    device: int = 0
    inode: int = field(default=0, compare=False)
    links: int = field(default=1, compare=False)

    @property
    def is_dir(self) -> bool:
        """Whether it is a directory."""
        return self.kind is EntryKind.DIRECTORY

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.kind is EntryKind.FILE

    @property
    def attributes(self) -> Attributes:
        """What chmod, chown and chflags change. A symbolic link's mode means nothing."""
        mode = 0 if self.kind is EntryKind.LINK else self.mode
        return (mode, self.uid, self.gid, self.flags)

    def same_content(self, other: TreeEntry) -> bool:
        """Whether both are of the same kind and hold the same."""
        mine = (self.kind, self.digest, self.target, self.device)
        return mine == (other.kind, other.digest, other.target, other.device)

    def same(self, other: TreeEntry | None) -> bool:
        """Whether content and attributes are equal."""
        return (
            other is not None and self.same_content(other) and self.attributes == other.attributes
        )

    def with_attributes(self, attributes: Attributes) -> TreeEntry:
        """The same content with other attributes."""
        mode, uid, gid, flags = attributes
        if self.kind is EntryKind.LINK:
            mode = self.mode
        return replace(self, mode=mode, uid=uid, gid=gid, flags=flags)


Tree = Mapping[str, TreeEntry]
"""Entries by path relative to the root, without the root itself."""


@dataclass(frozen=True, slots=True)
class ThreeTrees:
    """What decides how a jail moves from one base to another: old base, jail, new base.

    `changed` are the paths at which the jail differs from the old base. The trees hold only what
    was asked for: those paths, the directories above them, and what the new base has below
    directories that the jail removed or replaced. `texts` are the contents of small text files
    that both changed: old base, jail, new base.
    """

    changed: frozenset[str] = frozenset()
    old: Tree = field(default_factory=dict)
    jail: Tree = field(default_factory=dict)
    new: Tree = field(default_factory=dict)
    texts: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TreesQuestion:
    """Where three trees are: root directories of old base, jail, new base.

    `diff` is the `zfs diff` that lists what the jail changed since `before` (its old base, or an
    earlier state of itself), () where only a comparison of all files tells. `mountpoint` is where
    the dataset is mounted whose paths it prints. `everything`: what it lists counts as changed even
    where the jail has by now what the old base has.
    """

    old: str
    jail: str
    new: str
    diff: tuple[str, ...] = ()
    mountpoint: str = ""
    before: str = ""
    everything: bool = False


def equal(entry: TreeEntry | None, other: TreeEntry | None) -> bool:
    """Whether two trees are equal at a path; None means nothing is there."""
    return entry.same(other) if entry is not None else other is None


def above(path: str) -> Iterator[str]:
    """The directories above a path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
