"""`mount -p`: what is mounted, oldest first."""

from __future__ import annotations

import re
import sys

from jailer_core.model import Mount
from jailer_core.parse.base import Parsed, each, joined, lines, matched, wrong

_TAIL = re.compile(
    r"^(?P<head>.*?\S)[ \t]+(?P<type>[^ \t]+)\t(?P<options>[^ \t]*)[ \t]+\d+ \d+$", re.DOTALL
)
_BEGINS = re.compile(r"/|\S.*?[ \t]+/")
"""How a mount begins: with a path, or with another device and the beginning of a path."""
_LONGEST = 4096
"""Device, path and options together: what is longer is no mount, but something else."""


def mounts(text: str) -> Parsed[tuple[Mount, ...]]:
    """Every mount. A path may hold spaces: the padding tells where one ends (recording 08).

    Columns are filled to 24 with tabs, and a longer one is followed by a single space. A jail that
    may mount inside can do so on a directory with line feeds in its name.
    """
    rows = joined(lines(text), lambda row: bool(_BEGINS.match(row)), _is_whole, again=False)
    return each(_mount, rows)


def _is_whole(record: str) -> bool:
    return _TAIL.match(record) is not None or len(record) > _LONGEST


def _mount(entry: str) -> Mount:
    parts = matched(_TAIL, entry, "mount -p", "no mount")
    device, path = _split(parts["head"])
    return Mount(*map(sys.intern, (device, path, parts["type"], parts["options"])))


def _split(head: str) -> tuple[str, str]:
    """Device and path: the first place where the padding is as wide as it must be there."""
    places = [
        (match.start(), match.group(), match.end()) for match in re.finditer(r"[ \t]+(?=/)", head)
    ]
    if not places:
        wrong("mount -p", "no path", head)
    fitting = (
        (start, padding, end)
        for start, padding, end in places
        if padding == ("\t" * (3 - start // 8) if start < 24 else " ")
    )
    start, _, end = next(fitting, places[0])
    return head[:start], head[end:]
