"""A measured number and its target."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
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


def starts(
    commands: Mapping[str, Sequence[str]], times: int, environment: Mapping[str, str] | None = None
) -> dict[str, float]:
    """The processor time in milliseconds of programs that end by themselves, the least of several.

    They run in turns, so that a busy machine slows all of them; each once before, for its caches.
    """
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(times + 1):
        for name, argv in commands.items():
            process = subprocess.Popen(
                argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if status:
                raise RuntimeError(f"{' '.join(argv)} ended with {process.returncode}")
            took[name].append(1000 * (usage.ru_utime + usage.ru_stime))
    return {name: min(values[1:]) for name, values in took.items()}
