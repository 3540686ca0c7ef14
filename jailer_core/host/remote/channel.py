"""Concurrent calls over one connection: this end asks, the agent answers.

A call has one result, and may have any number of pieces of data before it. Of these the agent
sends no more than `WINDOW` bytes ahead of what was taken here, so that a slow reader
does not delay the others.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jailer_core.errors import HostError
from jailer_core.host.remote import messages
from jailer_core.host.remote.messages import Decoder, Encoder, Frame, Kind, ProtocolError, parts
from jailer_core.host.remote.values import Fields, dumps, error_of, loads

WINDOW = 256 * 1024
"""Bytes of data of one call that may be on their way."""
MESSAGE = 96 * 1024 * 1024
"""Bytes of all results that are not complete yet: a file of the largest size, as JSON."""
CACHE = 4 * 1024 * 1024
"""Bytes of earlier results that are kept for comparison."""
PIECE = 64 * 1024
CANCEL_WAIT = 8.0
"""Seconds that a cancelled call waits until the other end has ended what it did."""
CREDIT = struct.Struct("!I")
RESULT = struct.Struct("!BI")
"""Before a result: how it is sent, and its number."""
WHOLE, PATCHED = 0, 1
NOT_KEPT = 0xFFFFFFFF
"""Instead of the number of an earlier result: none is to be kept of this call."""
Data = Callable[[bytes], None]


class ConnectionLost(HostError):  # noqa: N818 - the word says it
    """The connection ended, or was never established."""


class Outbox:
    """Outgoing frames. Those sent in one turn of the event loop are written together."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._encoder = Encoder()
        self._frames: list[Frame] = []
        self.sent = 0

    def send(self, *frames: Frame) -> None:
        """Send soon."""
        if not self._frames:
            asyncio.get_running_loop().call_soon(self.flush)
        self._frames += frames

    def flush(self) -> None:
        """Send now."""
        frames, self._frames = self._frames, []
        if frames and not self._writer.is_closing():
            data = self._encoder.encode(frames)
            self.sent += len(data)
            self._writer.write(data)

    async def message(self, call: int, kind: Kind, payload: bytes) -> None:
        """Send a message of any length, no faster than the connection allows."""
        for frame in parts(call, kind, payload):
            self.send(frame)
            if frame.kind is Kind.PART:
                self.flush()
                await self._writer.drain()

    def close(self) -> None:
        """Nothing more is sent."""
        self._frames = []
        with suppress(OSError, RuntimeError):
            self._writer.close()


class Call:
    """One running request. `taken` reports consumed data, so that more may be sent."""

    def __init__(self, number: int, channel: Channel, data: Data | None) -> None:
        self.number = number
        self.done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._channel = channel
        self._data = data
        self._parts = bytearray()
        self._credit = 0
        self._ahead = 0

    def heard(self, frame: Frame) -> None:
        """Handle a frame of this call. Raises ProtocolError."""
        match frame.kind:
            case Kind.PART | Kind.DONE | Kind.FAILED:
                self._parts += frame.payload
                self._channel.pending += len(frame.payload)
                if self._channel.pending > MESSAGE:
                    raise ProtocolError("the other end sent a result that is too long")
                if frame.kind is not Kind.PART:
                    self._settle(failed=frame.kind is Kind.FAILED)
            case Kind.DATA if self._data is not None:
                self._ahead += len(frame.payload)
                if self._ahead > 2 * WINDOW:
                    raise ProtocolError("the other end sent more than it may")
                self._data(frame.payload)
            case _:
                raise ProtocolError("the other end sent a frame that does not belong there")

    def _settle(self, *, failed: bool) -> None:
        self._channel.pending -= len(self._parts)
        error = error_of(bytes(self._parts)) if failed else None
        self._channel.forget(self)
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(error)
            self.done.exception()  # whether or not someone waits for it
        else:
            self.done.set_result(bytes(self._parts))

    def taken(self, size: int) -> None:
        """Report how many bytes of data were consumed."""
        self._credit += size
        if self._credit >= WINDOW // 2:
            self._ahead -= self._credit
            self._channel.send(self.number, Kind.CREDIT, CREDIT.pack(self._credit))
            self._credit = 0

    def tell(self, value: object) -> None:
        """Send a message to the other end of the call."""
        self._channel.send(self.number, Kind.TELL, dumps(value))

    async def result(self) -> bytes:
        """Wait for the result. Cancelling ends the call on the other side."""
        try:
            return await asyncio.shield(self.done)
        except asyncio.CancelledError:
            await asyncio.shield(self.cancel())
            raise

    async def opened(self, opened: asyncio.Future[None], otherwise: str) -> None:
        """Wait until the call has started. Raises its error, or ProtocolError if it just ended."""
        either: set[asyncio.Future[Any]] = {opened, self.done}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            await self.result()
            raise ProtocolError(otherwise)

    async def fields(self) -> Fields:
        """The result as an object."""
        return Fields.of(_result(await self.result())[2])

    async def cancel(self) -> None:
        """End the call, and wait briefly for its end."""
        if not self.done.done():
            self._channel.send(self.number, Kind.CANCEL)
            await asyncio.wait({self.done}, timeout=CANCEL_WAIT)


