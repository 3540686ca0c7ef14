"""The logs of several jails as one stream, in the order in which their lines arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from jailer_core.errors import JailerError
from jailer_core.host import Host
from jailer_core.logs import LogFile, Place

FIRST = 30
"""Lines of each log that are shown at first."""
MOST = 400
"""Lines of one log that are read at once; of a flood the rest is skipped."""
KEPT = 5000
"""Lines that are kept of all logs together."""


@dataclass(frozen=True, slots=True)
class MergedLine:
    """One line of one log; `when` is the time at which it was read, 0 for those from before."""

    jail: str
    text: str
    when: float = 0.0
    failed: bool = False


@dataclass(slots=True)
class _Log:
    jail: str
    file: LogFile
    known: int | None = None
    failure: str = ""


@dataclass(slots=True)
class MergedLogs:
    """Reads some logs again and again."""

    host: Host
    places: Sequence[tuple[str, Place]]
    lines: deque[MergedLine] = field(default_factory=lambda: deque(maxlen=KEPT))
    _logs: list[_Log] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._logs = [_Log(jail, LogFile(self.host, place)) for jail, place in self.places]

    async def poll(self, now: float) -> bool:
        """Read what is new in each of them; whether anything is. Never raises."""
        count = 0
        for log in self._logs:
            try:
                found = await self._read(log, now)
                log.failure = ""
            except JailerError as error:
                found = self._fail(log, error.message, now)
            self.lines.extend(found)
            count += len(found)
        return count > 0

    def _fail(self, log: _Log, message: str, now: float) -> list[MergedLine]:
        """A failure is told once."""
        if message == log.failure:
            return []
        log.failure = message
        return [MergedLine(log.jail, message, now, failed=True)]

    async def _read(self, log: _Log, now: float) -> list[MergedLine]:
        if log.known is None:
            await log.file.look()
            found = await log.file.before(log.file.size, FIRST)
            log.known = found[-1].end if found else log.file.size
            return [MergedLine(log.jail, line.text) for line in found]
        change = await log.file.look()
        if change == "same":
            return []
        start = 0 if change == "new" else log.known
        new = [MergedLine(log.jail, "(a new file)", now)] if change == "new" else []
        lines = await log.file.after(start, MOST)
        whole = [line for line in lines if line.whole]
        log.known = whole[-1].end if whole else start
        if len(lines) == MOST and log.file.size - log.known > 1 << 16:
            log.known = log.file.size
            new.append(MergedLine(log.jail, "(lines were skipped)", now))
        return [*new, *(MergedLine(log.jail, line.text, now) for line in whole)]
