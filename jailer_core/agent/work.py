"""One request that the agent is working on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jailer_core.host import Gate
from jailer_core.host.remote.channel import WINDOW, Outbox
from jailer_core.host.remote.frames import Frame, Kind
from jailer_core.host.remote.values import Fields

PIECE = 32 * 1024
"""Bytes of data in one frame."""


class Work:
    """What a request may send before its result, and what it is sent while it runs."""

    def __init__(self, number: int, outbox: Outbox) -> None:
        self.number = number
        self.task: asyncio.Task[None] | None = None
        self.lasting = False
        """Whether it goes on when it is cancelled, or the connection ends."""
        self.told: Callable[[Fields], None] = lambda _told: None
        self._outbox = outbox
        self._room = WINDOW
        self._gate: asyncio.Future[None] | None = None

    def say(self, mark: bytes, data: bytes = b"") -> Gate:
        """Send data; what is returned must be done before more is said."""
        for start in range(0, len(data) or 1, PIECE):
            piece = mark + data[start : start + PIECE]
            self._outbox.send(Frame(self.number, Kind.DATA, piece))
            self._room -= len(piece)
        if self._room > 0:
            return None
        if self._gate is None or self._gate.done():
            self._gate = asyncio.get_running_loop().create_future()
        return self._gate

    @property
    def full(self) -> bool:
        """Whether the other end has not yet taken what it was sent."""
        return self._room <= 0

    def more(self, size: int) -> None:
        """The other end took so many bytes. It cannot have taken more than there were."""
        self._room = min(WINDOW, self._room + size)
        if self._room > 0 and self._gate is not None and not self._gate.done():
            self._gate.set_result(None)
