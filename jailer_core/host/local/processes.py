"""Running commands and their next deadlines: one timer of the event loop serves all.

Commands of this machine, each in its own process group, which is killed as a whole.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import time
from collections.abc import Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from jailer_core.errors import CommandTimedOut
from jailer_core.host import Hear, StartedProcess
from jailer_core.host.local.kernel_events import Child
from jailer_core.host.local.pipes import Reader, Sink, Whole, Writer, drain, pipe
from jailer_core.host.local.spawn import NOTHING, Spawner, keep_reading


class Watched(Protocol):
    """Something that runs."""

    def look_after(self) -> None:
        """Its deadline has passed: start supervising it."""


T = TypeVar("T", bound=Watched)


class Running(Generic[T]):
    """Most commands end before they need supervision; those cost no timer."""

    def __init__(self) -> None:
        self._due: dict[T, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._due))

    def __len__(self) -> int:
        return len(self._due)

    def add(self, item: T, loop: asyncio.AbstractEventLoop, seconds: float = math.inf) -> None:
        """Supervise it after that time if it still runs."""
        due = self._due[item] = loop.time() + seconds
        if loop is not self._loop:  # another loop's timer never comes
            self._loop, self._next = loop, math.inf
        if due < self._next:
            self._set(loop, due)

    def discard(self, item: T) -> None:
        """It has ended. The timer stays, for the next command."""
        self._due.pop(item, None)

    def _set(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = due
        self._timer = loop.call_at(due, self._come, loop)

    def _come(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._next, self._timer = self._next, math.inf, None
        for item in [item for item, due in self._due.items() if due <= now]:
            self._due[item] = math.inf
            item.look_after()
        due = min(self._due.values(), default=math.inf)
        if due < self._next:
            self._set(loop, due)


GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""
LINGER = 0.3
"""Seconds to wait for the end of output once a command has ended: a daemon that it started may
hold the pipe forever."""
AT_FIRST = 0.02
"""Seconds before output is read: that of most commands is read once, when they have ended. Until
then it waits in the pipe, and so may a command that prints more."""
INSIDE = frozenset({"jexec", "jail", "service", "sysrc", "pkg", "chroot", "bastille"})
"""Programs that run programs of jails even when they are only asked something."""


class Pipeline:
    """One command, or several joined by pipes, from start to end. `running` is the owner's.

    Most commands take a few milliseconds and print little: they cost no more than is needed for
    that. What reads while a command runs is made when it takes longer.
    """

    _readers: Sequence[Reader] = ()
    _writer: Writer | None = None
    _limit: float | None = None
    _reads = False
    _expired = False
    _ending = False

    def __init__(
        self,
        commands: Sequence[tuple[str, ...]],
        running: Running[Pipeline],
        spawner: Spawner,
        hear: Hear | None = None,
    ) -> None:
        self.commands = commands
        self._running = running
        self._spawner = spawner
        self._hear = hear
        self._children: list[Child] = []
        self._outputs: list[tuple[int, Sink]] = []
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()

    async def run(
        self,
        stdout: Sink,
        stderr: Sink,
        *,
        stdin: str | None,
        timeout: float | None,  # noqa: ASYNC109 - the processes are ended, not only the wait
    ) -> tuple[int, float]:
        """The last status that is not 0, and the seconds that it took.

        Raises CommandMissing, CommandTimedOut, HostError. Whatever happens, cancelling too: no
        process of it is left when this returns.
        """
        self._limit = timeout
        began = time.monotonic()
        try:
            self._start(stdout, stderr, stdin)
            self._running.add(self, self._loop, AT_FIRST)
            if self._hear is not None:
                await self._hear(self._started())
            await self._over
        except BaseException:
            await asyncio.shield(self.end())
            raise
        else:
            if self._expired:
                await asyncio.shield(self.end())
                raise CommandTimedOut(self.commands[-1], timeout or 0.0)
            self._outputs = [output for output in self._outputs if not drain(*output)]
            if self._outputs or self._readers:
                for reader in self._made_readers():
                    await reader.finish(LINGER)
            status = 0
            for child in self._children:
                status = child.status or status
            return status, time.monotonic() - began
        finally:
            self._running.discard(self)
            if self._writer is not None:
                self._writer.close()
            if self._outputs or self._readers:
                self._let_go()

    def look_after(self) -> None:
        """Read the output of a longer command and enforce its time limit."""
        if self._reads:
            self._expired = True
            self._settle()
            return
        self._reads = True
        for reader in self._made_readers():
            reader.start()
        if self._limit is not None:
            self._running.add(self, self._loop, self._limit - AT_FIRST)

    def _made_readers(self) -> Sequence[Reader]:
        """What reads the outputs from now on; most are read once and need none."""
        self._readers = *self._readers, *(Reader(*output) for output in self._outputs)
        self._outputs.clear()
        return self._readers

    def _settle(self) -> None:
        for child in self._children:
            if child.status is None and not self._expired:
                return
        if not self._over.done():
            self._over.set_result(None)

    def _start(self, stdout: Sink, stderr: Sink, stdin: str | None) -> None:
        session = not isinstance(stdout, Whole)
        reading, errors = pipe()
        theirs = [errors]
        self._outputs.append((reading, stderr))
        try:
            before = NOTHING if stdin is None else self._write(stdin, theirs)
            for argv in self.commands:
                reading, writing = pipe()
                theirs += (reading, writing)
                inside = session or argv[0].rpartition("/")[2] in INSIDE
                child = self._spawner.start(argv, (before, writing, errors), session=inside)
                child.at_end = self._settle
                self._children.append(child)
                before = reading
            theirs.remove(reading)
            self._outputs.append((reading, stdout))
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    def _write(self, text: str, theirs: list[int]) -> int:
        """Where a command reads that text."""
        reading, writing = pipe()
        theirs.append(reading)
        self._writer = Writer(writing, text.encode("utf-8", "surrogateescape"))
        return reading

    def _started(self) -> tuple[StartedProcess, ...]:
        when, uptime = time.time(), time.monotonic()
        return tuple(
            StartedProcess(child.pid, when, " ".join(argv), uptime)
            for child, argv in zip(self._children, self.commands, strict=True)
        )

    def _let_go(self) -> None:
        """Close what is still open, unless something that was left running writes to it."""
        for reader in self._made_readers():
            if not reader.open or self._ending or isinstance(reader.sink, Whole):
                reader.close()
                continue
            descriptor = reader.release()
            if keep_reading(descriptor):
                os.close(descriptor)

    async def end(self) -> None:
        """SIGTERM to all, SIGKILL after a grace, to whole process groups."""
        self._ending = True
        for number in (signal.SIGTERM, signal.SIGKILL):
            for child in self._children:
                child.signal(number)
            waits = [asyncio.ensure_future(child.wait()) for child in self._children]
            if waits:  # one that the kernel does not let go is left to it
                await asyncio.wait(waits, timeout=GRACE)
            for wait in waits:
                wait.cancel()

    def kill(self) -> None:
        """Kill it at once; its output is discarded."""
        self._ending = True
        for child in self._children:
            child.signal(signal.SIGKILL)
