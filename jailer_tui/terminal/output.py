"""Write to the terminal without ever blocking the event loop.

A terminal that takes nothing (a connection that hangs, a stopped line) must not stop the program:
work goes on, signals are heard, and the end is not delayed. What does not fit is dropped, and the
whole screen is drawn once the terminal takes something again.
"""

from __future__ import annotations

import os
import termios
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread

MOST_WAITING = 1 << 17
"""Characters that may wait for the terminal before pictures are dropped."""
SHORT = 256
"""A longer text is a picture; shorter ones switch something, and are kept four times as long."""
PATIENCE = 1.0
"""Seconds for the terminal to take the last of it when the program ends."""


class Output:
    """Writes in a thread of its own. `lost` is called there when the terminal is gone.

    `again` is called there after something was dropped, once there is room.
    """

    def __init__(
        self,
        descriptor: int,
        encoding: str,
        lost: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._lost = lost
        self._again = again
        self._waiting: deque[str] = deque()
        self._size = 0
        self._dropped = False
        self._ended = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, daemon=True, name="terminal-output")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Write it when the terminal takes it; never waits."""
        with self._changed:
            if self._ended:
                return
            most = MOST_WAITING if len(text) > SHORT else 4 * MOST_WAITING
            if self._waiting and self._size + len(text) > most:
                self._dropped = True
                return
            self._waiting.append(text)
            self._size += len(text)
            self._changed.notify()

    def discard(self) -> None:
        """Forget what waits: it will never be shown."""
        with self._changed:
            self._waiting.clear()
            self._size = 0

    def flush(self) -> None:
        """Nothing is kept back."""

    def stop(self) -> None:
        """Write the rest, unless the terminal no longer accepts output."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        if self._thread.is_alive():
            with suppress(termios.error, OSError):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)

    def _run(self) -> None:
        try:
            while (text := self._next()) is not None:
                self._write(text.encode(self._encoding, "replace"))
        except OSError:
            with self._changed:
                self._ended = True
                self._waiting.clear()
            self._lost()

    def _next(self) -> str | None:
        """What waits; None at the end."""
        with self._changed:
            while not self._waiting and not self._ended:
                if self._dropped:
                    self._dropped = False
                    self._again()
                self._changed.wait()
            text = "".join(self._waiting)
            self._waiting.clear()
            self._size = 0
            return text or None

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
