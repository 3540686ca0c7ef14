"""Numbers over time in bounded memory: load for hours and days, traffic for the last refreshes.

Numbers over time in bounded memory: an hour at two seconds, a day at one minute.

Traffic of each interface over the last refreshes: per second now, and for the sparklines.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Mapping, Sequence

from jailer_core.model.network import Connections, Rate, rate

FINE, FINE_SIZE = 2.0, 1800
COARSE, COARSE_SIZE = 60.0, 1440


class Ring:
    """Means of the last `size` spans of `step` seconds."""

    __slots__ = ("_count", "_last", "_values", "step")

    def __init__(self, step: float, size: int) -> None:
        self.step = step
        self._values = array("f", [math.nan]) * size
        self._last: int | None = None
        self._count = 0

    def add(self, time: float, value: float) -> None:
        """Add a value; time never goes back."""
        span, size = int(time // self.step), len(self._values)
        if self._last is None or span > self._last:
            passed = size if self._last is None else min(span - self._last, size)
            for skipped in range(span - passed + 1, span):
                self._values[skipped % size] = math.nan
            self._values[span % size] = value
            self._last, self._count = span, 1
        elif span == self._last:
            self._count += 1
            old = self._values[span % size]
            self._values[span % size] = old + (value - old) / self._count

    def end(self, time: float) -> int:
        """The newest span that has a value."""
        now = int(time // self.step)
        return self._last if self._last is not None and now - self._last <= 1 else now

    def values(self, first: int, last: int) -> list[float | None]:
        """The means of these spans; None without values."""
        size = len(self._values)
        newest = -1 if self._last is None else self._last
        values = [
            self._values[span % size] if newest - size < span <= newest and span >= 0 else math.nan
            for span in range(first, last + 1)
        ]
        return [None if math.isnan(value) else value for value in values]


class Trend:
    """One number over time."""

    __slots__ = ("_coarse", "_fine", "last")

    def __init__(self) -> None:
        self._fine = Ring(FINE, FINE_SIZE)
        self._coarse = Ring(COARSE, COARSE_SIZE)
        self.last: float | None = None

    def add(self, time: float, value: float | None) -> None:
        """Add the current value; None means unknown."""
        self.last = value
        if value is not None:
            self._fine.add(time, value)
            self._coarse.add(time, value)

    def points(self, time: float, step: float, count: int) -> list[float | None]:
        """The last `count` spans of `step` seconds: the mean of each, None where unknown.

        A point keeps its value while time passes: spans begin at multiples of `step`.
        """
        ring = self._coarse if step >= COARSE else self._fine
        size = max(1, round(step / ring.step))
        end = ring.end(time)
        first = (end // size - count + 1) * size
        values = ring.values(first, end)
        return [_mean(values[index : index + size]) for index in range(0, len(values), size)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


class Trends:
    """Trends by name, created with their first value."""

    def __init__(self) -> None:
        self._trends: dict[str, Trend] = {}

    def __getitem__(self, name: str) -> Trend:
        if name not in self._trends:
            self._trends[name] = Trend()
        return self._trends[name]

    def names(self) -> tuple[str, ...]:
        """All names with values."""
        return tuple(self._trends)


SAMPLES = 60
TOO_LONG = 30.0
"""Seconds without a reading after which the history starts over: nothing was shown in between."""


class TrafficHistory:
    """The history of traffic by interface, fed with every reading."""

    def __init__(self) -> None:
        self._last: Connections | None = None
        self._samples: dict[str, deque[Rate]] = {}
        self.now: Mapping[str, Rate] = {}

    def add(self, seen: Connections) -> None:
        """Add a reading."""
        last, self._last = self._last, seen
        if last is None or last.traffic is None or seen.traffic is None:
            self.now = {}
            return
        seconds = seen.taken - last.taken
        if seconds <= 0:
            self._last = last
            return
        if seconds > TOO_LONG:
            self._samples, self.now = {}, {}
            return
        rates: dict[str, Rate] = {}
        for name, counters in seen.traffic.items():
            before = last.traffic.get(name)
            current = rate(before, counters, seconds) if before is not None else None
            if current is not None:
                rates[name] = current
        self.now = rates
        old = self._samples
        self._samples = {name: old.get(name) or deque(maxlen=SAMPLES) for name in rates}
        for name, current in rates.items():
            self._samples[name].append(current)

    def of(self, name: str) -> Sequence[Rate]:
        """The samples of an interface, the newest last."""
        return tuple(self._samples.get(name, ()))
