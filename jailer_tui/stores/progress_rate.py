"""The progress of a step, its rate, and the time that is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

SPAN = 10.0
"""Seconds over which a speed is taken: long enough not to jump, short enough to be true."""


class ProgressRate:
    """What was told of a step: bytes, or parts of something; `total` 0 while it is not known."""

    def __init__(self, clock: Callable[[], float], *, parts: bool) -> None:
        self.parts = parts
        self.done = 0
        self.total = 0
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def tell(self, done: int, total: int) -> None:
        """So far."""
        now = self._clock()
        self.done, self.total = done, total
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > SPAN:
            self._samples.popleft()

    @property
    def speed(self) -> float | None:
        """In a second; None until it can be told."""
        if len(self._samples) < 2:
            return None
        (began, before), (ended, after) = self._samples[0], self._samples[-1]
        return (after - before) / (ended - began) if ended > began and after >= before else None

    @property
    def percent(self) -> int | None:
        """Of the whole; None when that is not known."""
        return min(100, self.done * 100 // self.total) if self.total > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds until the end at the present rate."""
        speed = self.speed
        if not speed or self.total <= 0 or self.done > self.total:
            return None
        return (self.total - self.done) / speed
