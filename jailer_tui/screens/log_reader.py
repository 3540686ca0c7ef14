"""Read lines for a log view: the end, older and newer lines, new ones, matches."""

from __future__ import annotations

import re
from collections.abc import Callable

from jailer_core.logs import LogFile, LogLine, matcher
from jailer_tui.widgets.logview import LogView

FIRST = 400
"""Lines that are read at once."""
MUCH = 1 << 20
"""Bytes after which what has come is not shown line by line: the end is."""


class LogReader:
    """One log in one window. Every method may raise FileFailed, and can be cancelled.

    `words`: only lines with them. `told` is called with offsets while something is looked for.
    """

    def __init__(self, file: LogFile, view: LogView, told: Callable[[int], None]) -> None:
        self.file = file
        self.view = view
        self.told = told
        self.words = ""
        self._known = 0

    @property
    def _pattern(self) -> re.Pattern[bytes] | None:
        return matcher(self.words) if self.words else None

    async def _before(self, end: int, count: int) -> list[LogLine]:
        if self._pattern is None:
            return await self.file.before(end, count)
        return await self.file.matching(self._pattern, end, count, forward=False, told=self.told)

    async def _after(self, start: int, count: int) -> list[LogLine]:
        if self._pattern is None:
            return await self.file.after(start, count)
        return await self.file.matching(self._pattern, start, count, forward=True, told=self.told)

    async def _to_end(self) -> None:
        """Everything up to the end has been read; a line without its end is read again."""
        self.view.at_end = True
        last = await self.file.before(self.file.size, 1)
        self._known = last[-1].offset if last and not last[-1].whole else self.file.size

    async def end(self) -> None:
        """Read the last lines."""
        await self.file.look()
        size = self.file.size
        lines = await self._before(size, FIRST)
        self.view.at_begin = len(lines) < FIRST if self.words else not lines or not lines[0].offset
        await self._to_end()
        self.view.fill(lines)

    async def begin(self) -> None:
        """Read the first lines."""
        lines = await self._after(0, FIRST)
        self.view.at_begin = True
        self.view.at_end = False
        if len(lines) < FIRST and (self.words or not lines or lines[-1].end >= self.file.size):
            await self._to_end()
        self.view.fill(lines, top=0)

    async def older(self) -> None:
        """Read lines before the first loaded one."""
        if not self.view.lines:
            return
        lines = await self._before(self.view.lines[0].offset, FIRST)
        if not lines or (not lines[0].offset if not self.words else len(lines) < FIRST):
            self.view.at_begin = True
        self.view.prepend(lines)

    async def newer(self) -> None:
        """Read lines after the last loaded one."""
        start = self.view.lines[-1].end if self.view.lines else 0
        lines = await self._after(start, FIRST)
        last = lines[-1].end if lines else start
        if len(lines) < FIRST and (self.words or last >= self.file.size):
            await self._to_end()
        self.view.append(lines)

    async def around(self, line: LogLine) -> None:
        """Read a line with its surroundings."""
        before = await self._before(line.offset, FIRST // 2)
        after = await self._after(line.offset, FIRST // 2)
        self.view.at_begin = not before or (not self.words and not before[0].offset)
        self.view.at_end = False
        if len(after) < FIRST // 2 and (self.words or after[-1].end >= self.file.size):
            await self._to_end()
        lines = [*before, *after]
        self.view.fill(lines, top=line.offset)

    async def poll(self, now: float) -> str:
        """Read new lines; see LogFile.look."""
        change = await self.file.look()
        if change == "new":
            await self.end()
        elif change == "grown" and self.view.at_end:
            if self.file.size - self._known > MUCH:
                if self.view.follow:
                    await self.end()
                else:
                    self.view.at_end = False
                return change
            start = self._known
            self.view.cut(start)
            while start < self.file.size:
                lines = await self._after(start, FIRST)
                self.view.append(lines, now)
                if not lines or self.words:
                    break
                start = lines[-1].end
            await self._to_end()
        return change

    async def find(self, words: str, start: int, *, forward: bool) -> LogLine | None:
        """The next visible line with these words, or None."""
        pattern = matcher(words)
        while True:
            line = await self.file.find(pattern, start, forward=forward, told=self.told)
            if line is None or self._pattern is None or self._pattern.search(line.data):
                return line
            start = line.end if forward else line.offset
