"""The `Host` protocol over a connection: every call is made by the agent at the other end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.host import (
    DEFAULT_TIMEOUT,
    FILE_LIMIT,
    NAMES_LIMIT,
    OUTPUT_LIMIT,
    FilePart,
    Hear,
    JailEvent,
    Line,
    Pty,
    Result,
    StartedProcess,
    Take,
)
from jailer_core.host.remote import values
from jailer_core.host.remote.channel import Call, Channel, ConnectionLost
from jailer_core.host.remote.execution import RemoteExecutor, RemotePty
from jailer_core.host.remote.messages import ProtocolError
from jailer_core.host.remote.values import Fields, bytes_of, loads
from jailer_core.model import FileStamp
from jailer_core.model.trees import Attributes, TreeEntry
from jailer_core.ssh_client import Connection
from jailer_core.text import decoded

EVENTS = 100
"""Events that wait to be heard: of more than that, those that wait tell enough."""


class RemoteHost:
    """A host that an agent serves. It stays the same over any number of connections.

    While there is no connection, every call raises ConnectionLost with the reason.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.simulated = False
        self.uid: int | None = None
        self.version = ""
        self.connection: Connection | None = None
        self.terminal: Callable[[Sequence[str]], list[str]] | None = None
        """The command here that runs a command there on the terminal of this program."""
        self.executor = RemoteExecutor(name, lambda: self.channel)
        self._channel: Channel | None = None
        self._why = ConnectionLost(f"{name} is not connected")
        self._watches = False
        self._roots: frozenset[str] = frozenset()
        self._clock = self._uptime = 0.0

    # --- the connection ----------------------------------------------------------------------

    async def attach(self, channel: Channel) -> None:
        """Use this connection after its agent's greeting. Raises HostError."""
        hello = await channel.hello()
        self.simulated = hello.flag("simulated")
        self.version = hello.text("version")
        self.uid = hello.number("uid")
        self._watches = hello.flag("watches")
        self._set_clocks(hello)
        way = hello.value.get("connection")
        self.connection = _connection(Fields(way)) if way is not None else None
        self._channel = channel
        if self._roots:
            await self.channel.ask("roots", paths=sorted(self._roots))

    def detach(self, why: JailerError) -> None:
        """The connection is gone."""
        self._channel = None
        named = why.message.startswith(f"{self.name}:")
        self._why = ConnectionLost(
            why.message if named else f"{self.name}: {why.message}", why.hint
        )

    @property
    def channel(self) -> Channel:
        """The connection. Raises ConnectionLost."""
        if self._channel is not None and self._channel.failure is not None:
            self.detach(self._channel.failure)
        if self._channel is None:
            raise ConnectionLost(self._why.message, self._why.hint)
        return self._channel

    def _set_clocks(self, told: Fields) -> None:
        now = time.monotonic()
        self._clock = told.seconds("clock") - now
        self._uptime = told.seconds("uptime") - now

    # --- commands ----------------------------------------------------------------------------

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        asked: dict[str, Any] = {"argv": list(argv), "timeout": timeout, "limit": limit}
        if stdin is not None:
            asked["stdin"] = stdin
        return _of(argv, await self.channel.ask_again("run", **asked))

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        hearing: set[asyncio.Task[None]] = set()

        def heard(data: bytes) -> None:
            if data[:1] in (b"o", b"e"):
                line(decoded(data[1:]), data[:1] == b"e")
                call.taken(len(data))
            elif data[:1] == b"s" and started is not None:
                hearing.add(asyncio.create_task(_tell(call, started, _processes(data[1:]))))
            else:
                raise ProtocolError("the other end sent data that cannot be read")

        call = await self.channel.start(
            "stream",
            heard,
            commands=[list(argv) for argv in commands],
            stdin=stdin,
            timeout=timeout,
            started=started is not None,
        )
        try:
            return _of(commands[-1], await call.fields())
        except asyncio.CancelledError:
            for task in hearing:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*hearing)

    async def attend(
        self,
        argv: Sequence[str],
        take: Take,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Result:
        def heard(data: bytes) -> None:
            take(data[1:], data[:1] == b"e")
            call.taken(len(data))

        call = await self.channel.start("attend", heard, argv=list(argv), timeout=timeout)
        return _of(argv, await call.fields())

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        return await RemotePty.open(self.channel, argv, size, term)

    # --- files -------------------------------------------------------------------------------

    def learn_roots(self, roots: Iterable[str]) -> None:
        """See Host. The agent gets it before any later request."""
        told = frozenset(roots)
        if told != self._roots:
            self._roots = told
            if self._channel is not None and self._channel.failure is None:
                self._channel.tell_once("roots", paths=sorted(told))

    async def read(self, path: str, *, beneath: str = "", limit: int = FILE_LIMIT) -> str:
        asked = await self.channel.ask_again("read", path=path, beneath=beneath, limit=limit)
        return asked.text("text")

    async def window(self, path: str, offset: int, size: int, *, beneath: str = "") -> FilePart:
        told = await self.channel.ask_again(
            "window", path=path, offset=offset, size=size, beneath=beneath
        )
        data = bytes_of(told.text("data"))
        return FilePart(data, told.number("offset"), told.number("size"), told.number("inode"))

    async def write(  # noqa: PLR0913 - what a file is made of
        self,
        path: str,
        text: str,
        *,
        mode: int | None = None,
        owner: tuple[int, int] | None = None,
        beneath: str = "",
        new: bool = False,
    ) -> None:
        await self.channel.ask(
            "write", path=path, text=text, mode=mode, owner=owner, beneath=beneath, new=new
        )

    async def append(self, path: str, text: str, *, mode: int = 0o600) -> None:
        await self.channel.ask("append", path=path, text=text, mode=mode)

    async def remove(self, path: str) -> None:
        await self.channel.ask("remove", path=path)

    async def mkdir(self, path: str, mode: int = 0o755) -> None:
        await self.channel.ask("mkdir", path=path, mode=mode)

    async def rmdir(self, path: str) -> None:
        await self.channel.ask("rmdir", path=path)

    async def listdir(
        self, path: str, *, beneath: str = "", limit: int = NAMES_LIMIT
    ) -> tuple[str, ...]:
        asked = await self.channel.ask_again("listdir", path=path, beneath=beneath, limit=limit)
        return asked.texts("names")

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        told = await self.channel.ask_again("stat", paths=list(paths))
        stamps = told.below("stamps").items()
        return {path: Fields(value).build(FileStamp) for path, value in stamps if path in paths}

    # --- file trees --------------------------------------------------------------------------

    async def tree_entries(self, root: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        told = await self.channel.ask_again("tree_entries", root=root, paths=list(paths))
        return dict(values.tree_items(told.get("entries", list)))

    async def tree_walk(
        self, root: str, below: str = ""
    ) -> AsyncIterator[list[tuple[str, TreeEntry]]]:
        parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        call = await self.channel.start("tree_walk", parts.put_nowait, root=root, below=below)
        ended = asyncio.ensure_future(call.fields())
        ended.add_done_callback(lambda _ended: parts.put_nowait(None))
        try:
            while (part := await parts.get()) is not None:
                call.taken(len(part))
                yield values.tree_items(loads(part[1:]))
            await ended
        finally:
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)

    async def tree_remove(self, root: str, paths: Sequence[str]) -> None:
        await self.channel.ask("tree_remove", root=root, paths=list(paths))

    async def tree_set(self, root: str, by_path: Mapping[str, Attributes]) -> None:
        told = {path: list(attributes) for path, attributes in by_path.items()}
        await self.channel.ask("tree_set", root=root, wanted=told)

    # --- the rest ----------------------------------------------------------------------------

    @asynccontextmanager
    async def lock(self, name: str = "") -> AsyncIterator[None]:
        """See Host. The other end releases it when the connection ends."""
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def heard(_data: bytes) -> None:
            if not held.done():
                held.set_result(None)

        call = await self.channel.start("lock", heard, name=name)
        try:
            await call.opened(held, "the other end ended a lock by itself")
            yield
        finally:
            call.tell({"release": True})
            await asyncio.shield(asyncio.wait({call.done}, timeout=DEFAULT_TIMEOUT))

    async def changing(self) -> bool:
        return (await self.channel.ask("changing")).flag("changing")

    def watch(self) -> AsyncIterator[JailEvent] | None:
        """See Host. It ends with an error when the connection does."""
        return self._watch() if self._watches else None

    async def _watch(self) -> AsyncIterator[JailEvent]:
        events: asyncio.Queue[JailEvent | None] = asyncio.Queue()

        def heard(data: bytes) -> None:
            event = Fields.of(data).build(JailEvent)
            if events.qsize() < EVENTS:
                events.put_nowait(event)
            call.taken(len(data))

        call = await self.channel.start("watch", heard)
        call.done.add_done_callback(lambda _done: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            await call.result()
        finally:
            await asyncio.shield(call.cancel())

    async def measure(self) -> float:
        """Seconds that the other end takes to answer; also reads its clocks."""
        began = time.monotonic()
        self._set_clocks(await self.channel.ping())
        return time.monotonic() - began

    def clock(self) -> float:
        """See Host. The last reported value, advanced by this machine's clock."""
        return self._clock + time.monotonic()

    def uptime(self) -> float:
        """See Host. The last reported value, advanced by this machine's clock."""
        return self._uptime + time.monotonic()

    async def close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()


async def _tell(call: Call, started: Hear, processes: tuple[StartedProcess, ...]) -> None:
    """The command over there waits to be read until it was heard of here."""
    try:
        await started(processes)
    except BaseException:
        await call.cancel()
        raise
    call.tell({"heard": True})


def _of(argv: Sequence[str], told: Fields) -> Result:
    return Result(
        tuple(argv),
        told.number("status"),
        told.text("stdout"),
        told.text("stderr"),
        told.seconds("seconds"),
        cut=told.flag("cut"),
    )


def _processes(data: bytes) -> tuple[StartedProcess, ...]:
    listed = Fields({"processes": loads(data)}).items("processes")
    return tuple(process.build(StartedProcess) for process in listed)


def _connection(told: Fields) -> Connection:
    return Connection(
        told.text("client"), told.text("server"), told.number("port"), told.texts("reverter", 1)
    )
