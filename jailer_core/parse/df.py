"""`df -k`: room on file systems, in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jailer_core.parse.base import Parsed, below, each, records, string, whole, wrong

_ROW = re.compile(r"^(.+?) +(\d+) +(\d+) +(-?\d+) +\d+% +(/.*)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Room:
    """One mounted file system; `available` is 0 where more is used than users may."""

    device: str
    path: str
    total: int
    used: int
    available: int


def rooms(text: str) -> Parsed[tuple[Room, ...]]:
    """`df --libxo=json -k` (recording 01 line 64)."""
    return records(_room, "df", text, "storage-system-information", "filesystem")


def _room(row: dict[str, Any]) -> Room:
    available = row.get("available-blocks")
    if not isinstance(available, int):
        wrong("df", "no number", available)
    return Room(
        string("df", row.get("name")),
        string("df", row.get("mounted-on")),
        whole("df", row.get("total-blocks")) * 1024,
        whole("df", row.get("used-blocks")) * 1024,
        max(0, available) * 1024,
    )


def table(text: str) -> Parsed[tuple[Room, ...]]:
    """`df -k PATH` (recording 01 line 63)."""
    return each(_of_line, below("df", "Filesystem", text))


def _of_line(line: str) -> Room:
    parts = _ROW.match(line)
    if parts is None:
        wrong("df", "no file system", line)
    device, total, used, available, path = parts.groups()
    sizes = [max(0, int(size)) * 1024 for size in (total, used, available)]
    return Room(device, path, *sizes)
