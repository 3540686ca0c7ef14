"""How far a step has come, how fast it goes, how long it may still take: pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from jailer_core.text import human_age, human_bytes
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Line

SPAN = 10.0
"""Seconds over which a speed is taken: long enough not to jump, short enough to be true."""

LEAST_BAR, MOST_BAR = 8, 30


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
        """Seconds until the end, when it goes on like this."""
        speed = self.speed
        if not speed or self.total <= 0 or self.done > self.total:
            return None
        return (self.total - self.done) / speed


def words(measure: ProgressRate) -> list[str]:
    """How far it is, the most important first."""
    done, total = measure.done, measure.total
    if measure.parts:
        amount = f"{done} of {total} files" if total else f"{done} files"
    else:
        amount = human_bytes(done) + (f" of {human_bytes(total)}" if total else "")
    said = [amount]
    speed, left = measure.speed, measure.left
    if speed is not None and not measure.parts:
        said.append(f"{human_bytes(round(speed))}/s")
    if left is not None:
        said.append(f"{human_age(round(left))} left")
    return said


def bar(measure: ProgressRate, width: int, glyphs: Glyphs) -> Line:
    """One line of that many cells: a bar where the whole is known, and words behind it."""
    said = "  ".join(words(measure))
    percent = measure.percent
    if percent is None:
        return (("  ", "text"), (said, "text"))
    room = max(LEAST_BAR, min(MOST_BAR, width - len(said) - 10))
    full = percent * room // 100
    return (
        ("  ", "text"),
        (glyphs.full * full, "accent"),
        (glyphs.empty * (room - full), "dim"),
        (f" {percent:>3}%  ", "strong"),
        (said, "text"),
    )
