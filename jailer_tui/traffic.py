"""Traffic of each interface over the last refreshes: per second now, and for the sparklines."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from jailer_core.model.network import Connections, Rate, rate

SAMPLES = 60
TOO_LONG = 30.0
"""Seconds without a reading after which the history starts over: nothing was shown in between."""


class TrafficHistory:
    """Fed with every reading of the network; keeps what the newest one tells by interface."""

    def __init__(self) -> None:
        self._last: Connections | None = None
        self._samples: dict[str, deque[Rate]] = {}
        self.now: Mapping[str, Rate] = {}

    def add(self, seen: Connections) -> None:
        """One more reading."""
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
