"""`sysctl` of counters and memory, and `zpool iostat`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from jailer_core.errors import ParseError
from jailer_core.model.vitals import DiskUse
from jailer_core.parse import sysctl
from jailer_core.parse.base import Parsed, each, lines, tabbed, whole

CP_TIME = "kern.cp_time"
ARC = "kstat.zfs.misc.arcstats.size"
NAMES = (CP_TIME, "hw.physmem", "vm.stats.vm.v_free_count", "hw.pagesize", ARC)
"""Recordings 07 line 61 and 17 line 24 show them."""


def ticks(values: Mapping[str, str]) -> tuple[int, int] | None:
    """Ticks since boot in which a core was busy, and all: user, nice, system, interrupt, idle."""
    try:
        numbers = [whole("sysctl", word) for word in values.get(CP_TIME, "").split()]
    except ParseError:
        return None
    return (sum(numbers[:4]), sum(numbers)) if len(numbers) == 5 else None


def memory(values: Mapping[str, str]) -> tuple[int | None, int | None, int | None]:
    """All memory, what is used of it, and what ZFS caches in."""
    host = sysctl.facts(values).value
    used = arc = None
    if host.memory is not None and host.memory_free is not None:
        used = max(0, host.memory - host.memory_free)
    with suppress(KeyError, ParseError):
        arc = whole("sysctl", values[ARC])
    return host.memory, used, arc


def disks(text: str) -> Parsed[dict[str, DiskUse]]:
    """`zpool iostat -Hpy 1 1`: bytes a second by pool (recording 14).

    Columns: name, allocated, free, operations read and written, bytes read and written.
    """
    return each(_pool, lines(text)).map(dict)


def _pool(line: str) -> tuple[str, DiskUse]:
    name, *_, read, written = tabbed("zpool iostat", line, 7)
    return name, DiskUse(whole("zpool iostat", read), whole("zpool iostat", written))
