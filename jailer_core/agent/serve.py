"""Serve requests concurrently: read from one pipe, answered on another.

Start the agent on its standard streams: requests come in on one, answers go out on the other.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress
from typing import Any

from jailer_core.agent.calls import Answer, Calls
from jailer_core.agent.work import Work
from jailer_core.errors import HostError, JailerError
from jailer_core.host import Host
from jailer_core.host.remote import messages
from jailer_core.host.remote.channel import CREDIT, NOT_KEPT, PATCHED, RESULT, WHOLE, Outbox
from jailer_core.host.remote.messages import Decoder, Frame, Kind, ProtocolError
from jailer_core.host.remote.values import Fields, dumps, error_to_json, simple
from jailer_core.ssh_client import Connection
from jailer_core.text import sanitize

PIECE = 64 * 1024
MANY = 1000
"""Requests at once."""
ASKED = 96 * 1024 * 1024
"""Bytes of all requests that are not answered yet: a file of the largest size, as JSON."""
AT_ONCE = {"read": 4, "window": 4, "tree_entries": 4, "run": 100}
"""How many requests that may have a long answer are at work, until their answers are sent: a client
that asks and does not read gets no more."""
CACHE = 2 * 1024 * 1024
"""Bytes of earlier results that are kept for comparison."""


class Agent:
    """Serves a host until the connection ends. The other end compares `version` with its own."""

    def __init__(
        self,
        host: Host,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        version: str,
        uid: int,
    ) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer
        self._outbox = Outbox(writer)
        self._calls = Calls(host)
        self._works: dict[int, Work] = {}
        self._asked: dict[int, bytearray] = {}
        self._pending = 0
        self._turns = {do: asyncio.Semaphore(most) for do, most in AT_ONCE.items()}
        self._kept = messages.Kept(CACHE)
        self._number = 0
        self._hello = {"version": version, "uid": uid}

    async def serve(self) -> None:
        """Serve until the other end is gone and every plan has finished."""
        self._outbox.send(Frame(0, Kind.HELLO, dumps(self._greeting())))
        decoder = Decoder(noise=0)
        with suppress(OSError, ProtocolError):
            while data := await self._reader.read(PIECE):
                for frame in decoder.feed(data):
                    self._take(frame)
        await self._end()

    def _greeting(self) -> dict[str, Any]:
        host = self._host
        way = host.connection
        told = {
            "name": host.name,
            "simulated": host.simulated,
            "watches": host.watch() is not None,
            "connection": None if way is None else simple(Connection, way),
        }
        return self._hello | self._clocks() | told

    def _clocks(self) -> dict[str, float]:
        return {"clock": self._host.clock(), "uptime": self._host.uptime()}

    async def _end(self) -> None:
        """The connection ended: end everything but plans, and wait for those."""
        self._outbox.close()
        tasks = [work.task for work in self._works.values() if work.task is not None]
        for work in self._works.values():
            if work.task is not None and not work.lasting:
                work.task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._host.close()

    # --- what is asked -----------------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        """Raises ProtocolError, which ends the connection."""
        work = self._works.get(frame.call)
        match frame.kind:
            case Kind.PING:
                self._outbox.send(Frame(0, Kind.PONG, dumps(self._clocks())))
            case Kind.PART | Kind.CALL if work is None and frame.call:
                self._collect(frame)
            case Kind.CANCEL | Kind.CREDIT | Kind.TELL if work is None:
                pass  # it has just ended
            case Kind.CANCEL if work is not None:
                if work.task is not None and not work.lasting:
                    work.task.cancel()
            case Kind.CREDIT if work is not None and len(frame.payload) == CREDIT.size:
                work.more(CREDIT.unpack(frame.payload)[0])
            case Kind.TELL if work is not None:
                work.told(Fields.of(frame.payload))
            case _:
                raise ProtocolError("the other end sent a frame that does not belong there")

    def _collect(self, frame: Frame) -> None:
        asked = self._asked.setdefault(frame.call, bytearray())
        asked += frame.payload
        self._pending += len(frame.payload)
        if self._pending > ASKED or len(self._works) + len(self._asked) > MANY:
            raise ProtocolError("the other end asks for too much at once")
        if frame.kind is Kind.CALL:
            del self._asked[frame.call]
            work = self._works[frame.call] = Work(frame.call, self._outbox)
            work.task = asyncio.create_task(self._answer(work, bytes(asked)))

    # --- what is answered --------------------------------------------------------------------

    async def _answer(self, work: Work, asked: bytes) -> None:
        size, held = len(asked), AsyncExitStack()
        try:
            kind, payload = await self._work(work, asked, held)
            await self._outbox.message(work.number, kind, payload)
        except OSError:
            pass  # the connection ended
        finally:
            await held.aclose()
            self._pending -= size
            self._works.pop(work.number, None)

    async def _work(self, work: Work, asked: bytes, held: AsyncExitStack) -> tuple[Kind, bytes]:
        """Its answer; what is `held` is let go of once that is sent."""
        try:
            base, asked = _split(asked)
            fields = Fields.of(asked)
            do = fields.text("do")
            if do in self._turns:
                await held.enter_async_context(self._turns[do])
            answer = await self._calls.find(do)(work, fields)
            return Kind.DONE, self._result(asked, base, answer)
        except JailerError as error:
            return Kind.FAILED, dumps(error_to_json(error))
        except asyncio.CancelledError:
            return Kind.FAILED, dumps(error_to_json(HostError("cancelled")))
        except Exception as error:  # noqa: BLE001 - a fault in one request ends no other
            message = f"internal error: {sanitize(str(error)) or type(error).__name__}"
            return Kind.FAILED, dumps(error_to_json(HostError(message)))

    def _result(self, asked: bytes, base: int, answer: Answer) -> bytes:
        """A result; as a patch where the other end has an earlier one of the same request."""
        body = dumps({} if answer is None else answer)
        if base == NOT_KEPT or len(body) > messages.LONGEST:
            return RESULT.pack(WHOLE, 0) + body
        number, old = self._kept.get(asked)
        self._number = self._number % 0x7FFFFFFF + 1
        self._kept.put(asked, self._number, body)
        if base and base == number:
            made = dumps(messages.patch(old, body))
            if len(made) < len(body):
                return RESULT.pack(PATCHED, self._number) + made
        return RESULT.pack(WHOLE, self._number) + body


def _split(asked: bytes) -> tuple[int, bytes]:
    """The number of the result that the other end has already, and the request."""
    if len(asked) < CREDIT.size:
        raise ProtocolError("the other end sent a request without its head")
    return CREDIT.unpack_from(asked)[0], asked[CREDIT.size :]


LIMIT = 256 * 1024


def run(host: Host, version: str) -> int:
    """Serve a host over the standard streams until they are closed. Returns the exit status."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a plan outlives its connection
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    asyncio.run(_serve(host, version))
    return 0


async def _serve(host: Host, version: str) -> None:
    reading, writing = _streams()
    reader, writer = await connect(reading, writing)
    await Agent(host, reader, writer, version=version, uid=os.geteuid()).serve()


def _streams() -> tuple[int, int]:
    """Both streams under other numbers: nothing else is to read from them, or to print there."""
    reading, writing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return reading, writing


async def connect(reading: int, writing: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open two file descriptors as streams."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(LIMIT, loop)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader, loop=loop), os.fdopen(reading, "rb", 0)
    )
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(writing, "wb", 0)
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
