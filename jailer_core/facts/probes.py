"""Probes: commands with their parsers, and the intervals at which they run.

A command with its parser: run on every refresh, parsed again only when the output changes.

Intervals at which probes run: the table of rhythms, and the schedule that keeps to it.

Only the screen reads by this table. A plan is always decided on a whole fresh reading.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from jailer_core.errors import HostError, ParseError
from jailer_core.host import Host, Result
from jailer_core.model import Problem
from jailer_core.needs import Needs
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
        """Run the command; never raises what a host or its output can cause."""
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
    """The parsed part of an output; the rest becomes a problem."""
    problem = unread_problem(source, parsed.unread)
    problems += () if problem is None else (problem,)
    return parsed.value


async def side_by_side(jobs: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Run the jobs, at most LIMIT at a time; if one raises, the others are cancelled."""
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


NEVER = math.inf
RETRY = 10.0
"""Seconds after which a probe that failed is tried again, when its own pause is longer."""
GOOD_USE = 15.0
"""Seconds for which CPU, memory and processes count as known; after that they are unknown."""


class Reason(StrEnum):
    """What makes a probe run before its time."""

    KERNEL = "the kernel says that a jail came, went or changed"
    CHANGE = "a change of ours has ended"
    SIGHT = "the screen in front needs something else"


class Sight(StrEnum):
    """What the visible screen shows besides the usual."""

    USE = "CPU, memory, processes"
    NETWORK = "the network"
    MORE = "what is asked for this screen alone: snapshots, rules, answers"


EITHER = frozenset({Reason.KERNEL, Reason.CHANGE})


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One row of the table.

    `every`: seconds from one reading to the next; `watched`: the same where the kernel tells of
    jails; `looked`: the same while `sight` is visible. 0 means every round. `after`: what makes
    it run at once.
    """

    every: float
    watched: float | None = None
    sight: Sight | None = None
    looked: float = NEVER
    after: frozenset[Reason] = EITHER

    def pause(self, sights: Collection[Sight | None], *, watched: bool) -> float:
        """Seconds until it is due again."""
        usual = self.watched if watched and self.watched is not None else self.every
        return min(usual, self.looked) if self.sight in sights else usual


RHYTHMS: Mapping[str, Rhythm] = {
    "jls": Rhythm(0.0, watched=60.0),  # which jails there are
    "ps": Rhythm(NEVER, sight=Sight.USE, looked=5.0),  # CPU, memory, processes
    "zfs": Rhythm(60.0),  # datasets: disk use, images, trash
    "zpool": Rhythm(60.0, after=frozenset({Reason.CHANGE})),
    "mount": Rhythm(60.0),
    "ifconfig": Rhythm(60.0, sight=Sight.NETWORK, looked=4.0),
    "sysctl": Rhythm(20.0, after=frozenset()),  # load and free memory
    "files": Rhythm(10.0),  # configuration, rc.conf, our own files; without a process
    # addresses and gateway of a VNET jail: the one asked longest ago
    "networks": Rhythm(20.0, watched=4.0, sight=Sight.NETWORK, looked=0.0),
    # what only one screen shows
    "traffic": Rhythm(NEVER, sight=Sight.NETWORK, looked=0.0),
    "neighbours": Rhythm(NEVER, sight=Sight.NETWORK, looked=10.0),
    "forwarding": Rhythm(NEVER, sight=Sight.NETWORK, looked=10.0),
    "translation": Rhythm(NEVER, sight=Sight.NETWORK, looked=10.0),
    # snapshots, rules, answers
    "more": Rhythm(NEVER, None, Sight.MORE, 6.0, frozenset({Reason.CHANGE, Reason.SIGHT})),
}

EVERYTHING = frozenset(RHYTHMS)
CONNECTIONS = frozenset({"traffic", "neighbours", "forwarding", "translation"})
USUAL = EVERYTHING - CONNECTIONS - {"more"}
LIST = frozenset({"jls", "zfs", "files", "networks"})
"""What `list` shows, and the first table of the screen."""
LIST_JSON = LIST | {"ps", "ifconfig"}
"""What `list -j` shows."""


@dataclass(frozen=True, slots=True)
class InSight:
    """What the visible screen shows: `needs`, and whether CPU and memory are among it."""

    needs: Needs = Needs()  # noqa: RUF009 - frozen
    use: bool = True

    @property
    def sights(self) -> frozenset[Sight]:
        """By name."""
        more = replace(self.needs, network=False) != Needs()
        shown = {Sight.USE: self.use, Sight.NETWORK: self.needs.network, Sight.MORE: more}
        return frozenset(sight for sight, seen in shown.items() if seen)


class Schedule:
    """Which probes are due.

    `watched`: the kernel tells of jails; it does not tell when one that is dying is gone, so that
    counts only while all are `settled`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.watched = False
        self.settled = True
        self._clock = clock
        self._read: dict[str, float] = {}
        self._failed: frozenset[str] = frozenset()
        self._reasons: set[Reason] = set()

    def happened(self, reason: Reason) -> None:
        """Something that makes probes run before their time."""
        self._reasons.add(reason)

    def due(self, in_sight: InSight) -> frozenset[str]:
        """The probes that must run now; resets their reasons."""
        sights = in_sight.sights
        reasons, self._reasons = self._reasons, set()

        def is_due(name: str, rhythm: Rhythm) -> bool:
            pause = rhythm.pause(sights, watched=self.watched and self.settled)
            if pause == NEVER:
                return False
            if name in self._failed:
                pause = min(pause, RETRY)
            return bool(reasons & rhythm.after) or self.age(name) >= pause

        return frozenset(name for name, rhythm in RHYTHMS.items() if is_due(name, rhythm))

    def age(self, name: str) -> float:
        """Seconds since it was last read; infinity if never."""
        return self._clock() - self._read.get(name, -math.inf)

    def done(self, names: Iterable[str], failed: Iterable[str] = ()) -> None:
        """Note that probes were just read; some of them failed."""
        now, names = self._clock(), frozenset(names)
        self._read |= dict.fromkeys(names, now)
        self._failed = (self._failed - names) | frozenset(failed)
