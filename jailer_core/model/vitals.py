"""The current load of a host: counters and amounts for graphs. None is unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model.network import Traffic

_VIRTUAL = re.compile(
    r"(lo|epair|bridge|tap|tun|vlan|lagg|gif|gre|wg|vxlan|pflog|pfsync|enc|stf)\d"
)


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What a pool reads and writes, in bytes a second."""

    read: int
    written: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """One reading. `busy` and `ticks` count since boot; sizes are bytes.

    `used` is memory in use without what is free, `arc` the part of it that ZFS caches in.
    """

    taken: float
    busy: int | None = None
    ticks: int | None = None
    memory: int | None = None
    used: int | None = None
    arc: int | None = None
    traffic: Mapping[str, Traffic] | None = None
    disks: Mapping[str, DiskUse] | None = None

    @property
    def cards(self) -> Mapping[str, Traffic] | None:
        """Counters of the interfaces that lead out: traffic within the host counts once."""
        if self.traffic is None:
            return None
        return {
            name: counters
            for name, counters in self.traffic.items()
            if not _VIRTUAL.match(name) and "." not in name
        }


def cpu_percent(before: Vitals, after: Vitals) -> float | None:
    """How busy all cores were between two readings, 0 to 100."""
    if before.ticks is None or before.busy is None or after.ticks is None or after.busy is None:
        return None
    passed = after.ticks - before.ticks
    if passed <= 0 or after.busy < before.busy:
        return None
    return min(100.0, 100.0 * (after.busy - before.busy) / passed)
