"""`df -k`: room on file systems, in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jailer_core.parse.base import lines, records, string, whole, wrong

_ROW = re.compile(r"^(.+?) +(\d+) +(\d+) +(-?\d+) +\d+% +(/.*)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Room:
    """One mounted file system; `available` is 0 where more is used than users may."""

    device: str
    path: str
    total: int
    used: int
    available: int


def rooms(text: str) -> tuple[Room, ...]:
    """`df --libxo=json -k` (recording 01 line 64)."""
    return tuple(
        Room(
            string("df", one.get("name")),
            string("df", one.get("mounted-on")),
            whole("df", one.get("total-blocks")) * 1024,
            whole("df", one.get("used-blocks")) * 1024,
            max(0, int(one["available-blocks"])) * 1024
            if isinstance(one.get("available-blocks"), int)
            else wrong("df", "no number", one.get("available-blocks")),
        )
        for one in records("df", text, "storage-system-information", "filesystem")
    )


def table(text: str) -> tuple[Room, ...]:
    """`df -k PATH` (recording 01 line 63)."""
    rows = lines(text)
    if not rows or not rows[0].startswith("Filesystem"):
        wrong("df", "no heading")
    found = []
    for row in rows[1:]:
        parts = _ROW.match(row)
        if parts is None:
            wrong("df", "no file system", row)
        device, total, used, available, path = parts.groups()
        sizes = [max(0, int(size)) * 1024 for size in (total, used, available)]
        found.append(Room(device, path, *sizes))
    return tuple(found)
