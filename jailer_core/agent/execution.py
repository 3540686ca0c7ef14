"""Plans sent by the other end to be run. They belong to this end from then on."""

from __future__ import annotations

import asyncio
from typing import Any

from jailer_core.agent.work import Work
from jailer_core.execution import execute
from jailer_core.facts import Reader
from jailer_core.host import Host
from jailer_core.host.remote.execution import event_to_json, outcome_to_json, plan_of
from jailer_core.host.remote.values import Fields, dumps
from jailer_core.plan import Event, Output, Progress


class Executions:
    """Runs plans with a reader of its own, which keeps what it has read."""

    def __init__(self, host: Host) -> None:
        self._reader = Reader(host)

    async def execute(self, work: Work, asked: Fields) -> dict[str, Any]:
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
        return outcome_to_json(await execute(self._reader, plan, emit, abort, pause=pause), plan)
