"""How many random examples a test takes: fewer in every run, all with `--exhaustive`."""

from __future__ import annotations

from hypothesis import settings

ALL, FEW = 100, 25


def some(count: int) -> int:
    """So many examples, or the share of them that this run takes."""
    return max(1, count * settings().max_examples // ALL)


def either(every: int, short: int) -> int:
    """So many with `--exhaustive`, or as many as are enough in every run."""
    return every if settings().max_examples == ALL else short
