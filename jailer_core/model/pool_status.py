"""The layout and health of a pool, and what the space of datasets is used for."""

from __future__ import annotations

from dataclasses import dataclass


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
        """Whether it has errors, or is not as it should be."""
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
        """What it shows but shares with the snapshot that it was cloned from."""
        return max(0, self.referenced - self.live)
