"""A terminal at the other end of a connection.

Plans that the agent runs, and what is known of them when the connection breaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from jailer_core.errors import HostError, JailerError, Refused
from jailer_core.host.remote.channel import Call, Channel, ConnectionLost
from jailer_core.host.remote.messages import ProtocolError
from jailer_core.host.remote.values import Fields, simple
from jailer_core.plan import (
    Event,
    Journaled,
    Outcome,
    OutcomeStatus,
    Output,
    Plan,
    Progress,
    StepEnded,
    StepStarted,
    decode,
    encode,
)
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


EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Journaled, StepStarted, Output, Progress, StepEnded)
}


class RemoteExecutor:
    """See host.executing.Executor. `channel` returns the current connection, or raises."""

    def __init__(self, name: str, channel: Callable[[], Channel]) -> None:
        self._name = name
        self._channel = channel

    async def execute(
        self, plan: Plan, emit: Callable[[Event], None], abort: asyncio.Event, pause: float
    ) -> Outcome:
        """See Executor. Raises JailerError only if nothing was requested yet."""

        def heard(data: bytes) -> None:
            emit(event_of(Fields.of(data)))
            call.taken(len(data))

        call = await self._channel().start("execute", heard, plan=encode(plan), pause=pause)
        aborting = asyncio.create_task(_abort(abort, call.tell))
        try:
            return outcome_of(await call.fields(), plan)
        except (ConnectionLost, ProtocolError) as error:
            return self._unknown(plan, error)
        except JailerError as error:
            status = OutcomeStatus.REFUSED if isinstance(error, Refused) else OutcomeStatus.FAILED
            return Outcome(status, plan, error.message, error.hint)
        finally:
            aborting.cancel()

    def _unknown(self, plan: Plan, error: HostError) -> Outcome:
        return Outcome(
            OutcomeStatus.UNKNOWN,
            plan,
            f"the connection to {self._name} broke ({error.message}); "
            "the change continues there, or is undone",
            "The activity of that host shows how it ended.",
        )


async def _abort(abort: asyncio.Event, tell: Callable[[object], None]) -> None:
    await abort.wait()
    tell({"abort": True})


def event_to_json(event: Event) -> dict[str, Any]:
    """An event as an object."""
    kind = type(event)
    return {"event": kind.__name__} | simple(kind, event)


def event_of(told: Fields) -> Event:
    """The event. Raises ProtocolError."""
    kind = EVENTS.get(told.text("event"))
    if kind is None:
        raise ProtocolError("the other end sent an unknown event")
    event: Event = told.build(kind)
    return event


def outcome_to_json(outcome: Outcome, shown: Plan) -> dict[str, Any]:
    """An outcome as an object; with the plan only if it differs from the one that was sent."""
    plan = None if outcome.plan == shown else encode(outcome.plan)
    return simple(Outcome, outcome) | {"plan": plan}


def outcome_of(told: Fields, shown: Plan) -> Outcome:
    """The outcome. Raises ProtocolError."""
    try:
        status = OutcomeStatus(told.text("status"))
    except ValueError:
        raise ProtocolError("the other end sent an unknown outcome") from None
    return Outcome(
        status,
        shown if told.value.get("plan") is None else plan_of(told),
        told.text("message"),
        told.text("hint"),
        undone=told.flag("undone"),
        leftovers=told.texts("leftovers"),
        notes=told.texts("notes"),
        seconds=told.seconds("seconds"),
    )


def plan_of(told: Fields) -> Plan:
    """The plan in a message. Raises ProtocolError."""
    try:
        plan = decode(told.below("plan"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ProtocolError("the other end sent a plan that cannot be read") from None
    if not isinstance(plan, Plan):
        raise ProtocolError("the other end sent something other than a plan")
    return plan
