"""Read the pipes of commands in short turns, however fast something writes.

A turn reads a bounded piece and is followed by a pause as long as it took, and as the event loop
was late, so that timeouts, keys and other commands always get their turn. In the meantime the
output of a command waits in the pipe.
"""

from __future__ import annotations

import asyncio
import fcntl
import math
import os
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from jailer_core.host import Gate
from jailer_core.text import decoded

PIECE = 64 * 1024
FIRST, LEAST = 16 * 1024, 1024
"""Bytes of a turn: at most, at first, at least."""
SHORT, LONG = 0.005, 0.02
"""Seconds: after a turn of less the next piece is larger, after one of more it is smaller."""
BREATH = 0.001
"""A pause shorter than this is none."""


class Sink(Protocol):
    """Consumes what arrives through a pipe."""

    rest: float
    """Seconds to wait after a piece, at least, when more is likely to be waiting already."""
    gate: Gate
    """Work to do before the next piece is read."""

    def feed(self, data: bytes) -> bool:
        """Consume a piece. False: no more is wanted."""

    def end(self) -> None:
        """The end of the data."""


def pipe() -> tuple[int, int]:
    """Both ends of a pipe, neither of them numbered as a closed standard stream."""
    reading, writing = os.pipe()
    if reading > 2 and writing > 2:
        return reading, writing
    return _high(reading), _high(writing)


def _high(end: int) -> int:
    if end > 2:
        return end
    high = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(end)
    return high


def drain(descriptor: int, sink: Sink) -> bool:
    """All writers that we know of have ended: whether the end has come, as it mostly has."""
    os.set_blocking(descriptor, False)
    try:
        for _ in range(2):
            data = os.read(descriptor, PIECE)
            if not data or not sink.feed(data):
                os.close(descriptor)
                sink.end()
                return True
    except BlockingIOError:
        pass
    return False


