"""Calls that the agent answers: the `Host` protocol, and running a plan.

A request is checked before anything is done: a value of the wrong kind is an error of that
request. `Answer` is an object, or None where there is nothing to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jailer_core.agent.work import Work
from jailer_core.host import (
    FILE_LIMIT,
    NAMES_LIMIT,
    OUTPUT_LIMIT,
    Gate,
    Host,
    JailEvent,
    Pty,
    Result,
    StartedProcess,
)
from jailer_core.host.remote import values
from jailer_core.host.remote.execution import MOST_WAITING, OPENED, PRINTED, TAKEN
from jailer_core.host.remote.messages import ProtocolError
from jailer_core.host.remote.values import Fields, bytes_of, dumps, simple
from jailer_core.model import FileStamp
from jailer_core.model.trees import Attributes
from jailer_core.text import decoded

if TYPE_CHECKING:
    from jailer_core.facts import Reader

Answer = dict[str, Any] | None
TRY_AGAIN = 0.02
"""Seconds after which it is tried again to type what a program has not read."""


class Calls:
    """Answers requests about one host."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def find(self, do: str) -> Callable[[Work, Fields], Awaitable[Answer]]:
        """The method that answers a request. Raises ProtocolError."""
        if do not in _REQUESTS:
            raise ProtocolError(f"there is no request {do!r}")
        call: Callable[[Work, Fields], Awaitable[Answer]] = getattr(self, do)
        return call

    # --- commands ----------------------------------------------------------------------------

    async def run(self, _work: Work, asked: Fields) -> Answer:
        result = await self._host.run(
            asked.texts("argv", 1),
            stdin=asked.maybe_text("stdin"),
            timeout=asked.seconds("timeout"),
            limit=min(asked.number("limit"), OUTPUT_LIMIT),
        )
        return _result(result)

    async def stream(self, work: Work, asked: Fields) -> Answer:
        """See Host. With `started`, waits until the other end knows the processes."""
        heard = asyncio.Event()
        work.told = lambda _told: heard.set()

        def line(text: str, error: bool) -> Gate:
            return work.say(b"e" if error else b"o", bytes_of(text))

        async def started(processes: tuple[StartedProcess, ...]) -> None:
            work.say(b"s", dumps([simple(StartedProcess, process) for process in processes]))
            await heard.wait()

        result = await self._host.stream(
            asked.commands("commands"),
            line,
            stdin=asked.maybe_text("stdin"),
            timeout=asked.seconds("timeout"),
            started=started if asked.flag("started") else None,
        )
        return _result(result)

    async def attend(self, work: Work, asked: Fields) -> Answer:
        def take(data: bytes, error: bool) -> Gate:
            return work.say(b"e" if error else b"o", data)

        limit = None if asked.value.get("timeout") is None else asked.seconds("timeout")
        return _result(await self._host.attend(asked.texts("argv", 1), take, timeout=limit))

    async def pty(self, work: Work, asked: Fields) -> Answer:
        """See Host.open_pty."""
        size = asked.numbers("size", 2)
        if size is None or not all(0 < number < 65536 for number in size):
            raise ProtocolError("a terminal needs a size")
        pty = await self._host.open_pty(
            asked.texts("argv", 1), (size[0], size[1]), asked.text("term")
        )
        typing = _Typing(pty, work)
        work.told = typing.told
        try:
            work.say(OPENED)
            while data := await pty.read(PIECES):
                if (gate := work.say(PRINTED, data)) is not None:
                    await gate
            return {"status": await pty.wait()}
        finally:
            typing.task.cancel()
            await asyncio.shield(pty.close())

    # --- files -------------------------------------------------------------------------------

    async def roots(self, _work: Work, asked: Fields) -> None:
        """See Host.learn_roots."""
        self._host.learn_roots(asked.texts("paths"))

    async def read(self, _work: Work, asked: Fields) -> Answer:
        path, beneath = asked.text("path"), asked.text("beneath")
        limit = min(asked.number("limit"), FILE_LIMIT)
        return {"text": await self._host.read(path, beneath=beneath, limit=limit)}

    async def window(self, _work: Work, asked: Fields) -> Answer:
        part = await self._host.window(
            asked.text("path"),
            asked.number("offset"),
            min(asked.number("size"), FILE_LIMIT),
            beneath=asked.text("beneath"),
        )
        told = {"offset": part.offset, "size": part.size, "inode": part.inode}
        return {"data": decoded(part.data)} | told

    async def write(self, _work: Work, asked: Fields) -> None:
        mode, owner = asked.value.get("mode"), asked.numbers("owner", 2)
        await self._host.write(
            asked.text("path"),
            asked.text("text"),
            mode=None if mode is None else asked.number("mode"),
            owner=None if owner is None else (owner[0], owner[1]),
            beneath=asked.text("beneath"),
            new=asked.flag("new"),
        )

    async def append(self, _work: Work, asked: Fields) -> None:
        await self._host.append(asked.text("path"), asked.text("text"), mode=asked.number("mode"))

    async def remove(self, _work: Work, asked: Fields) -> None:
        await self._host.remove(asked.text("path"))

    async def mkdir(self, _work: Work, asked: Fields) -> None:
        await self._host.mkdir(asked.text("path"), asked.number("mode"))

    async def rmdir(self, _work: Work, asked: Fields) -> None:
        await self._host.rmdir(asked.text("path"))

    async def listdir(self, _work: Work, asked: Fields) -> Answer:
        path, beneath = asked.text("path"), asked.text("beneath")
        limit = min(asked.number("limit"), NAMES_LIMIT)
        return {"names": list(await self._host.listdir(path, beneath=beneath, limit=limit))}

    async def stat(self, _work: Work, asked: Fields) -> Answer:
        stamps = await self._host.stat(asked.texts("paths"))
        return {"stamps": {path: simple(FileStamp, stamp) for path, stamp in stamps.items()}}

    # --- file trees --------------------------------------------------------------------------

    async def tree_entries(self, _work: Work, asked: Fields) -> Answer:
        entries = await self._host.tree_entries(asked.text("root"), asked.texts("paths"))
        return {"entries": values.tree_rows(entries.items())}

    async def tree_walk(self, work: Work, asked: Fields) -> Answer:
        """See Host. Each batch is a piece of data."""
        async for part in self._host.tree_walk(asked.text("root"), asked.text("below")):
            if (gate := work.say(b"t", dumps(values.tree_rows(part)))) is not None:
                await gate
        return {}

    async def tree_remove(self, _work: Work, asked: Fields) -> None:
        await self._host.tree_remove(asked.text("root"), asked.texts("paths"))

    async def tree_set(self, _work: Work, asked: Fields) -> None:
        attributes: dict[str, Attributes] = {}
        told = asked.below("wanted")
        for path in told:
            numbers = Fields(told).numbers(path, 4)
            if numbers is None:
                raise ProtocolError("a file needs attributes")
            attributes[path] = (numbers[0], numbers[1], numbers[2], numbers[3])
        await self._host.tree_set(asked.text("root"), attributes)

    # --- the rest ----------------------------------------------------------------------------

    async def lock(self, work: Work, asked: Fields) -> None:
        """See Host. Held until the other end releases it, or is gone."""
        released = asyncio.Event()
        work.told = lambda _told: released.set()
        async with self._host.lock(asked.text("name")):
            work.say(b"+")
            await released.wait()

    async def changing(self, _work: Work, _asked: Fields) -> Answer:
        return {"changing": await self._host.changing()}

    async def watch(self, work: Work, _asked: Fields) -> Answer:
        events = self._host.watch()
        if events is None:
            return None
        async for event in events:
            if (gate := work.say(b"", dumps(simple(JailEvent, event)))) is not None:
                await gate
        return None

    # --- plans -------------------------------------------------------------------------------

    @cached_property
    def _reader(self) -> Reader:
        """It keeps what it has read."""
        from jailer_core.facts import Reader  # noqa: PLC0415 - with the first plan

        return Reader(self._host)

    async def execute(self, work: Work, asked: Fields) -> Answer:
        from jailer_core.agent.work import execute  # noqa: PLC0415 - imports all operations

        return await execute(self._reader, work, asked)


