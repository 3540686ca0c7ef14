"""`df -k`: room on file systems, in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jailer_core.parse.base import Parsed, below, each, matched

_ROW = re.compile(r"^(.+?) +(\d+) +(\d+) +(-?\d+) +\d+% +(/.*)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Room:
    """One mounted file system; `available` is 0 where more is used than users may."""

    device: str
    path: str
    total: int
    used: int
    available: int


def table(text: str) -> Parsed[tuple[Room, ...]]:
    """`df -k PATH` (recording 01 line 63)."""
    return each(_of_line, below("df", "Filesystem", text))


def _of_line(line: str) -> Room:
    device, total, used, available, path = matched(_ROW, line, "df", "no file system").groups()
    sizes = [max(0, int(size)) * 1024 for size in (total, used, available)]
    return Room(device, path, *sizes)
