"""A measured number beside the one to hold."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`bound` None: told, but nothing to hold. `note` says what exactly was measured."""

    what: str
    value: float
    unit: str
    bound: float | None = None
    note: str = ""

    def __str__(self) -> str:
        told = f"{self.value:.0f}" if self.unit in ("processes", "B") else f"{self.value:.2f}"
        verdict = ""
        if self.bound is not None:
            verdict = "holds" if self.value <= self.bound else "DOES NOT HOLD"
            verdict = f"<= {self.bound:g}  {verdict}"
        line = f"{self.what:<58} {told:>9} {self.unit:<9} {verdict}"
        return f"{line.rstrip()}\n    ({self.note})" if self.note else line.rstrip()


def median(measure: Callable[[], float], times: int) -> float:
    """The middle one of several measurements."""
    return statistics.median(measure() for _ in range(times))


def middle(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)
