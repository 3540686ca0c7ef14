"""Prepare a plan, run it, undo it.

    prepare(reader, request)            read what the request needs, decide
    execute(reader, plan, emit, abort)  lock, read again, compare, journal, steps, undo
                                        (what only stages a file comes before: staging.py)
    finish()                            wait for plans whose face has gone
    with_way(reader, plan)              the plan with a note on how its steps are done

A plan does not depend on who looks at it: `execute` runs it in a task of its own, and when its
caller is cancelled (the connection is gone) that task goes on to the end, or undoes. A program
that is about to leave its event loop awaits `finish()` first; with `asyncio.run`, which cancels
what is left over, a plan that is under way takes itself back before the loop ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from jailer_core.errors import Already, HostError, JailerError, Refused
from jailer_core.execution import interrupted, staging
from jailer_core.execution.perform import Aborted
from jailer_core.execution.plan_run import PlanRun
from jailer_core.execution.run_steps import aborted, cancelled, run_steps
from jailer_core.facts import Reader, on_demand
from jailer_core.host import optional
from jailer_core.journal import Interrupted, Journal
from jailer_core.model import HostFacts, Inventory
from jailer_core.operations.registry import decide, needs
from jailer_core.plan import (
    Event,
    JailRuns,
    Journaled,
    Needs,
    Outcome,
    OutcomeStatus,
    Plan,
    Request,
    Run,
)
from jailer_core.text import sanitize

__all__ = ["execute", "finish", "gather_for", "prepare", "with_methods"]

LOG_LINES = 5
LOOKS = 3
"""How many rounds of further questions an answer may lead to."""
PAUSE = 0.25
"""Seconds between two checks of something that comes true in its own time."""

_needs: WeakKeyDictionary[Reader, tuple[Request, Needs]] = WeakKeyDictionary()
"""What the last request needed: it is the one that is run next, and saves a look."""

_running: set[asyncio.Task[Outcome]] = set()


async def prepare(reader: Reader, request: Request) -> Plan:
    """Read the host as far as the request needs it and decide.

    Raises Refused with the reason, and HostError or ParseError when the host cannot be read.
    """
    return (await _decide(reader, request))[1]


async def _decide(reader: Reader, request: Request) -> tuple[Inventory, Plan]:
    inventory = await gather_for(reader, request)
    return inventory, await with_methods(reader, decide(inventory, request))


async def gather_for(reader: Reader, request: Request) -> Inventory:
    """The host as far as the request needs it. Raises HostError or ParseError."""
    known = _needs.get(reader)
    if known is not None and known[0] == request:
        asked = known[1]
    else:
        asked = needs(await reader.gather(quick=True), request)
    inventory = await reader.gather(asked)
    for _ in range(LOOKS):
        # what was told may be what the next question depends on
        more = needs(inventory, request)
        if more == asked:
            break
        asked = more
        inventory = await reader.gather(asked)
    _needs[reader] = (request, asked)
    return inventory


async def with_methods(reader: Reader, plan: Plan) -> Plan:
    """The plan, with a note on which of its steps go through a library instead of a command."""
    commands = [step.action.argv if isinstance(step.action, Run) else None for step in plan.steps]
    message = await optional.describe(reader.host, commands)
    return replace(plan, notes=(*plan.notes, message)) if message else plan


async def execute(
    reader: Reader,
    plan: Plan,
    emit: Callable[[Event], None],
    abort: asyncio.Event,
    *,
    pause: float = PAUSE,
) -> Outcome:
    """Run a plan under the host's lock and return its outcome; never raises JailerError.

    Events come as they happen. Setting `abort` ends the running command and undoes; during the
    undo it is ignored. Cancelling the caller does not end the plan: see `finish`.
    """
    task = asyncio.create_task(_guarded(_Order(reader, plan, emit, abort, pause)))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)


async def finish() -> None:
    """Wait until every running plan has finished."""
    while _running:
        await asyncio.wait(set(_running))


@dataclass(frozen=True, slots=True)
class _Order:
    """What `execute` is given."""

    reader: Reader
    plan: Plan
    emit: Callable[[Event], None]
    abort: asyncio.Event
    pause: float


async def _guarded(order: _Order) -> Outcome:
    host, plan = order.reader.host, order.plan
    began = host.uptime()
    executor = optional.executor_of(host)
    try:
        if executor is not None:
            return await executor.execute(plan, order.emit, order.abort, order.pause)
        if plan.staged:
            outcome = await _staged(order)
        else:
            async with host.lock():
                outcome = await _locked(order)
    except JailerError as error:
        outcome = _not_begun(plan, error)
    return replace(outcome, seconds=host.uptime() - began)


def _not_begun(plan: Plan, error: JailerError) -> Outcome:
    status = OutcomeStatus.FAILED
    if isinstance(error, Refused):
        status = OutcomeStatus.NOTHING if isinstance(error, Already) else OutcomeStatus.REFUSED
    return Outcome(status, plan, sanitize(error.message), sanitize(error.hint))


async def _staged(order: _Order) -> Outcome:
    """Check before a download whether the change is allowed; make the change afterwards.

    Others may change the host during the download: the journal holds nothing yet that they would
    find interrupted, and the plan is decided again under the lock.
    """
    host, plan, abort, pause = order.reader.host, order.plan, order.abort, order.pause
    async with staging.own_lock(host, plan):
        async with host.lock():
            early = await _check(order.reader, plan)
        if isinstance(early, Outcome):
            return early
        course = staging.course(host, plan, order.emit)
        outcome = await run_steps(course, abort, pause, range(plan.staged))
        if not outcome.ok:
            return outcome
        try:
            async with staging.next_turn(course, abort, pause):
                outcome = await _locked(order, course)
        except (JailerError, Aborted, asyncio.CancelledError) as error:
            if staging.is_written_down(course):
                raise
            # the change itself did not begin: what was staged is discarded
            if isinstance(error, JailerError):
                return await staging.discarded(course, _not_begun(plan, error))
            return await (aborted(course) if isinstance(error, Aborted) else cancelled(course))
        if outcome.status is OutcomeStatus.CHANGED and not staging.is_used(course, outcome.plan):
            return await staging.discarded(course, outcome)
        return outcome


@dataclass(frozen=True, slots=True)
class _Checked:
    """A plan that may run now, and the interrupted change that it deals with, if any."""

    inventory: Inventory
    plan: Plan
    cut: Interrupted | None


async def _check(reader: Reader, plan: Plan, *, staged: bool = False) -> _Checked | Outcome:
    """Decide again. The caller holds the lock; nothing was changed when this raises.

    What was `staged` is there by now, and so the new plan may do without.
    """
    inventory, fresh = await _decide(reader, plan.request)
    fresh = replace(fresh, batch=plan.batch)
    same = fresh.steps == plan.steps
    if staged and fresh.steps[fresh.staged :] == plan.steps[plan.staged :]:
        same, fresh = True, plan
    if not same:
        return Outcome(
            OutcomeStatus.CHANGED,
            fresh,
            "the host has changed since this plan was shown",
            "Review the new plan.",
        )
    cut = await interrupted.check_allowed(reader.host, inventory, fresh.request)
    if not fresh.steps:
        await interrupted.mark_resolved(reader.host, inventory, fresh.request, cut, "")
        return Outcome(OutcomeStatus.NOTHING, fresh, notes=fresh.notes)
    refuse_strangers(inventory.host, "change")
    return _Checked(inventory, fresh, cut)


def refuse_strangers(host: HostFacts, what: str) -> None:
    """Raises Refused for any user but root."""
    if host.uid is None:
        raise Refused(
            "the user running this program could not be determined", "See the problems: id -u."
        )
    if not host.root:
        raise Refused(f"only root may {what} jails", "Start the program with doas or sudo.")


async def _locked(order: _Order, course: PlanRun | None = None) -> Outcome:
    """Everything up to the first step may raise; nothing was changed then."""
    reader = order.reader
    checked = await _check(reader, order.plan, staged=course is not None)
    if isinstance(checked, Outcome):
        return checked
    inventory, fresh, cut = checked.inventory, checked.plan, checked.cut
    state = inventory.layout.state
    first = 0
    if course is None:
        journal = await Journal.begin(reader.host, state, fresh)
        course = PlanRun(reader.host, fresh, journal, order.emit)
    else:
        journal = await staging.begin_journal(course, state)
        first = fresh.staged
    course.publish(Journaled(journal.id))
    steps = range(first, len(fresh.steps))
    outcome = await run_steps(course, order.abort, order.pause, steps)
    if outcome.status is OutcomeStatus.FAILED:
        outcome = await _with_log(reader, inventory, course, outcome)
    try:
        await journal.end(outcome)
        if outcome.ok:
            await interrupted.mark_resolved(reader.host, inventory, fresh.request, cut, journal.id)
    except HostError as error:
        note = f"The journal could not be written: {error.message}"
        outcome = replace(outcome, notes=(*outcome.notes, note))
    return outcome


async def _with_log(
    reader: Reader, inventory: Inventory, course: PlanRun, outcome: Outcome
) -> Outcome:
    """A start that failed: the last lines of the jail's console log say why."""
    last = course.ran[-1] if course.ran else None
    if last is None or last.finished or not last.traced:
        return outcome  # a jail that was not even made has written nothing there
    if not any(isinstance(condition, JailRuns) for condition in last.step.postconditions):
        return outcome
    jail = inventory.jail(last.step.jail)
    try:
        if last.step.log:
            text = await on_demand.end_of(reader.host, last.step.log, 4096)
        else:
            text = await on_demand.log(reader.host, jail, 4096) if jail is not None else ""
    except JailerError:
        return outcome
    lines = [sanitize(line) for line in text.splitlines() if line.strip()][-LOG_LINES:]
    if not lines:
        return outcome
    return replace(outcome, notes=(*outcome.notes, "Last lines of its console log:", *lines))