PIECES = 64 * 1024
_REQUESTS = frozenset(
    (
        *("run", "stream", "attend", "pty", "roots", "read", "window", "write", "append"),
        *("remove", "mkdir", "rmdir", "listdir", "stat", "lock", "changing", "watch", "execute"),
        *("tree_entries", "tree_walk", "tree_remove", "tree_set"),
    )
)


class _Typing:
    """What is typed at the other end, on its way into a terminal."""

    def __init__(self, pty: Pty, work: Work) -> None:
        self._pty = pty
        self._work = work
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._waiting = 0
        self.task = asyncio.create_task(self._type())

    def told(self, told: Fields) -> None:
        """Typed keys, or a new terminal size."""
        size = told.numbers("size", 2)
        if size is not None and all(0 < number < 65536 for number in size):
            self._pty.resize(*size)
        if "typed" in told.value:
            data = bytes_of(told.text("typed"))
            self._waiting += len(data)
            if self._waiting > 2 * MOST_WAITING:
                raise ProtocolError("the other end types more than it may")
            self._typed.put_nowait(data)

    async def _type(self) -> None:
        while True:
            data = await self._typed.get()
            while not self._pty.write(data):  # noqa: ASYNC110 - no event tells of room
                await asyncio.sleep(TRY_AGAIN)
            self._waiting -= len(data)
            self._work.say(TAKEN, dumps({"bytes": len(data)}))


def _result(result: Result) -> dict[str, Any]:
    """All but the command: the other end knows it."""
    return {name: value for name, value in result._asdict().items() if name != "argv"}
