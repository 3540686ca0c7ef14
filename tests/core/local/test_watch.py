"""The kqueue of FreeBSD 15, with a stand-in for `select`: Linux has none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest

from jailer_core.host import JailEvent
from jailer_core.host.local import LocalHost, kernel_events
from jailer_core.host.local.kernel_events import Watch


@dataclass
class KEvent:
    ident: int
    filter: int = 0
    flags: int = 0
    fflags: int = 0
    data: int = 0


@dataclass
class KQueue:
    """A kernel: jids that exist, who watches what, and events that wait."""

    alive: set[int] = field(default_factory=set)
    watched: dict[int, int] = field(default_factory=dict)
    waiting: list[KEvent] = field(default_factory=list)
    refuses: bool = False
    closed: bool = False

    def __post_init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def fileno(self) -> int:
        return self.reading

    def control(self, changes: list[KEvent] | None, most: int, _timeout: float) -> list[KEvent]:
        for one in changes or ():
            if self.refuses or (one.filter, one.flags) != (-14, 0x21):
                raise OSError(22, "Invalid argument")
            if one.ident and one.ident not in self.alive:
                raise OSError(3, "No such process")
            self.watched[one.ident] = one.fflags
        if most:
            os.read(self.reading, 100)
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def close(self) -> None:
        self.closed = True

    # --- what happens ---

    def happens(self, *events: KEvent) -> None:
        self.waiting += [one for one in events if one.ident in self.watched]
        os.write(self.writing, b"!")


@dataclass
class Select:
    queue: KQueue

    def kqueue(self) -> KQueue:
        return self.queue

    kevent = staticmethod(KEvent)


@pytest.fixture
def queue() -> Iterator[KQueue]:
    made = KQueue()
    yield made
    os.close(made.reading)
    os.close(made.writing)


def listen(queue: KQueue, *present: int) -> AsyncIterator[JailEvent]:
    async def jids() -> list[int]:
        return [*present, *queue.alive]

    return Watch(Select(queue)).events(jids)


async def take(events: AsyncIterator[JailEvent], count: int) -> list[JailEvent]:
    return [await anext(events) for _ in range(count)]


async def test_new_jails_are_told_and_then_followed(queue: KQueue) -> None:
    events = listen(queue)
    waiting = anext(events)
    queue.alive.add(52)
    queue.happens(KEvent(0, fflags=0x80000000, data=52))
    assert await waiting == JailEvent("created", 52)
    assert queue.watched == {0: 0x80000000, 52: 0x50000000}
    queue.happens(KEvent(52, fflags=0x40000000))
    queue.happens(KEvent(52, fflags=0x10000000))
    assert await take(events, 2) == [JailEvent("modified", 52), JailEvent("removed", 52)]


async def test_jails_that_run_already_are_followed(queue: KQueue) -> None:
    queue.alive |= {7, 8}
    events = listen(queue, 99)
    assert await anext(events) == JailEvent("removed", 99)
    assert set(queue.watched) == {0, 7, 8}
    queue.happens(KEvent(8, fflags=0x50000000))
    assert await take(events, 2) == [JailEvent("modified", 8), JailEvent("removed", 8)]


async def test_several_at_once_are_looked_for(queue: KQueue) -> None:
    events = listen(queue, 1)
    assert await anext(events) == JailEvent("removed", 1)
    queue.alive |= {3, 4}
    queue.happens(KEvent(0, fflags=0x88000000))
    assert await take(events, 2) == [JailEvent("created", 0), JailEvent("removed", 1)]
    assert set(queue.watched) == {0, 3, 4}


async def test_a_jail_that_is_gone_at_once(queue: KQueue) -> None:
    events = listen(queue)
    waiting = anext(events)
    queue.happens(KEvent(0, fflags=0x80000000, data=5))
    assert [await waiting, await anext(events)] == [
        JailEvent("created", 5),
        JailEvent("removed", 5),
    ]


async def test_a_number_used_again_is_followed_again(queue: KQueue) -> None:
    queue.alive.add(5)
    events = listen(queue)
    waiting = anext(events)
    queue.happens(KEvent(0, fflags=0x80000000, data=5))
    assert await waiting == JailEvent("created", 5)
    queue.happens(KEvent(5, fflags=0x10000000))
    assert await anext(events) == JailEvent("removed", 5)
    queue.watched.clear()
    queue.watched[0] = 0x80000000
    queue.happens(KEvent(0, fflags=0x80000000, data=5))
    assert await anext(events) == JailEvent("created", 5)
    assert 5 in queue.watched


async def test_closing_gives_the_queue_back(queue: KQueue) -> None:
    events = Watch(Select(queue)).events(_nobody)
    waiting = anext(events)
    queue.happens(KEvent(0, fflags=0x88000000))
    await waiting
    await events.aclose()  # type: ignore[attr-defined]
    assert queue.closed


async def _nobody() -> list[int]:
    return []


def test_an_older_kernel_refuses(queue: KQueue) -> None:
    queue.refuses = True
    with pytest.raises(OSError, match="Invalid argument"):
        Watch(Select(queue))
    assert queue.closed


async def test_where_there_is_no_kqueue_there_is_no_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Watch:
        return Watch(object())

    monkeypatch.setattr("jailer_core.host.local.host.Watch", none)
    assert LocalHost().watch() is None


def test_the_numbers_are_those_of_freebsd() -> None:
    """docs/freebsd-facts.md, Reading: seen with Python 3.11 on 15.1."""
    assert kernel_events.EVFILT_JAIL == -14
    assert kernel_events.NOTE_JAIL_CHILD == 0x80000000
    assert kernel_events.NOTE_JAIL_MULTI == 0x08000000
    assert kernel_events.NOTE_JAIL_SET == 0x40000000
    assert kernel_events.NOTE_JAIL_REMOVE == 0x10000000


async def test_what_happens_while_jails_are_listed_is_taken_at_once(queue: KQueue) -> None:
    listed = asyncio.Event()

    async def slowly() -> list[int]:
        await listed.wait()
        return []

    events = Watch(Select(queue)).events(slowly)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    queue.happens(KEvent(0, fflags=0x80000000, data=5))
    for _ in range(5):
        await asyncio.sleep(0)
    assert queue.waiting == []  # else the loop would spin on a readable kqueue
    listed.set()
    assert await waiting == JailEvent("created", 5)
    await events.aclose()  # type: ignore[attr-defined]