class Channel:
    """This end of a connection. `lost` is called once, when the connection has ended."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        lost: Callable[[HostError], None] = lambda _error: None,
    ) -> None:
        self._reader = reader
        self._decoder = Decoder()
        self.outbox = Outbox(writer)
        self._lost = lost
        self._calls: dict[int, Call] = {}
        self._number = 0
        self._kept = messages.Kept(CACHE)
        self._hello: asyncio.Future[Fields] = asyncio.get_running_loop().create_future()
        self._pings: list[asyncio.Future[Fields]] = []
        self.failure: HostError | None = None
        self.received = 0
        self.pending = 0
        """Bytes of results that are not complete yet."""
        self._task = asyncio.create_task(self._read())

    # --- what comes --------------------------------------------------------------------------

    async def _read(self) -> None:
        failure: HostError = ConnectionLost("the connection was closed")
        try:
            while data := await self._reader.read(PIECE):
                self.received += len(data)
                for frame in self._decoder.feed(data):
                    self._heard(frame)
        except ProtocolError as error:
            failure = error
        except OSError as error:
            failure = ConnectionLost(f"the connection broke: {error.strerror or error}")
        finally:
            self.fail(failure)

    def _heard(self, frame: Frame) -> None:
        if frame.kind is Kind.HELLO and not self._hello.done():
            self._hello.set_result(Fields.of(frame.payload))
        elif frame.kind is Kind.PONG and self._pings:
            answer, told = self._pings.pop(0), Fields.of(frame.payload)
            if not answer.done():
                answer.set_result(told)
        elif (call := self._calls.get(frame.call)) is not None:
            call.heard(frame)
        else:
            raise ProtocolError("the other end answered a question that was not asked")

    def fail(self, error: HostError) -> None:
        """The connection has failed: fail everything that waits for it."""
        if self.failure is not None:
            return
        self.failure = error
        self.outbox.close()
        self._task.cancel()
        waiting: list[asyncio.Future[Any]] = [call.done for call in self._calls.values()]
        waiting += [self._hello, *self._pings]
        for future in waiting:
            if not future.done():
                future.set_exception(error)
                future.exception()  # whether or not someone waits for it
        self._calls.clear()
        self._lost(error)

    # --- what is asked -----------------------------------------------------------------------

    async def hello(self) -> Fields:
        """The agent's description of itself and its host."""
        return await asyncio.shield(self._hello)

    def send(self, number: int, kind: Kind, payload: bytes = b"") -> None:
        """Send a short frame."""
        if self.failure is None:
            self.outbox.send(Frame(number, kind, payload))

    def forget(self, call: Call) -> None:
        """Forget a call that has ended."""
        self._calls.pop(call.number, None)

    async def start(self, do: str, data: Data | None = None, /, **arguments: Any) -> Call:
        """Start a long-running request. Raises ConnectionLost."""
        request = CREDIT.pack(NOT_KEPT) + dumps({"do": do} | arguments)
        return await self._start(request, data)

    async def _start(self, request: bytes, data: Data | None) -> Call:
        if self.failure is not None:
            raise self.failure
        self._number = self._number % 0x7FFFFFFF + 1
        call = Call(self._number, self, data)
        self._calls[call.number] = call
        await self.outbox.message(call.number, Kind.CALL, request)
        return call

    async def ask(self, do: str, **arguments: Any) -> Fields:
        """Send a request and wait. Raises what the other end raised, or ConnectionLost."""
        return await (await self.start(do, **arguments)).fields()

    def tell_once(self, do: str, **arguments: Any) -> None:
        """Send a short request without waiting for its answer."""
        self._number = self._number % 0x7FFFFFFF + 1
        self._calls[self._number] = Call(self._number, self, None)
        request = CREDIT.pack(NOT_KEPT) + dumps({"do": do} | arguments)
        for frame in parts(self._number, Kind.CALL, request):
            self.outbox.send(frame)

    async def ask_again(self, do: str, **arguments: Any) -> Fields:
        """The same for a request that each refresh repeats: only differences are sent."""
        asked = dumps({"do": do} | arguments)
        number, old = self._kept.get(asked)
        call = await self._start(CREDIT.pack(number) + asked, None)
        how, number, body = _result(await call.result())
        if how == PATCHED:
            body = messages.patched(old, loads(body), MESSAGE)
        if number:
            self._kept.put(asked, number, body)
        return Fields.of(body)

    async def ping(self) -> Fields:
        """The clocks of the other end, as soon as it answers."""
        if self.failure is not None:
            raise self.failure
        answer: asyncio.Future[Fields] = asyncio.get_running_loop().create_future()
        self._pings.append(answer)
        self.send(0, Kind.PING)
        return await asyncio.shield(answer)

    async def close(self) -> None:
        """End the connection; the agent ends with it."""
        self.fail(ConnectionLost("the connection was closed"))
        await asyncio.wait({self._task})


def _result(payload: bytes) -> tuple[int, int, bytes]:
    """How a result was sent, its number, and what was sent."""
    if len(payload) < RESULT.size:
        raise ProtocolError("the other end sent a result without its head")
    how, number = RESULT.unpack_from(payload)
    return how, number, payload[RESULT.size :]
