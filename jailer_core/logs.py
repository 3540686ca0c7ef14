"""Read logs of jails in pieces: a file of any size costs no more than a small one.

    places        which files are a jail's logs, and below which directory no link is followed
    LogFile       lines before or after an offset, and the next line that matches

Lines are known by the offset at which they begin, so that nothing has to be counted. A line
begins behind a line feed; one that is longer than a block of PIECE bytes (a binary, a file of
zeros) also begins wherever such a block without a line feed ends, at offsets divisible by PIECE.
That holds from whichever side one comes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from jailer_core.errors import FileFailed, Refused
from jailer_core.host import Host
from jailer_core.model import Jail
from jailer_core.text import decoded, sanitize

PIECE = 4096
CHUNK = 64 * 1024
"""Bytes that are read at once to be shown; a multiple of PIECE."""
STRIDE = 1 << 20
"""Bytes that are read at once to be searched; a multiple of PIECE."""
MOST = 1 << 19
"""Bytes that are read at most for one answer in lines."""
FOLDER = "/var/log"
MOST_FILES, MOST_NAMES = 1000, 10_000
"""Files of it that are looked at, and names in one directory that are read, at most."""


# --- which files -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A log: its path on the host, and the directory below which no link is followed, or ""."""

    title: str
    path: str
    beneath: str = ""


def console_log(jail: Jail) -> Place | None:
    """What the jail's start and stop printed (exec.consolelog), where that is configured."""
    path = jail.config.first("exec.consolelog") if jail.config is not None else ""
    return Place("console", path, folder_of(path)) if path else None


def inside_log(jail: Jail, name: str) -> Place:
    """A file of the jail's own /var/log. Raises Refused where that cannot be one."""
    parts = name.split("/")
    if not jail.path.startswith("/"):
        raise Refused(f"the path of {sanitize(jail.name)} is unknown")
    if not name or "" in parts or "." in parts or ".." in parts or "\0" in name:
        raise Refused(
            f"{sanitize(name)!r} is not a file in {FOLDER}", "For example: messages, or a/b.log"
        )
    root = jail.path.rstrip("/")
    path = f"{root}{FOLDER}/{name}"
    return Place(name, path, jail.path)


def folder_of(path: str) -> str:
    """The directory of a console log: a link at the log itself is not followed either."""
    return path.rpartition("/")[0] or "/"


async def names(host: Host, jail: Jail) -> list[tuple[str, int]]:
    """The regular files of the jail's /var/log, and of folders in it, with their sizes.

    The jail decides how many there are: no more than MOST_FILES are looked at. Raises FileFailed
    where that directory itself cannot be listed.
    """
    logs: list[tuple[str, int]] = []
    looked = 0
    place = inside_log(jail, "messages")
    top = place.path.removesuffix("/messages")
    folders = [""]
    for prefix in folders:
        path = f"{top}/{prefix}".rstrip("/")
        try:
            listed = await host.listdir(path, beneath=place.beneath, limit=MOST_NAMES)
        except FileFailed:
            if not prefix:
                raise
            continue
        for name in listed[: MOST_FILES - looked]:
            looked += 1
            try:
                seen = await host.window(f"{top}/{prefix}{name}", 0, 0, beneath=place.beneath)
            except FileFailed:
                if not prefix:
                    folders.append(f"{name}/")  # perhaps one; else there is nothing to be listed
            else:
                logs.append((f"{prefix}{name}", seen.size))
    return logs


# --- lines -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: where it begins and where the next one does; `whole`: it has its line feed."""

    offset: int
    end: int
    data: bytes
    whole: bool = True

    @property
    def text(self) -> str:
        """The text as one line, sanitized."""
        return sanitize(decoded(self.data).rstrip("\r\n").expandtabs(8))


def matcher(words: str) -> re.Pattern[bytes]:
    """Finds that text; case is ignored unless the text has an upper-case letter."""
    flags = 0 if any(word.isupper() for word in words) else re.IGNORECASE
    return re.compile(re.escape(words.encode("utf-8", "surrogateescape")), flags)


def _down(offset: int) -> int:
    return offset - offset % PIECE


def _up(offset: int) -> int:
    return _down(offset + PIECE - 1)


def _lines(data: bytes, at: int, *, begins: bool, ends: bool) -> Iterator[LogLine]:
    """The lines of a piece that was read from `at` (divisible by PIECE).

    What began before is left out, unless a line `begins` at `at`; what continues after the end too,
    unless the file `ends` there.
    """
    start, known = 0, begins
    while start < len(data):
        feed = data.find(b"\n", start)
        stop = feed + 1 if feed >= 0 else len(data)
        for cut in range(_up(at + start) + PIECE - at, stop, PIECE):
            if known:
                yield LogLine(at + start, at + cut, data[start:cut])
            start, known = cut, True
        if known and (feed >= 0 or ends):
            yield LogLine(at + start, at + stop, data[start:stop], feed >= 0)
        start, known = stop, True


