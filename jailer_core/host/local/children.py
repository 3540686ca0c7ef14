"""Wait for our child processes: the kernel notifies the event loop, without threads.

FreeBSD has a filter of kqueue(2) for that, Linux a descriptor for a process (pidfd). Where there
is neither, it is looked for now and then. One queue serves all processes of an event loop.
"""

from __future__ import annotations

import asyncio
import os
import select as _select
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

SOON, SELDOM = 0.001, 0.05
"""Seconds between two looks at a process whose end is not told, at first and later."""
UNKNOWN = 255
"""The status of a process that was waited for by something else."""
MANY = 64
ONCE = getattr(_select, "EPOLLIN", 0) | getattr(_select, "EPOLLONESHOT", 0)
"""Closing the descriptor is not enough: a process that is just being started may have it, too."""


class Epoll:
    """Linux. It becomes readable when a process ends."""

    def __init__(self) -> None:
        self._poll = _select.epoll()
        self._children: dict[int, Child] = {}
        self.fileno = self._poll.fileno

    def watch(self, child: Child) -> None:
        """Wait for this process, too. Raises OSError when it has ended already."""
        descriptor = os.pidfd_open(child.pid)
        self._children[descriptor] = child
        self._poll.register(descriptor, ONCE)

    def ended(self) -> Iterable[Child]:
        """The processes that have ended since the last time."""
        for descriptor, _ in self._poll.poll(0, MANY):
            os.close(descriptor)
            yield self._children.pop(descriptor)


class Kqueue:
    """FreeBSD. `select` is the module, or a stand-in for it."""

    def __init__(self, select: Any = _select) -> None:
        self._select = select
        self._queue = select.kqueue()
        self._children: dict[int, Child] = {}
        self.fileno: Callable[[], int] = self._queue.fileno

    def watch(self, child: Child) -> None:
        """See Epoll."""
        select = self._select
        event = select.kevent(
            ident=child.pid,
            filter=select.KQ_FILTER_PROC,
            flags=select.KQ_EV_ADD | select.KQ_EV_ONESHOT,
            fflags=select.KQ_NOTE_EXIT,
        )
        self._queue.control([event], 0, 0)
        self._children[child.pid] = child

    def ended(self) -> Iterable[Child]:
        """See Epoll."""
        for event in self._queue.control(None, MANY, 0):
            yield self._children.pop(event.ident)


def queue() -> Epoll | Kqueue | None:
    """The one of this system, None where there is none."""
    with suppress(OSError):
        if hasattr(os, "pidfd_open"):
            return Epoll()
        if hasattr(_select, "kqueue"):
            return Kqueue()
    return None


class _Watch:
    """Looks at the children of one event loop when they have ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._queue = queue()
        if self._queue is not None:
            loop.add_reader(self._queue.fileno(), self._ended)

    def add(self, child: Child) -> None:
        try:
            if self._queue is not None:
                self._queue.watch(child)
                return
        except OSError:
            pass
        self._look_later(child, SOON)

    def _ended(self) -> None:
        for child in self._queue.ended() if self._queue is not None else ():
            self._look(child, SOON)

    def _look(self, child: Child, pause: float) -> None:
        if not child.look():
            self._look_later(child, pause)

    def _look_later(self, child: Child, pause: float) -> None:
        """It has ended, or so it seems: kqueue tells a moment before it can be waited for."""
        loop = asyncio.get_running_loop()
        loop.call_later(pause, self._look, child, min(2 * pause, SELDOM))


_latest: list[tuple[asyncio.AbstractEventLoop, _Watch]] = []
"""At most one: the event loop that runs, and what watches for it."""


class Child:
    """A process that we started. Its end is always taken notice of, so no zombie stays.

    `status` is the exit status (negative: ended by that signal), None while it runs. `leads`
    tells whether it leads a process group. `at_end` is called at its end.
    """

    status: int | None = None
    at_end: Callable[[], None] | None = None
    _waiting: tuple[asyncio.Future[None], ...] = ()

    def __init__(self, pid: int, *, leads: bool = True) -> None:
        self.pid = pid
        self.leads = leads
        loop = asyncio.get_running_loop()
        if not _latest or _latest[0][0] is not loop:
            _latest[:] = [(loop, _Watch(loop))]
        _latest[0][1].add(self)

    async def wait(self) -> int:
        """Its status, once it has ended."""
        while self.status is None:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting += (waiting,)
            await waiting
        return self.status

    def signal(self, number: int) -> None:
        """Send a signal to its process group, which may outlive it."""
        send = os.killpg if self.leads else os.kill
        if self.status is None or (self.leads and not exists(self.pid)):
            with suppress(ProcessLookupError, PermissionError):
                send(self.pid, number)

    def look(self) -> bool:
        """Whether it has ended; then it has been reaped, too."""
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            self.status = UNKNOWN
        else:
            if not pid:
                return False
            self.status = os.waitstatus_to_exitcode(status)
        if self.at_end is not None:
            self.at_end()
            self.at_end = None  # no circle is left to be looked for as garbage
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        return True


def exists(pid: int) -> bool:
    """Whether a process has that number: after the end of ours, that is another one."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
