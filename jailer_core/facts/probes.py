"""A command with its parser: run on every refresh, parsed again only when the output changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from jailer_core.errors import HostError, ParseError
from jailer_core.host import Host, Result
from jailer_core.model import Problem
from jailer_core.parse.base import Parsed
from jailer_core.text import sanitize

T = TypeVar("T")

TIMEOUT = 15.0
"""Seconds: a pool that hangs must not hold the table of jails for long."""
LIMIT = 8
"""How many per-jail questions run side by side."""


class Probe(Generic[T]):
    """One command of the refresh. `value` is None while it fails; `problem` says why.

    A line that cannot be read is a problem too, and `value` has the rest: it is `incomplete`.
    The value stays the very same object while the command prints the same. Of what it printed a
    hash is kept: the list of datasets of a large host is a megabyte.
    """

    def __init__(self, source: str, argv: Sequence[str], parse: Callable[[str], Parsed[T]]) -> None:
        self.source = source
        self.argv = tuple(argv)
        self.value: T | None = None
        self.problem: Problem | None = None
        self._parse = parse
        self._printed: int | None = None

    async def ask(self, host: Host) -> T | None:
        """Run it; never raises what a host or its output can cause."""
        try:
            result = await host.run(self.argv, timeout=TIMEOUT)
        except HostError as error:
            self._failed(error.message, error.hint)
            return None
        if not result.ok:
            self._failed(result.complaint)
        elif hash(result.stdout) != self._printed:
            self._read(result.stdout)
        return self.value

    def _read(self, text: str) -> None:
        try:
            parsed = self._parse(text)
        except ParseError as error:
            self._failed(error.message)
            return
        self._printed, self.value = hash(text), parsed.value
        self.problem = unread_problem(self.source, parsed.unread)

    @property
    def incomplete(self) -> bool:
        """Whether something of what the command printed could not be read."""
        return self.value is not None and self.problem is not None

    def _failed(self, message: str, hint: str = "") -> None:
        self.value = self._printed = None
        problem = Problem(self.source, sanitize(message), hint)
        if problem != self.problem:
            self.problem = problem


class Asking:
    """Runs commands that look. What is wrong with one of them is one of `problems`."""

    def __init__(self, host: Host, problems: list[Problem]) -> None:
        self.host = host
        self.problems = problems

    def problem(self, source: str, message: str) -> None:
        """Note why something could not be read."""
        self.problems.append(Problem(source, sanitize(message)))

    async def run(self, *argv: str) -> Result | None:
        """What a command left; None and a problem when it could not be run."""
        try:
            return await self.host.run(argv, timeout=TIMEOUT)
        except HostError as error:
            self.problem(argv[0], error.message)
            return None

    async def read(self, parse: Callable[[str], Parsed[T]], *argv: str) -> T | None:
        """What a command prints, read."""
        result = await self.run(*argv)
        parsed = None if result is None else self.parsed(parse, result)
        return None if parsed is None else parsed.value

    def parsed(self, parse: Callable[[str], Parsed[T]], result: Result) -> Parsed[T] | None:
        """What a command printed, read; None and a problem when it failed or printed otherwise."""
        if not result.ok:
            self.problem(result.argv[0], result.complaint)
            return None
        try:
            parsed = parse(result.stdout)
        except ParseError as error:
            self.problem(result.argv[0], error.message)
            return None
        understood(parsed, result.argv[0], self.problems)
        return parsed


def unread_problem(source: str, unread: Sequence[str]) -> Problem | None:
    """The message about lines that a parser could not read, None when there are none."""
    if not unread:
        return None
    more = len(unread) - 1
    also = f" (and {more} more that cannot be read)" if more else ""
    return Problem(source, f"{sanitize(unread[0])}{also}", "The rest was read.")


def understood(parsed: Parsed[T], source: str, problems: list[Problem]) -> T:
    """What a parser understood; what it did not becomes a problem."""
    problem = unread_problem(source, parsed.unread)
    problems += () if problem is None else (problem,)
    return parsed.value


async def side_by_side(jobs: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Run the jobs, at most LIMIT at a time; when one raises, the others are ended."""
    ready = tuple(jobs)
    waiting = iter(ready)

    async def worker() -> None:
        for job in waiting:
            await job()

    if len(ready) <= 1:
        await worker()
        return
    async with asyncio.TaskGroup() as group:
        for _ in range(min(LIMIT, len(ready))):
            group.create_task(worker())
