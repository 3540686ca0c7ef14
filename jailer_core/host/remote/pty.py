"""A terminal at the other end of a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from jailer_core.errors import JailerError
from jailer_core.host.remote.channel import Call, Channel
from jailer_core.host.remote.messages import ProtocolError
from jailer_core.host.remote.values import Fields
from jailer_core.text import decoded

MOST_WAITING = 1 << 20
"""Bytes that may wait for a program that does not read what is typed."""
TYPED = 32 * 1024
"""Bytes of what is typed in one message."""
OPENED, PRINTED, TAKEN = b"+", b"o", b"t"
"""The first byte of what the agent says: it runs, it printed, it took what was typed."""


class RemotePty:
    """See host.Pty. `open` makes one."""

    def __init__(self) -> None:
        self._call: Call | None = None
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._printed = bytearray()
        self._news = asyncio.Event()
        self._waiting = 0

    @classmethod
    async def open(
        cls, channel: Channel, argv: Sequence[str], size: tuple[int, int], term: str
    ) -> RemotePty:
        """Start the program. Raises CommandMissing, HostError."""
        pty = cls()
        pty._call = call = await channel.start(
            "pty", pty._heard, argv=list(argv), size=list(size), term=term
        )
        call.done.add_done_callback(lambda _done: pty._news.set())
        await call.opened(pty._opened, "the other end ended a terminal that it did not open")
        return pty

    def _heard(self, data: bytes) -> None:
        what, rest = data[:1], data[1:]
        if what == OPENED and not self._opened.done():
            self._opened.set_result(None)
        elif what == PRINTED:
            self._printed += rest
        elif what == TAKEN:
            self._waiting = max(0, self._waiting - Fields.of(rest).number("bytes"))
        else:
            raise ProtocolError("the other end sent data that cannot be read")
        if what != PRINTED and self._call is not None:
            self._call.taken(len(data))
        self._news.set()

    @property
    def _over(self) -> bool:
        return self._call is None or self._call.done.done()

    async def read(self, most: int) -> bytes:
        while not self._printed and not self._over:
            self._news.clear()
            await self._news.wait()
        data = bytes(self._printed[:most])
        del self._printed[:most]
        if data and self._call is not None and not self._over:
            self._call.taken(len(data))
        return data

    def write(self, data: bytes) -> bool:
        if self._call is None or self._over or self._waiting + len(data) > MOST_WAITING:
            return False
        self._waiting += len(data)
        for start in range(0, len(data), TYPED):
            self._call.tell({"typed": decoded(data[start : start + TYPED])})
        return True

    @property
    def waiting(self) -> int:
        return self._waiting

    def resize(self, columns: int, rows: int) -> None:
        if self._call is not None and not self._over:
            self._call.tell({"size": [columns, rows]})

    async def wait(self) -> int:
        """See Pty. If the connection broke, the terminal was hung up."""
        if self._call is None:
            return 0
        try:
            return (await self._call.fields()).number("status")
        except JailerError:
            return -1

    async def close(self) -> None:
        if self._call is not None:
            with suppress(JailerError):
                await self._call.cancel()
