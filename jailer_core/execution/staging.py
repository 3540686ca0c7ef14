"""Steps that only stage a file of our own, outside the host's lock: downloads may take hours.

They run before the host's lock is taken. What the journal is to know of them is kept here until
the plan is written down: an entry without an end would be taken for a change that was interrupted.
A lock of its own keeps two programs from staging the same file. When its holder is killed, the
next program finds a part of a file that is not being staged, and removes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

from jailer_core.errors import Busy
from jailer_core.execution.perform import Aborted
from jailer_core.execution.plan_run import PlanRun
from jailer_core.execution.unwind import unwind
from jailer_core.host import Host, StartedProcess
from jailer_core.journal import Journal
from jailer_core.plan import Event, Outcome, Output, Plan, Run

WAITING = "Waiting until another change on this host has finished."


class _Records(Journal):
    """Keeps what is to be written, with the time at which it happened."""

    def __init__(self, host: Host) -> None:
        super().__init__(host, "")
        self.records: list[tuple[str, dict[str, Any]]] = []

    async def write(self, record: str, **values: Any) -> None:
        """Keep one record until there is a journal."""
        moment = {"when": round(self.host.clock(), 3), "uptime": round(self.host.uptime(), 3)}
        self.records.append((record, {**moment, **values}))

    async def runs(self, step: int, processes: tuple[StartedProcess, ...]) -> None:
        """Staged commands have ended before there is a journal."""


def course(host: Host, plan: Plan, emit: Callable[[Event], None]) -> PlanRun:
    """Run a plan whose first steps run before its journal is written."""
    return PlanRun(host, plan, _Records(host), emit)


async def begin_journal(staged: PlanRun, state: str) -> Journal:
    """The plan continues with a journal, which says what was done so far. Raises JournalError.

    Both are written at once, so that recovery knows of the file too.
    """
    records = staged.journal.records if isinstance(staged.journal, _Records) else ()
    staged.journal = await Journal.begin(staged.host, state, staged.plan, earlier=records)
    return staged.journal


def is_written_down(staged: PlanRun) -> bool:
    """Whether the change itself has started."""
    return not isinstance(staged.journal, _Records)


@asynccontextmanager
async def own_lock(host: Host, plan: Plan) -> AsyncIterator[None]:
    """Hold the lock of the file that the plan stages. Raises Busy when another program has it."""
    path = _file(plan)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(host.lock(path.rpartition("/")[2].lstrip(".")))
        except Busy:
            raise Busy(
                f"another program is downloading {path} on this host",
                "Wait until it has finished.",
            ) from None
        yield


@asynccontextmanager
async def next_turn(staged: PlanRun, abort: asyncio.Event, pause: float) -> AsyncIterator[None]:
    """Hold the host's lock, as soon as it is free: a download is not given up for a short change.

    Raises Aborted.
    """
    told = False
    async with AsyncExitStack() as stack:
        while True:
            if abort.is_set():
                raise Aborted
            try:
                await stack.enter_async_context(staged.host.lock())
                break
            except Busy:
                if not told:
                    staged.publish(Output(staged.plan.staged - 1, WAITING))
                told = True
            await asyncio.sleep(pause)
        yield


def is_used(staged: PlanRun, plan: Plan) -> bool:
    """Whether a new plan uses the file that an old plan staged."""
    path = _file(staged.plan)
    actions = (step.action for step in plan.steps)
    return any(isinstance(action, Run) and path in action.argv for action in actions)


async def discarded(staged: PlanRun, outcome: Outcome) -> Outcome:
    """The outcome of a plan that did not start; its staged file is removed, or named."""
    leftovers = (await unwind(staged)).leftovers
    return replace(outcome, leftovers=(*outcome.leftovers, *leftovers))


def _file(plan: Plan) -> str:
    """The file that grows while it is staged."""
    return next(step.growing_file for step in plan.steps if step.staging and step.growing_file)
