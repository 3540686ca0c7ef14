"""`zpool list -Hp`."""

from __future__ import annotations

from jailer_core.model import Pool
from jailer_core.parse.base import dash, tabbed, whole

COLUMNS = ("name", "size", "allocated", "free", "health")


def pools(text: str) -> tuple[Pool, ...]:
    """`zpool list -Hp -o name,size,allocated,free,health` (recording 01 line 8).

    A pool that is gone shows `-` for its numbers  # not recorded
    """
    found = []
    for name, *numbers, health in tabbed("zpool list", text, len(COLUMNS)):
        size, allocated, free = (whole("zpool list", dash(one) or "0") for one in numbers)
        found.append(Pool(name, size, allocated, free, health))
    return tuple(found)
