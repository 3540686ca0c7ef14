"""Running commands and their next deadlines: one timer of the event loop serves all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Watched(Protocol):
    """Something that runs."""

    def look_after(self) -> None:
        """The time that it was noted for has come."""


T = TypeVar("T", bound=Watched)


class Running(Generic[T]):
    """Most commands end long before they must be looked after: that costs them no timer."""

    def __init__(self) -> None:
        self._due: dict[T, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._due))

    def __len__(self) -> int:
        return len(self._due)

    def add(self, item: T, loop: asyncio.AbstractEventLoop, seconds: float = math.inf) -> None:
        """It runs, and must be looked after once, in that time."""
        due = self._due[item] = loop.time() + seconds
        if loop is not self._loop:  # another loop's timer never comes
            self._loop, self._next = loop, math.inf
        if due < self._next:
            self._set(loop, due)

    def discard(self, item: T) -> None:
        """It has ended. The timer stays: another command may follow, else it finds nothing."""
        self._due.pop(item, None)

    def _set(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = due
        self._timer = loop.call_at(due, self._come, loop)

    def _come(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._next, self._timer = self._next, math.inf, None
        for item in [item for item, due in self._due.items() if due <= now]:
            self._due[item] = math.inf
            item.look_after()
        due = min(self._due.values(), default=math.inf)
        if due < self._next:
            self._set(loop, due)
