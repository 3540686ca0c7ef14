"""Pools, datasets, snapshots, mounts, and the images and trash built on them.

The layout and health of a pool, and what the space of datasets is used for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pool:
    """A ZFS pool (`zpool list -Hp`)."""

    name: str
    size: int
    allocated: int
    free: int
    health: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A ZFS file system. `mountpoint` is "" for none and legacy; `origin` "" for no clone.

    `tags` are those of the jail that lives in it; None: unknown.
    """

    name: str
    guid: str
    used: int
    available: int
    referenced: int
    mountpoint: str
    origin: str
    creation: int
    mounted: bool
    jailed: bool = False
    tags: tuple[str, ...] | None = ()

    @property
    def pool(self) -> str:
        """The pool that it is in."""
        return self.name.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot; `clones` are the datasets cloned from it, `holds` counts its holds."""

    dataset: str
    name: str
    guid: str
    used: int
    referenced: int
    creation: int
    createtxg: int
    clones: tuple[str, ...] = ()
    holds: int = 0

    @property
    def full_name(self) -> str:
        """`dataset@name`."""
        return f"{self.dataset}@{self.name}"


@dataclass(frozen=True, slots=True)
class Property:
    """One ZFS property of a dataset with where it comes from: local, received and so on."""

    dataset: str
    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of `mount -p`."""

    device: str
    path: str
    fstype: str
    options: str


@dataclass(frozen=True, slots=True)
class Image:
    """A fetched base image: `POOL/jails/image/VERSION-RELEASE@base`.

    `userland` is the release of its files with the patch level, "" while that is not known.
    """

    version: str
    dataset: str
    created: int
    used: int
    has_base: bool | None = None
    default: bool = False
    userland: str = ""


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """A destroyed jail that can come back: dataset `…/.trash/NAME-STAMP` and what was kept.

    `meta` is the record written when it was destroyed ({} when there is none: then only the
    dataset can come back). `created` is when it went into the trash.
    """

    id: str
    name: str
    stamp: str
    dataset: str
    guid: str
    used: int
    meta: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Device:
    """One line of a pool's layout: `depth` 0 is the pool itself. Errors are counted as printed."""

    name: str
    depth: int
    state: str
    errors: tuple[str, ...] = ()
    note: str = ""

    @property
    def failing(self) -> bool:
        """Whether it has errors or is not healthy."""
        bad = any(count not in ("0", "-") for count in self.errors)
        return bad or self.state not in ("ONLINE", "AVAIL", "INUSE", "")


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """`zpool status` of one pool. `scan` is the last scrub or resilver, `progress` its percent."""

    name: str
    state: str
    status: str = ""
    action: str = ""
    scan: str = ""
    progress: float | None = None
    devices: tuple[Device, ...] = ()
    errors: str = ""


@dataclass(frozen=True, slots=True)
class SpaceUse:
    """What the space of one dataset is used for, in bytes (zfs list -o space)."""

    name: str
    used: int
    snapshots: int
    live: int
    children: int
    reserved: int
    referenced: int

    @property
    def shared(self) -> int:
        """The space it refers to but shares with the snapshot that it was cloned from."""
        return max(0, self.referenced - self.live)
