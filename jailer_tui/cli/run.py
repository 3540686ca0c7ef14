"""start, stop, restart, destroy, for one jail or all: one plan after the other."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from jailer_core.errors import Already, JailerError, Refused
from jailer_core.execution import execute, finish, prepare
from jailer_core.model.network import MAIN as PF_CONF
from jailer_core.operations.jails.requests import Restart, Start, StartAll, Stop
from jailer_core.operations.registry import expand
from jailer_core.operations.spec import Confirm, spec_of
from jailer_core.operations.updates.requests import Rebase
from jailer_core.plan import (
    Outcome,
    OutcomeStatus,
    Plan,
    Request,
    Run,
    WriteFile,
)
from jailer_core.text import sanitize
from jailer_tui.cli import confirm, render
from jailer_tui.cli.session import Session

TRIES = 3
"""How often a plan is made again because the host changed since it was shown."""

Wanted = tuple[str, Request]
"""What a result is called (a jail, an entry of the trash), and the request."""

Shown = Callable[[Plan], Iterable[str]]


def stamp(session: Session) -> str:
    """The current time as letters and digits, for names in the trash."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(session.host.clock()))


async def every(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `startall` or `stopall`."""
    session.may_change()
    request = session.request()
    inventory = await session.inventory()
    requests = expand(inventory, request)
    if not requests:
        state = f"are already {'running' if isinstance(request, StartAll) else 'stopped'}"
        return nothing(session, request.op, f"all jails of Jailer TUI {state}")
    return await carry_out(
        session, [(getattr(request, "name", ""), request) for request in requests]
    )


def nothing(session: Session, op: str, sentence: str) -> int:
    """Say that no jail needs anything. Returns the exit status."""
    session.show([render.nothing_as_json("", op, sentence)], sanitize(sentence))
    return 1 if session.flags.strict else 0


async def carry_out(
    session: Session,
    work: Sequence[Wanted],
    shown: Shown = render.shown,
    *,
    stop_early: bool = False,
) -> int:
    """One after the other; one that fails does not stop the others. The exit status.

    `shown` makes the lines of a dry run. `stop_early`: after one that fails, no others are begun.
    """
    session.may_change()
    stop_early = stop_early or session.flags.on("stop_early")
    batch = uuid.uuid4().hex if len(work) > 1 else ""
    confirm.keep_command(session.flags)
    results: list[dict[str, Any]] = []
    good = True
    for name, request in work:
        about = name if len(work) > 1 else ""  # the fault may be an option's
        try:
            _may_start(session, early=not good and stop_early)
            result = await _result(session, name, request, batch, shown)
        except JailerError as error:
            if isinstance(error, Already) and not session.flags.strict:
                session.say(sanitize(error.message))
                result = render.nothing_as_json(name, request.op, error.message)
            else:
                session.terminal.failed(error, about)
                result = render.refusal_as_json(name, request.op, error)
        good = good and result.get("ok", True)
        results.append(result)
    if session.flags.json:
        session.json(results)
    return 0 if good else 1


def _may_start(session: Session, *, early: bool) -> None:
    """Raises Refused when nothing more is started. `early`: after one that failed."""
    if session.interrupts.stopped:
        raise Refused("not started: interrupted")
    if early:
        raise Refused("not started: an earlier one failed")


async def _result(
    session: Session, name: str, request: Request, batch: str, shown: Shown
) -> dict[str, Any]:
    """Carry out one request, or show what it would do; as JSON. Raises JailerError."""
    if session.flags.dry_run:
        plan = await prepare(session.reader, request)
        if not session.flags.json:
            session.terminal.out("\n".join(shown(plan)))
        return render.plan_as_json(name, plan)
    outcome, asking = await _one(session, request, batch)
    _tell(session, name, outcome)
    same = outcome.status is OutcomeStatus.NOTHING
    result = render.as_json(name, outcome) | asking.as_json(outcome)
    return result | {"ok": outcome.ok and not (same and session.flags.strict)}


async def _one(
    session: Session, request: Request, batch: str
) -> tuple[Outcome, confirm.ConfirmationPrompt]:
    """Make the plan, ask where it destroys, run it; start over when the host has changed."""
    plan = replace(await prepare(session.reader, request), batch=batch)
    for _ in range(TRIES):
        await _confirmed(session, plan)
        session.say(sanitize(plan.title))
        for warning in dict.fromkeys(step.warning for step in plan.steps if step.warning):
            session.say(f"  ! {sanitize(warning)}")
        telling = render.ProgressPrinter(session.say, plan)
        with session.interrupts.changing():
            try:
                asking = confirm.ConfirmationPrompt(session, plan, telling.emit)
                outcome = await execute(session.reader, plan, asking.emit, session.interrupts.abort)
            finally:
                await finish()
        if outcome.status is not OutcomeStatus.CHANGED or session.interrupts.stopped:
            break
        session.say("  the host has changed in the meantime; here is the new plan")
        plan = outcome.plan
    return outcome, asking


async def _confirmed(session: Session, plan: Plan) -> None:
    """Raises Refused unless a plan that destroys is wanted."""
    if not plan.steps:
        return
    production = session.entry is not None and session.entry.production
    if session.flags.yes:
        if production and plan.confirm and session.name not in session.flags.production:
            raise Refused(
                f"{_danger(plan)}, and {session.name} is a production host",
                f"Add --production {session.name} to -y, or type its name on a terminal.",
            )
        return
    if not plan.confirm:
        if spec_of(plan.request).confirm is Confirm.PLAN or _of_host(plan):
            await _agreed(session, plan)
        return
    terminal = session.terminal
    if not terminal.can_ask:
        hint = "Use -y to skip the question, or -D to see what would be done."
        if production:
            hint = f"Use -y and --production {session.name}, or -D to see what would be done."
        if confirm.cuts(plan):
            hint += " --keep or --keep-if COMMAND confirms it."
        raise Refused(f"{_danger(plan)}, and there is no terminal to ask on", hint)
    terminal.err("\n".join(render.shown(plan)))
    name = session.name if production else plan.confirm
    shown = sanitize(name)
    about = f" (a production host; this is about {sanitize(plan.confirm)})"
    asked = f"Type {shown}{'' if name == plan.confirm else about} to continue: "
    if await terminal.ask(asked) not in (name, shown):
        raise Refused("not confirmed: nothing was changed")


def _danger(plan: Plan) -> str:
    """What is confirmed by typing a name."""
    name = sanitize(plan.confirm)
    if confirm.cuts(plan):
        return f"this may cut your connection over {name}"
    if plan.request.op not in (Start.op, Stop.op, Restart.op):
        return f"this destroys {name}"
    if any(step.irreversible_because for step in plan.steps):
        return f"{name} cannot be started again from here"
    return f"this removes part of the network of {name}"


def _of_host(plan: Plan) -> bool:
    """Whether it changes the packet filter of the host itself: expected when asking for NAT."""
    actions = [step.action for step in plan.steps]
    return any(
        (isinstance(action, WriteFile) and action.path == PF_CONF)
        or (isinstance(action, Run) and action.argv[:2] == ("service", "pf"))
        for action in actions
    )


async def _agreed(session: Session, plan: Plan) -> None:
    """Changes of the host itself are shown and asked about, as `jailer` does."""
    terminal = session.terminal
    if not terminal.can_ask:
        of_jail = plan.jail and not _of_host(plan)
        what = f"the jail {sanitize(plan.jail)}" if of_jail else "the host"
        raise Refused(
            f"this changes {what}, and there is no terminal to ask on",
            "Use -y to skip the question, or -D to see what would be done.",
        )
    terminal.err("\n".join(render.shown(plan)))
    if not await terminal.agrees("OK? (y/N) "):
        raise Refused("not confirmed: nothing was changed")


def _tell(session: Session, name: str, outcome: Outcome) -> None:
    if outcome.ok:
        session.say(render.ending(outcome, name))
        for note in (*outcome.notes, *_next(outcome.plan)):
            session.say(f"  {sanitize(note)}")
        return
    session.terminal.fail(outcome.message or outcome.status.value, name=name)
    for line in render.aftermath(outcome):
        session.terminal.err(f"  {line}")


def _next(plan: Plan) -> Iterator[str]:
    """Print the next step."""
    if isinstance(plan.request, Rebase):
        from jailer_core.operations.updates import packages  # noqa: PLC0415 - with its plan

        upgrade = packages.upgrade(plan)
        if upgrade is not None:
            yield f"Next, replace its packages: {packages.command(plan.request.name)}"
