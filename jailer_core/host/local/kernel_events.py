"""Events of the kernel: the end of a child, and jails that start and stop.

Wait for our child processes: the kernel notifies the event loop, without threads.

FreeBSD has a filter of kqueue(2) for that, Linux a descriptor for a process (pidfd). Where there
is neither, it is looked for now and then. One queue serves all processes of an event loop.

Jail events of FreeBSD 15 through kqueue (docs/freebsd-facts.md, Reading).

Watching jid 0 tells of new jails; watching a jail's own jid tells that it was modified or
removed. A process that enters a jail is an event too, but nothing that the table shows.
"""

from __future__ import annotations

import asyncio
import os
import select as _select
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

from jailer_core.host import JailEvent

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
        """Also wait for this process. Raises OSError if it has already ended."""
        descriptor = os.pidfd_open(child.pid)
        self._children[descriptor] = child
        self._poll.register(descriptor, ONCE)

    def ended(self) -> Iterable[Child]:
        """The processes that have ended since the last call."""
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
    """The queue of this system, or None."""
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
        """Wait for its end. Returns the status."""
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
        """Whether it has ended; reaps it."""
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
    """Whether a process has that PID; after ours has ended, it is a different process."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


EVFILT_JAIL = -14
EV_ADD, EV_CLEAR = 0x0001, 0x0020
NOTE_JAIL_CHILD, NOTE_JAIL_MULTI = 0x80000000, 0x08000000
NOTE_JAIL_SET, NOTE_JAIL_REMOVE = 0x40000000, 0x10000000


class Event(Protocol):
    """What kqueue gives back."""

    ident: int
    fflags: int
    data: int


class Watch:
    """A kqueue that hears of jails. `select` is the module, or a stand-in for it.

    Raises OSError, or AttributeError, where there is no such kqueue or filter.
    """

    def __init__(self, select: Any = _select) -> None:
        self._select = select
        self._queue = select.kqueue()
        self._known: set[int] = set()
        try:
            self._add(0, NOTE_JAIL_CHILD)
        except BaseException:
            self._queue.close()
            raise

    def _add(self, jid: int, fflags: int) -> None:
        event = self._select.kevent(
            ident=jid, filter=EVFILT_JAIL, flags=EV_ADD | EV_CLEAR, fflags=fflags
        )
        self._queue.control([event], 0, 0)

    def follow(self, jids: Iterable[int]) -> list[JailEvent]:
        """Also watch these jails. Returns those that no longer exist, as removed."""
        lost = []
        for jid in set(jids) - self._known:
            try:
                self._add(jid, NOTE_JAIL_SET | NOTE_JAIL_REMOVE)
            except OSError:
                lost.append(JailEvent("removed", jid))
            else:
                self._known.add(jid)
        return lost

    def take(self) -> list[JailEvent]:
        """Events since the last call; new jails are watched from now on."""
        events = self._queue.control(None, MANY, 0)
        return [jail_event for event in events for jail_event in self._said(event)]

    def _said(self, event: Event) -> list[JailEvent]:
        if event.ident == 0:
            jid = 0 if event.fflags & NOTE_JAIL_MULTI else event.data
            return [JailEvent("created", jid), *(self.follow([jid]) if jid else ())]
        events = []
        if event.fflags & NOTE_JAIL_SET:
            events.append(JailEvent("modified", event.ident))
        if event.fflags & NOTE_JAIL_REMOVE:
            self._known.discard(event.ident)
            events.append(JailEvent("removed", event.ident))
        return events

    async def events(
        self, present: Callable[[], Awaitable[Iterable[int]]]
    ) -> AsyncIterator[JailEvent]:
        """Events as they come. `present` tells the jids of all jails: asked at the start, and
        when several came at once, for then the kernel does not say which.
        """  # noqa: D205 - one sentence
        loop = asyncio.get_running_loop()
        heard: asyncio.Queue[list[JailEvent]] = asyncio.Queue()
        # taken at once: a kqueue that is not emptied keeps waking the loop
        loop.add_reader(self._queue.fileno(), lambda: heard.put_nowait(self.take()))
        try:
            for event in self.follow(await present()):
                yield event
            while True:
                events = await heard.get()
                if any(jail_event.jid == 0 for jail_event in events):
                    events += self.follow(await present())
                for event in events:
                    yield event
        finally:
            with suppress(ValueError):
                loop.remove_reader(self._queue.fileno())
            self._queue.close()
