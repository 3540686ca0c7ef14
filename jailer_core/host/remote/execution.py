"""Plans that the agent runs, and what is known of them when the connection breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jailer_core.errors import HostError, JailerError, Refused
from jailer_core.host.remote.channel import Channel, ConnectionLost
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
