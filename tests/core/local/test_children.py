"""How we learn of the end of a process: real processes, and a stand-in for FreeBSD's kqueue."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from jailer_core.errors import CommandTimedOut, OutputTooLong
from jailer_core.host.local import LocalHost, kernel_events, processes
from jailer_core.host.local.kernel_events import Epoll, Kqueue
from tests.core.local.programs import STUBBORN, py

pytestmark = pytest.mark.processes()


@dataclass
class KEvent:
    ident: int
    filter: int = 0
    flags: int = 0
    fflags: int = 0


@dataclass
class KernelQueue:
    """Tells of ends as kqueue does."""

    poll: Epoll = field(default_factory=Epoll)
    asked: list[KEvent] = field(default_factory=list)

    def fileno(self) -> int:
        return self.poll.fileno()

    def control(self, changes: list[KEvent] | None, most: int, _timeout: float) -> list[KEvent]:
        for event in changes or ():
            self.asked.append(event)
            self.poll.watch(SimpleNamespace(pid=event.ident))  # type: ignore[arg-type]
        return [KEvent(child.pid) for child in self.poll.ended()] if most else []


@dataclass
class Select:
    """What FreeBSD's module `select` has."""

    queue: KernelQueue
    KQ_FILTER_PROC = -5
    KQ_EV_ADD, KQ_EV_ONESHOT = 0x1, 0x10
    KQ_NOTE_EXIT = 0x80000000
    kevent = staticmethod(KEvent)

    def kqueue(self) -> KernelQueue:
        return self.queue


@pytest.fixture(autouse=True)
def _no_child_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pids: list[int] = []
    make = kernel_events.Child.__init__

    def recorded(child: kernel_events.Child, pid: int, **options: bool) -> None:
        pids.append(pid)
        make(child, pid, **options)

    monkeypatch.setattr(kernel_events.Child, "__init__", recorded)
    yield
    monkeypatch.undo()
    assert pids
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


async def several(host: LocalHost) -> None:
    codes = ("import sys; sys.exit(3)", "import os; os.kill(os.getpid(), 9)", "print('x' * 9999)")
    results = await asyncio.gather(*(host.run(py(code)) for code in codes))
    assert [result.status for result in results] == [3, -9, 0]
    with pytest.raises(CommandTimedOut):
        await host.run(py("import signal; signal.pause()"), timeout=0.05)


async def test_by_kqueue(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = KernelQueue()
    monkeypatch.setattr(kernel_events, "queue", lambda: Kqueue(Select(queue)))
    await several(LocalHost())
    assert {(one.filter, one.flags, one.fflags) for one in queue.asked} == {(-5, 0x11, 1 << 31)}
    assert len(queue.asked) == 4


async def test_by_kqueue_which_tells_before_it_can_be_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[int, int] = {}
    wait = os.waitpid

    def not_yet(pid: int, options: int) -> tuple[int, int]:
        asked[pid] = asked.get(pid, 0) + 1
        return (0, 0) if asked[pid] < 4 else wait(pid, options)

    monkeypatch.setattr(os, "waitpid", not_yet)
    monkeypatch.setattr(kernel_events, "queue", lambda: Kqueue(Select(KernelQueue())))
    await several(LocalHost())
    assert list(asked.values()) == [4] * 4


async def test_with_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_events, "queue", lambda: None)
    await several(LocalHost())


async def test_one_that_had_ended_before_it_was_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_self: Epoll, _pid: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(Epoll, "watch", gone)
    await several(LocalHost())


async def test_one_that_something_else_has_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wait = os.waitpid

    def taken(pid: int, options: int) -> tuple[int, int]:
        wait(pid, options)
        raise ChildProcessError

    monkeypatch.setattr(os, "waitpid", taken)
    assert (await LocalHost().run(py("pass"))).status == kernel_events.UNKNOWN


@pytest.mark.parametrize("how", ["cancelled", "late", "too much", "closed"])
async def test_no_zombie_stays(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.05)
    host = LocalHost()
    if how == "too much":
        with pytest.raises(OutputTooLong):
            await host.run(py("while True: print('y')"), limit=100)
    elif how == "late":
        with pytest.raises(CommandTimedOut):
            await host.run(py("import signal; signal.pause()"), timeout=0.05)
    else:
        task = asyncio.create_task(host.stream([py(STUBBORN)] * 2, lambda _line, _error: None))
        await asyncio.sleep(0)
        assert len(next(iter(host._running))._children) == 2
        if how == "closed":
            await host.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is just being started has copies of our descriptors for a moment."""
    failed: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: failed.append(context))
    copies: list[int] = []
    close = os.close

    def copied(descriptor: int) -> None:
        copies.append(os.dup(descriptor))
        close(descriptor)

    monkeypatch.setattr(os, "close", copied)
    host = LocalHost()
    for _ in range(2):
        await asyncio.gather(*(host.run(py("pass")) for _ in range(3)))
    monkeypatch.undo()
    for descriptor in copies:
        os.close(descriptor)
    assert not failed
