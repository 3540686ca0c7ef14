"""`sysctl` of counters and memory, and `zpool iostat`."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.errors import ParseError
from jailer_core.model.vitals import DiskUse
from jailer_core.parse.base import Parsed, each, lines, tabbed, whole

CP_TIME = "kern.cp_time"
ARC = "kstat.zfs.misc.arcstats.size"
_FREE, _PAGE, _ALL = "vm.stats.vm.v_free_count", "hw.pagesize", "hw.physmem"
NAMES = (CP_TIME, _ALL, _FREE, _PAGE, ARC)
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

    def number(name: str) -> int | None:
        try:
            return whole("sysctl", values[name]) if name in values else None
        except ParseError:
            return None

    every, free, page = number(_ALL), number(_FREE), number(_PAGE)
    used = None
    if every is not None and free is not None and page is not None:
        used = max(0, every - free * page)
    return every, used, number(ARC)


def disks(text: str) -> Parsed[dict[str, DiskUse]]:
    """`zpool iostat -Hpy 1 1`: bytes a second by pool (recording 14).

    Columns: name, allocated, free, operations read and written, bytes read and written.
    """
    return each(_pool, lines(text)).map(dict)


def _pool(line: str) -> tuple[str, DiskUse]:
    name, *_, read, written = tabbed("zpool iostat", line, 7)
    return name, DiskUse(whole("zpool iostat", read), whole("zpool iostat", written))
