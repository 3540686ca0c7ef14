"""One request that the agent is working on.

Plans sent by the other end to be run. They belong to this end from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jailer_core import execution
from jailer_core.facts import Reader
from jailer_core.host import Gate
from jailer_core.host.remote.channel import WINDOW, Outbox
from jailer_core.host.remote.execution import event_to_json, outcome_to_json, plan_of
from jailer_core.host.remote.messages import Frame, Kind
from jailer_core.host.remote.values import Fields, dumps
from jailer_core.plan import Event, Output, Progress

PIECE = 32 * 1024
"""Bytes of data in one frame."""


class Work:
    """A running request: what it may send before its result, and what it receives."""

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
        """Send data. The returned future must be done before more is sent."""
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
        """Whether the other end has not yet consumed what was sent."""
        return self._room <= 0

    def more(self, size: int) -> None:
        """The other end has consumed `count` bytes, never more than were sent."""
        self._room = min(WINDOW, self._room + size)
        if self._room > 0 and self._gate is not None and not self._gate.done():
            self._gate.set_result(None)


async def execute(reader: Reader, work: Work, asked: Fields) -> dict[str, Any]:
    """Run a plan as on the host itself: planned again under the lock, with the journal."""
    work.lasting = True
    plan, pause = plan_of(asked), asked.seconds("pause")
    abort = asyncio.Event()

    def told(what: Fields) -> None:
        if what.flag("abort", default=False):
            abort.set()

    def emit(event: Event) -> None:
        if work.full and isinstance(event, Output | Progress):
            return  # only progress, and the other end is behind
        work.say(b"", dumps(event_to_json(event)))

    work.told = told
    outcome = await execution.execute(reader, plan, emit, abort, pause=pause)
    return outcome_to_json(outcome, plan)
