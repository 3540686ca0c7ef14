"""`zpool list -Hp`."""

from __future__ import annotations

from jailer_core.model import Pool
from jailer_core.parse.base import Parsed, dash, each, lines, tabbed, whole

COLUMNS = ("name", "size", "allocated", "free", "health")


def pools(text: str) -> Parsed[tuple[Pool, ...]]:
    """`zpool list -Hp -o name,size,allocated,free,health` (recording 01 line 8).

    A pool that is gone shows `-` for its numbers  # not recorded
    """
    return each(_pool, lines(text))


def _pool(line: str) -> Pool:
    name, *numbers, health = tabbed("zpool list", line, len(COLUMNS))
    size, allocated, free = (whole("zpool list", dash(number) or "0") for number in numbers)
    return Pool(name, size, allocated, free, health)
