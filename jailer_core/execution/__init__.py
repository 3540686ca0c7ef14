"""Prepare a plan, carry it out, take it back.

    prepare(reader, request)            read what the request needs, decide
    execute(reader, plan, emit, abort)  lock, read again, compare, journal, steps, undo
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
from dataclasses import replace
from weakref import WeakKeyDictionary

from jailer_core.errors import Already, HostError, JailerError, Refused
from jailer_core.execution import interrupted
from jailer_core.execution.plan_run import PlanRun
from jailer_core.execution.run_steps import run_steps
from jailer_core.facts import Reader
from jailer_core.host import libzfs
from jailer_core.journal import Journal
from jailer_core.model import Inventory
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

__all__ = ["execute", "finish", "prepare", "with_methods"]

LOG_LINES = 5
LOOKS = 3
"""How often more is asked because of what was told."""
PAUSE = 0.25
"""Seconds between two looks at something that comes true by itself."""

_needs: WeakKeyDictionary[Reader, tuple[Request, Needs]] = WeakKeyDictionary()
"""What the last request needed: it is the one that is carried out next, and saves a look."""

_running: set[asyncio.Task[Outcome]] = set()


async def prepare(reader: Reader, request: Request) -> Plan:
    """Read the host as far as the request needs it and decide.

    Raises Refused with the reason, and HostError or ParseError when the host cannot be read.
    """
    return (await _decide(reader, request))[1]


async def _decide(reader: Reader, request: Request) -> tuple[Inventory, Plan]:
    known = _needs.get(reader)
    if known is not None and known[0] == request:
        wanted = known[1]
    else:
        wanted = needs(await reader.gather(quick=True), request)
    inventory = await reader.gather(wanted)
    for _ in range(LOOKS):
        # what was told may be what the next question depends on
        if needs(inventory, request) == wanted:
            break
        wanted = needs(inventory, request)
        inventory = await reader.gather(wanted)
    _needs[reader] = (request, wanted)
    return inventory, await with_methods(reader, decide(inventory, request))


async def with_methods(reader: Reader, plan: Plan) -> Plan:
    """The plan, with a note on which of its steps go through a library instead of a command."""
    commands = [step.action.argv if isinstance(step.action, Run) else None for step in plan.steps]
    said = await libzfs.describe(reader.host, commands)
    return replace(plan, notes=(*plan.notes, said)) if said else plan


async def execute(
    reader: Reader,
    plan: Plan,
    emit: Callable[[Event], None],
    abort: asyncio.Event,
    *,
    pause: float = PAUSE,
) -> Outcome:
    """Carry a plan out under the host's lock, and say what became of it; never raises JailerError.

    Events come as they happen. Setting `abort` ends the running command and undoes; during the
    undo it is ignored. Cancelling the caller does not end the plan: see `finish`.
    """
    task = asyncio.create_task(_guarded(reader, plan, emit, abort, pause))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)


async def finish() -> None:
    """Wait until every plan that is under way has ended."""
    while _running:
        await asyncio.wait(set(_running))


async def _guarded(
    reader: Reader,
    plan: Plan,
    emit: Callable[[Event], None],
    abort: asyncio.Event,
    pause: float,
) -> Outcome:
    host = reader.host
    began = host.uptime()
    try:
        async with host.lock():
            outcome = await _locked(reader, plan, emit, abort, pause)
    except Already as error:
        outcome = Outcome(
            OutcomeStatus.NOTHING, plan, sanitize(error.message), sanitize(error.hint)
        )
    except Refused as error:
        outcome = Outcome(
            OutcomeStatus.REFUSED, plan, sanitize(error.message), sanitize(error.hint)
        )
    except JailerError as error:
        outcome = Outcome(OutcomeStatus.FAILED, plan, sanitize(error.message), sanitize(error.hint))
    return replace(outcome, seconds=host.uptime() - began)


async def _locked(
    reader: Reader,
    plan: Plan,
    emit: Callable[[Event], None],
    abort: asyncio.Event,
    pause: float,
) -> Outcome:
    """Everything up to the first step may raise; nothing was changed then."""
    inventory, fresh = await _decide(reader, plan.request)
    if fresh.steps != plan.steps:
        return Outcome(
            OutcomeStatus.CHANGED,
            fresh,
            "the host has changed since this plan was shown",
            "Look at the new plan.",
        )
    cut = await interrupted.check_allowed(reader.host, inventory, fresh.request)
    if not fresh.steps:
        await interrupted.mark_resolved(reader.host, inventory, fresh.request, cut, "")
        return Outcome(OutcomeStatus.NOTHING, fresh, notes=fresh.notes)
    if inventory.host.uid is None:
        raise Refused("who runs this could not be found out", "See the problems: id -u.")
    if not inventory.host.root:
        raise Refused("only root may change jails", "Start the program with doas or sudo.")
    journal = await Journal.begin(reader.host, inventory.layout.state, fresh)
    course = PlanRun(reader.host, fresh, journal, emit)
    course.publish(Journaled(journal.id))
    outcome = await run_steps(course, abort, pause)
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
            text = await reader.end_of(last.step.log, 4096)
        else:
            text = await reader.log(jail, 4096) if jail is not None else ""
    except JailerError:
        return outcome
    lines = [sanitize(line) for line in text.splitlines() if line.strip()][-LOG_LINES:]
    if not lines:
        return outcome
    return replace(outcome, notes=(*outcome.notes, "The last lines of its console log:", *lines))
