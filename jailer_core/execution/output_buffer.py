"""Bounded output buffer: keeps head and tail of a command's output."""

from __future__ import annotations

from collections import deque

from jailer_core.text import decoded

HEAD, TAIL = 32 * 1024, 128 * 1024
HEAD_LINES, TAIL_LINES = 500, 2000
"""Bytes and lines that are kept of the head and of the tail."""
LONGEST = 4096
"""Bytes of a line without an end; what follows becomes a line of its own."""

Piece = tuple[bool, bytes]
"""Whether it came on standard error, and whole lines."""


class _Pieces(deque[Piece]):
    """Pieces up to a number of bytes and lines."""

    def __init__(self, size: int, lines: int) -> None:
        super().__init__()
        self._most = (size, lines)
        self.size = self.lines = 0

    def add(self, error: bool, data: bytes) -> None:
        """Append a line."""
        if data:
            self.append((error, data))
            self.size += len(data)
            self.lines += data.count(b"\n")

    def room(self, data: bytes) -> bool:
        """Whether there is room for at least the first line."""
        size, lines = self._most
        return self.size + data.find(b"\n") < size and self.lines < lines

    def first_of(self, data: bytes) -> bytes:
        """As many of the first lines as fit."""
        size, lines = self._most[0] - self.size, self._most[1] - self.lines
        cut = len(data) if len(data) <= size else data.rfind(b"\n", 0, size) + 1
        *whole, _ = data[:cut].split(b"\n", lines)
        return b"".join(line + b"\n" for line in whole)

    def last_of(self, data: bytes) -> bytes:
        """As many of the last lines as would fit alone."""
        size, lines = self._most
        cut = 0 if len(data) <= size else data.find(b"\n", len(data) - size - 1) + 1
        parts = data[cut:].rsplit(b"\n", lines + 1)
        return b"\n".join(parts[1:] if len(parts) > lines + 1 else parts)

    def shrink(self) -> int:
        """Drop the oldest lines until the rest fits. Returns how many were dropped."""
        dropped = 0
        while len(self) > 1 and (self.size > self._most[0] or self.lines > self._most[1]):
            _, data = self.popleft()
            self.size -= len(data)
            self.lines -= data.count(b"\n")
            dropped += data.count(b"\n")
        return dropped


class OutputBuffer:
    """Standard output and error of one command, line by line in order of arrival."""

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._head = _Pieces(head, HEAD_LINES)
        self._tail = _Pieces(tail, TAIL_LINES)
        self._rest = {False: b"", True: b""}
        self.total = 0
        self.lost = 0

    def feed(self, data: bytes, *, error: bool) -> None:
        """Add a piece of output as it arrived."""
        self.total += len(data)
        whole, feed, rest = data.rpartition(b"\n")
        if feed:
            self._keep(error, self._rest[error] + whole + feed)
            self._rest[error] = rest
        else:
            self._rest[error] += data
        while len(self._rest[error]) >= LONGEST:
            self._keep(error, self._rest[error][:LONGEST] + b"\n")
            self._rest[error] = self._rest[error][LONGEST:]

    def end(self) -> None:
        """The end of the output: a last line without a line feed counts as a line."""
        for error, rest in self._rest.items():
            if rest:
                self._keep(error, rest + b"\n")
        self._rest = {False: b"", True: b""}

    def _keep(self, error: bool, data: bytes) -> None:
        if not self._tail and self._head.room(data):
            taken = self._head.first_of(data)
            self._head.add(error, taken)
            data = data[len(taken) :]
        if not data:
            return
        kept = self._tail.last_of(data)
        self.lost += data.count(b"\n") - kept.count(b"\n")
        self._tail.add(error, kept)
        self.lost += self._tail.shrink()

    # --- looking -----------------------------------------------------------------------------

    def lines(self) -> list[tuple[str, bool]]:
        """All that was kept, and whether it came on standard error; see `lost`, `before_lost`."""
        return [
            (line, error)
            for error, data in [*self._head, *self._tail]
            for line in decoded(data).split("\n")[:-1]
        ] + [(decoded(rest), error) for error, rest in self._rest.items() if rest]

    @property
    def before_lost(self) -> int:
        """How many of the kept lines come before the dropped ones."""
        return self._head.lines

    def text(self, *, error: bool) -> str:
        """The kept text of one stream."""
        pieces = [data for is_error, data in [*self._head, *self._tail] if is_error is error]
        return decoded(b"".join(pieces) + self._rest[error])

    @property
    def last(self) -> str:
        """The last line that is not empty."""
        for rest in self._rest.values():
            if rest.strip():
                return decoded(rest)
        for _, data in [*reversed(self._tail), *reversed(self._head)]:
            line = data.rstrip().rpartition(b"\n")[2]
            if line:
                return decoded(line)
        return ""

    @property
    def first(self) -> str:
        """The first line."""
        if self._head:
            return decoded(self._head[0][1].partition(b"\n")[0])
        return ""
