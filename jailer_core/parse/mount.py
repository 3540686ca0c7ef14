"""`mount -p`: what is mounted, oldest first."""

from __future__ import annotations

import re

from jailer_core.model import Mount
from jailer_core.parse.base import lines, wrong

_TAIL = re.compile(
    r"^(?P<head>.*?\S)[ \t]+(?P<type>[^ \t]+)\t(?P<options>[^ \t]*)[ \t]+\d+ \d+$", re.DOTALL
)
_LONGEST = 4096
"""Device, path and options together: what is longer is no mount, but something else."""


def mounts(text: str) -> tuple[Mount, ...]:
    """Every mount. A path may hold spaces: the padding tells where one ends (recording 08).

    Columns are filled to 24 with tabs, and a longer one is followed by a single space.
    """
    found: list[Mount] = []
    begun = ""
    for line in lines(text):
        # whoever may mount inside a jail may do so on a directory with line feeds in its name
        begun += line
        parts = _TAIL.match(begun)
        if parts is None and len(begun) > _LONGEST:
            break
        if parts is None:
            begun += "\n"
            continue
        device, path = _split(parts["head"])
        found.append(Mount(device, path, parts["type"], parts["options"]))
        begun = ""
    if begun:
        wrong("mount -p", "no mount", begun)
    return tuple(found)


def _split(head: str) -> tuple[str, str]:
    """Device and path: the first place where the padding is as wide as it must be there."""
    places = [
        (found.start(), found.group(), found.end()) for found in re.finditer(r"[ \t]+(?=/)", head)
    ]
    for start, padding, end in places:
        if padding == _padding(start):
            return head[:start], head[end:]
    if not places:
        wrong("mount -p", "no path", head)
    start, _, end = places[0]
    return head[:start], head[end:]


def _padding(width: int) -> str:
    return "\t" * (3 - width // 8) if width < 24 else " "
