"""The time at the start of a log line.

The logs of several jails as one stream: old lines by their times, new ones as they arrive.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jailer_core.errors import JailerError
from jailer_core.host import Host
from jailer_core.host.remote.channel import ConnectionLost
from jailer_core.logs import LogFile, Place

_STAMP = re.compile(
    r"""(?:<\d{1,3}>(?:1\ )?)?(?:
        (?P<syslog>[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d)
      | (?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|\ ?[+-]\d\d:?\d\d)?)
      | (?P<web>\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\ [+-]\d{4})?\])
    )\ ?""",
    re.VERBOSE,
)
_ZONE = re.compile(r" ([+-])")
_DAY = 86_400.0


def stamp_of(text: str) -> str:
    """The timestamp at the start of a line, or ""."""
    match = _STAMP.match(text)
    return match[0] if match is not None else ""


def moment(text: str, now: float) -> float | None:
    """The same in seconds since 1970; without a zone it is local time. None: there is none.

    A line of syslog(3) does not name its year: it is the last one that is not in the future.
    """
    match = _STAMP.match(text)
    if match is None:
        return None
    try:
        if match["iso"]:
            return datetime.fromisoformat(_ZONE.sub(r"\1", match["iso"])).timestamp()
        if match["web"]:
            words = match["web"].strip("[]")
            return _seconds(words, f"%d/%b/%Y:%H:%M:%S{' %z' if ' ' in words else ''}")
        return _of_syslog(match["syslog"], now)
    except (ValueError, OverflowError):
        return None


def _of_syslog(words: str, now: float) -> float:
    year = time.localtime(now).tm_year
    then = _seconds(f"{year} {words}", "%Y %b %d %H:%M:%S")
    return then if then <= now + _DAY else _seconds(f"{year - 1} {words}", "%Y %b %d %H:%M:%S")


def _seconds(words: str, form: str) -> float:
    """Local time, unless the form has a zone. Raises ValueError."""
    return datetime.strptime(words, form).astimezone().timestamp()


def in_order(lines: Iterable[tuple[str, str]], now: float) -> list[int]:
    """The places of lines of several logs, by their times.

    Each line is its log and its text. One without a time follows the last of its log that
    has one; those before any are the first.
    """
    latest: dict[str, float] = {}
    times: list[float] = []
    for log, text in lines:
        when = moment(text, now)
        latest[log] = max(latest.get(log, 0.0), when if when is not None else 0.0)
        times.append(latest[log])
    return sorted(range(len(times)), key=times.__getitem__)


FIRST = 30
"""Lines of each log that are shown at first."""
MOST = 400
"""Lines of one log that are read at once; of a flood the rest is skipped."""
KEPT = 5000
"""Lines that are kept of all logs together."""


@dataclass(frozen=True, slots=True)
class Source:
    """A followed log: its label and its host."""

    label: str
    host: Host
    place: Place


@dataclass(frozen=True, slots=True)
class MergedLine:
    """One line of a log; `when` is the time of reading, 0 for earlier lines."""

    label: str
    text: str
    when: float = 0.0
    failed: bool = False


@dataclass(slots=True)
class _Log:
    label: str
    file: LogFile
    known: int | None = None
    failure: str = ""

    async def read(self, now: float) -> list[MergedLine]:
        """New lines. Raises ConnectionLost; another failure is reported once."""
        try:
            lines = await self._lines(now)
        except ConnectionLost:
            raise
        except JailerError as error:
            if error.message == self.failure:
                return []
            self.failure = error.message
            return [MergedLine(self.label, error.message, now, failed=True)]
        self.failure = ""
        return lines

    async def _lines(self, now: float) -> list[MergedLine]:
        if self.known is None:
            await self.file.look()
            first = await self.file.before(self.file.size, FIRST)
            self.known = first[-1].end if first else self.file.size
            return [MergedLine(self.label, line.text) for line in first]
        change = await self.file.look()
        if change == "same":
            return []
        start = 0 if change == "new" else self.known
        new = [MergedLine(self.label, "(a new file)", now)] if change == "new" else []
        lines = await self.file.after(start, MOST)
        whole = [line for line in lines if line.whole]
        self.known = whole[-1].end if whole else start
        if len(lines) == MOST and self.file.size - self.known > 1 << 16:
            self.known = self.file.size
            new.append(MergedLine(self.label, "(lines were skipped)", now))
        return [*new, *(MergedLine(self.label, line.text, now) for line in whole)]


@dataclass(slots=True)
class HostLogs:
    """The logs of one host. `busy` while they are read, so that it delays no other host."""

    host: Host
    logs: list[_Log] = field(default_factory=list)
    lost: bool = False
    busy: bool = False

    async def read(self) -> list[MergedLine]:
        """Read new lines; losing the host and its return are lines too. Never raises."""
        lines: list[MergedLine] = []
        self.busy = True
        try:
            for log in self.logs:
                now = self.host.clock()
                new = await log.read(now)
                if self.lost:
                    self.lost = False
                    lines.append(MergedLine(self.host.name, "connected again", now))
                lines += new
        except ConnectionLost as error:
            if not self.lost:
                now = self.host.clock()
                lines.append(MergedLine(self.host.name, error.message, now, failed=True))
            self.lost = True
        finally:
            self.busy = False
        return lines


class MergedLogs:
    """Reads several logs repeatedly."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.lines: deque[MergedLine] = deque(maxlen=KEPT)
        hosts: dict[int, HostLogs] = {}
        for source in sources:
            host = hosts.setdefault(id(source.host), HostLogs(source.host))
            host.logs.append(_Log(source.label, LogFile(source.host, source.place)))
        self.hosts = tuple(hosts.values())

    async def poll(self, host: HostLogs, changed: Callable[[], object]) -> None:
        """Read new lines of that host, and report them. Never raises."""
        if lines := await host.read():
            self.lines.extend(lines)
            if any(not line.when for line in lines):
                self._order(host.host.clock())
            changed()

    def _order(self, now: float) -> None:
        """Put the lines from before in the order of their times."""
        before = [line for line in self.lines if not line.when]
        new = [line for line in self.lines if line.when]
        places = in_order([(line.label, line.text) for line in before], now)
        self.lines.clear()
        self.lines.extend([*(before[place] for place in places), *new])
