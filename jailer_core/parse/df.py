"""`df -k`: room on file systems, in bytes."""

from __future__ import annotations

import re

from jailer_core.parse.base import Parsed, below, each, matched

_ROW = re.compile(r"^.+? +\d+ +\d+ +(-?\d+) +\d+% +/.*$", re.ASCII)


def available(text: str) -> Parsed[tuple[int, ...]]:
    """`df -k PATH` (recording 01 line 63): 0 where more is used than users may."""
    return each(_available, below("df", "Filesystem", text))


def _available(line: str) -> int:
    return max(0, int(matched(_ROW, line, "df", "no file system")[1])) * 1024