def _around(data: bytes, at: int, place: int) -> tuple[int, int]:
    """Begin and end (in `data`, read from `at`) of the line that holds `place`."""
    begin = data.rfind(b"\n", 0, place) + 1
    feed = data.find(b"\n", place)
    end = feed + 1 if feed >= 0 else len(data)
    first = _up(at + begin) + PIECE - at
    offset = _down(at + place) - at
    start = offset if offset >= first else begin
    stop = max(first, offset + PIECE)
    return start, min(stop, end)


class LogFile:
    """One log. Every method may raise FileFailed."""

    def __init__(self, host: Host, place: Place) -> None:
        self.host = host
        self.place = place
        self.size = 0
        self.inode = 0

    async def _read(self, offset: int, size: int) -> bytes:
        file_part = await self.host.window(
            self.place.path, offset, size, beneath=self.place.beneath
        )
        self.size, self.inode = file_part.size, file_part.inode
        return file_part.data

    async def look(self) -> str:
        """Its current state: `same`, `grown`, or `new` if it was replaced or truncated."""
        size, inode = self.size, self.inode
        await self._read(0, 0)
        if self.inode != inode or self.size < size:
            return "new"
        return "grown" if self.size > size else "same"

    async def before(self, end: int, count: int) -> list[LogLine]:
        """At most `count` lines that end at or before the offset."""
        low, data = end, b""
        log_lines: list[LogLine] = []
        while low > 0 and len(log_lines) < count and end - low < MOST:
            above = low
            low = _down(max(low - CHUNK, 0))
            more = await self._read(low, above - low)
            data = more + data
            log_lines = list(_lines(data, low, begins=low == 0, ends=True))
            if len(more) < above - low:  # it was truncated since then
                break
        if log_lines and end < self.size:  # another one begins there
            log_lines[-1] = replace(log_lines[-1], whole=True)
        return log_lines[-count:]

    async def after(self, start: int, count: int) -> list[LogLine]:
        """At most `count` lines from the offset on."""
        low, data = _down(start), b""
        log_lines: list[LogLine] = []
        while len(log_lines) < count and len(data) < MOST:
            more = await self._read(low + len(data), CHUNK)
            data += more
            ends = len(more) < CHUNK or low + len(data) >= self.size
            lines = _lines(data, low, begins=start == low, ends=ends)
            log_lines = [log_line for log_line in lines if log_line.offset >= start]
            if ends:
                break
        return log_lines[:count]

    # --- searching ---------------------------------------------------------------------------

    async def find(
        self,
        words: re.Pattern[bytes],
        start: int,
        *,
        forward: bool,
        told: Callable[[int], None] = lambda _: None,
    ) -> LogLine | None:
        """The next line with it from `start` on, or the last one that ends at `start` or before.

        `told` is called with every offset that the search has come to. Can be cancelled.
        """
        log_lines = await self.matching(words, start, 1, forward=forward, told=told)
        return log_lines[0] if log_lines else None

    async def matching(
        self,
        words: re.Pattern[bytes],
        start: int,
        count: int,
        *,
        forward: bool,
        told: Callable[[int], None] = lambda _: None,
    ) -> list[LogLine]:
        """At most `count` matching lines, in file order; see `find`."""
        log_lines: list[LogLine] = []
        async for lines, come in self._scan(words, start, forward=forward):
            log_lines = [*log_lines, *lines] if forward else [*lines, *log_lines]
            told(come)
            if len(log_lines) >= count:
                break
        return log_lines[:count] if forward else log_lines[-count:]

    async def _scan(
        self, words: re.Pattern[bytes], start: int, *, forward: bool
    ) -> AsyncIterator[tuple[list[LogLine], int]]:
        """Stride by stride the matching lines, and how far it has come.

        Two blocks more are read on either side: a line that reaches out of a stride is whole.
        """
        await self._read(0, 0)
        position = start
        while (position < self.size) if forward else (position > 0):
            low = position if forward else max(0, position - STRIDE)
            high = min(self.size, position + STRIDE) if forward else position
            at = max(0, _down(low) - 2 * PIECE)
            data = await self._read(at, high + 3 * PIECE - at)
            lines = [
                log_line
                for log_line in _with(words, data, at)
                if (low <= log_line.offset < high if forward else low < log_line.end <= high)
                and (log_line.offset >= start if forward else log_line.end <= start)
            ]
            position = high if forward else low
            yield lines, position
            await asyncio.sleep(0)


def _with(words: re.Pattern[bytes], data: bytes, at: int) -> Iterable[LogLine]:
    """The lines of a piece that match."""
    place = 0
    while (match := words.search(data, place)) is not None:
        begin, end = _around(data, at, match.start())
        whole = end < len(data) or data[end - 1 : end] == b"\n"
        yield LogLine(at + begin, at + end, data[begin:end], whole)
        place = max(end, match.start() + 1)
