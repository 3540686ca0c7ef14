"""Plans sent by the other end to be run. They belong to this end from then on."""

from __future__ import annotations

import asyncio
from typing import Any

from jailer_core import execution
from jailer_core.agent.work import Work
from jailer_core.facts import Reader
from jailer_core.host.remote.execution import event_to_json, outcome_to_json, plan_of
from jailer_core.host.remote.values import Fields, dumps
from jailer_core.plan import Event, Output, Progress


async def execute(reader: Reader, work: Work, asked: Fields) -> dict[str, Any]:
    """The same as on the host itself: decided again under the lock, with the journal."""
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