class Reader:
    """Feeds a sink from a pipe after it is started, at the latest when it must finish."""

    def __init__(self, descriptor: int, sink: Sink) -> None:
        self.sink = sink
        self._descriptor = descriptor
        self._size = FIRST
        self._due = 0
        self._reads = False
        self._lag = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Future[None] | None = None
        os.set_blocking(descriptor, False)

    @property
    def open(self) -> bool:
        """Whether more may arrive."""
        return self._descriptor >= 0

    def start(self, due: float = math.inf) -> None:
        """Start reading. A late call shows how busy the event loop is."""
        self._pause = None
        self._lag = max(0.0, time.monotonic() - due)
        if self.open and not self._reads:
            asyncio.get_running_loop().add_reader(self._descriptor, self._turn)
            self._reads = True

    def _stop(self) -> None:
        if self._reads:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._reads = False

    def _turn(self) -> None:
        try:
            data = os.read(self._descriptor, self._size)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        began = time.monotonic()
        taken = bool(data) and self.sink.feed(data)
        took = time.monotonic() - began + self._lag
        full = len(data) == self._size
        self._due -= len(data)
        if not taken:
            self.close()
            return
        if took > LONG:
            self._size = max(LEAST, self._size // 2)
        elif took < SHORT:
            self._size = min(PIECE, self._size * 2)
        gate = self.sink.gate
        if gate is None or gate.done():
            self._rest(max(took, self.sink.rest if full else 0.0))
        elif self._reads:  # until the consumer is ready for more
            self._stop()
            gate.add_done_callback(lambda _done: self.start())
        if self._due <= 0:
            self._wake()

    def _rest(self, seconds: float) -> None:
        if seconds >= BREATH and self._reads:
            self._stop()
            due = time.monotonic() + seconds
            self._pause = asyncio.get_running_loop().call_later(seconds, self.start, due)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def finish(self, linger: float) -> None:
        """All writers that we know of have ended: read what they wrote, and wait for the end.

        For no longer than `linger`: something else may hold the pipe forever.
        """
        if not self.open:
            return
        loop = asyncio.get_running_loop()
        waiting = bytes(4)
        with suppress(OSError):
            waiting = fcntl.ioctl(self._descriptor, termios.FIONREAD, waiting)
        self._due = int.from_bytes(waiting, sys.byteorder)
        if self._pause is None:
            self.start()
        while self.open and self._due > 0:
            self._waiting = loop.create_future()
            await self._waiting
        if self.open:
            self._due = sys.maxsize
            self._waiting = loop.create_future()
            await asyncio.wait([self._waiting], timeout=linger)

    def release(self) -> int:
        """Stop reading. Returns the descriptor, which the caller owns from now on."""
        self._stop()
        if self._pause is not None:
            self._pause.cancel()
        descriptor, self._descriptor = self._descriptor, -1
        self.sink.end()
        self._wake()
        return descriptor

    def close(self) -> None:
        """Stop reading."""
        if self.open:
            os.close(self.release())


class Writer:
    """Writes the standard input of a command. A command may ignore it."""

    def __init__(self, descriptor: int, data: bytes) -> None:
        self._descriptor = descriptor
        self._data = memoryview(data)
        self._loop = asyncio.get_running_loop()
        self._waits = False
        os.set_blocking(descriptor, False)
        self._turn()

    def _turn(self) -> None:
        try:
            while self._data:
                self._data = self._data[os.write(self._descriptor, self._data[:PIECE]) :]
        except BlockingIOError:
            if not self._waits:
                self._loop.add_writer(self._descriptor, self._turn)
                self._waits = True
            return
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        """The command sees the end of its input."""
        if self._descriptor >= 0:
            if self._waits:
                self._loop.remove_writer(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


# --- sinks -----------------------------------------------------------------------------------


class Whole:
    """All of it, up to a limit. `excess` is called once when there is more: then all is void.

    As text, what is not plain ASCII may take four bytes a character: of that only so much less
    is kept that both together take no more memory.
    """

    rest = 0.0
    gate: Gate = None
    exceeded = False
    _plain = True

    def __init__(self, limit: int, excess: Callable[[], None]) -> None:
        self.limit = limit
        self._excess = excess
        self._data = bytearray()

    def feed(self, data: bytes) -> bool:
        """See Sink."""
        self._plain = self._plain and data.isascii()
        if len(self._data) + len(data) <= (self.limit if self._plain else self.limit * 2 // 5):
            self._data += data
            return True
        self.exceeded = True
        self._data.clear()
        self._excess()
        return False

    def end(self) -> None:
        """See Sink."""

    def take(self) -> str:
        """The text; releases the bytes."""
        if not self._data:
            return ""
        text = decoded(self._data)
        self._data.clear()
        return text


class Lines:
    """Passes on each line as it arrives, and keeps the head and tail of the output."""

    rest = BREATH
    LONGEST = 16 * 1024
    """Bytes of a line; a longer one is handed over in pieces."""

    def __init__(self, line: Callable[[str], Gate], kept: int) -> None:
        self.gate: Gate = None
        self._line = line
        self._kept = kept
        self._part = bytearray()
        self._head = bytearray()
        self._tail = bytearray()
        self.cut = False

    def feed(self, data: bytes) -> bool:
        """See Sink."""
        self._keep(data)
        first, *others = data.split(b"\n")
        self._part += first
        if others:
            self._hand_over(self._part)
            self._part = bytearray(others.pop())
            for line in others:
                self._hand_over(line)
        while len(self._part) >= self.LONGEST:
            self.gate = self._line(decoded(self._part[: self.LONGEST]))
            del self._part[: self.LONGEST]
        return True

    def _hand_over(self, line: bytes | bytearray) -> None:
        for start in range(0, len(line) or 1, self.LONGEST):
            self.gate = self._line(decoded(line[start : start + self.LONGEST]))

    def _keep(self, data: bytes) -> None:
        room = self._kept // 2 - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > self._kept:
            self.cut = True
            del self._tail[: -self._kept // 2]

    def end(self) -> None:
        """See Sink. A last line without a line feed counts as a line."""
        if self._part:
            self._hand_over(self._part)
            self._part.clear()

    def take(self) -> str:
        """What was kept, in whole lines where something is missing."""
        if self.cut:
            del self._tail[: self._tail.find(b"\n") + 1]
            self._head += b"\n"
        return decoded(self._head + self._tail)


class Pieces:
    """Passes on every piece at once, and keeps nothing."""

    rest = 0.01

    def __init__(self, take: Callable[[bytes], Gate]) -> None:
        self.gate: Gate = None
        self._take = take

    def feed(self, data: bytes) -> bool:
        """See Sink."""
        self.gate = self._take(data)
        return True

    def end(self) -> None:
        """See Sink."""
