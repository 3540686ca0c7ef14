"""Jail events of FreeBSD 15 through kqueue (docs/freebsd-facts.md, Reading).

Watching jid 0 tells of new jails; watching a jail's own jid tells that it was modified or
removed. A process that enters a jail is an event too, but nothing that the table shows.
"""

from __future__ import annotations

import asyncio
import select as _select
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

from jailer_core.host import JailEvent

EVFILT_JAIL = -14
EV_ADD, EV_CLEAR = 0x0001, 0x0020
NOTE_JAIL_CHILD, NOTE_JAIL_MULTI = 0x80000000, 0x08000000
NOTE_JAIL_SET, NOTE_JAIL_REMOVE = 0x40000000, 0x10000000
MANY = 64


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
        """Watch these jails as well. Those that are gone already come back as removed."""
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
        """What happened since the last time; new jails are watched from now on."""
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
