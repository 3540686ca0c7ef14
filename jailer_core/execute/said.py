"""What a command said, of which only so much is kept: the begin and the end."""

from __future__ import annotations

from collections import deque

HEAD, TAIL = 32 * 1024, 128 * 1024
"""Bytes that are kept of the begin and of the end."""
LONGEST = 4096
"""Bytes of a line that has no end yet; what comes then is told as a line of its own."""

Piece = tuple[bool, bytes]
"""Whether it came on standard error, and whole lines."""


class Said:
    """Both outputs of one command in the order in which they came, line by line."""

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._room = (head, tail)
        self._head: list[Piece] = []
        self._tail: deque[Piece] = deque()
        self._sizes = [0, 0]
        self._rest = {False: b"", True: b""}
        self.total = 0
        self.lost = 0

    def feed(self, data: bytes, *, error: bool) -> None:
        """A piece of output as it came."""
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
        """No more will come: a last line without a line feed is a line too."""
        for error, rest in self._rest.items():
            if rest:
                self._keep(error, rest + b"\n")
        self._rest = {False: b"", True: b""}

    def _keep(self, error: bool, data: bytes) -> None:
        head, tail = self._room
        if not self._tail and self._sizes[0] < head:
            # a whole number of lines goes into the begin
            cut = len(data) if len(data) <= head else data.rfind(b"\n", 0, head) + 1
            if cut:
                self._head.append((error, data[:cut]))
                self._sizes[0] += cut
                data = data[cut:]
        if not data:
            return
        if len(data) > tail:
            cut = data.find(b"\n", len(data) - tail) + 1
            self.lost += data.count(b"\n", 0, cut)
            data = data[cut:]
        self._tail.append((error, data))
        self._sizes[1] += len(data)
        while self._sizes[1] > tail and len(self._tail) > 1:
            _, gone = self._tail.popleft()
            self._sizes[1] -= len(gone)
            self.lost += gone.count(b"\n")

    # --- looking -----------------------------------------------------------------------------

    def lines(self) -> list[tuple[str, bool]]:
        """All that was kept, and whether it came on standard error; see `lost`, `before_lost`."""
        return [
            (line, error)
            for error, data in [*self._head, *self._tail]
            for line in _text(data).split("\n")[:-1]
        ] + [(_text(rest), error) for error, rest in self._rest.items() if rest]

    @property
    def before_lost(self) -> int:
        """How many of the lines come before those that were not kept."""
        return sum(data.count(b"\n") for _, data in self._head)

    def text(self, *, error: bool) -> str:
        """What was kept of one stream."""
        pieces = [data for one, data in [*self._head, *self._tail] if one is error]
        return _text(b"".join(pieces) + self._rest[error])

    @property
    def last(self) -> str:
        """The last line that says something."""
        for rest in self._rest.values():
            if rest.strip():
                return _text(rest)
        for _, data in [*reversed(self._tail), *reversed(self._head)]:
            line = data.rstrip().rpartition(b"\n")[2]
            if line:
                return _text(line)
        return ""

    @property
    def first(self) -> str:
        """The first line."""
        if self._head:
            return _text(self._head[0][1].partition(b"\n")[0])
        return ""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
