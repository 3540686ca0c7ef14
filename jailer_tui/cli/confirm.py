"""Ask whether the user is still connected, after a change that may have cut the connection."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jailer_core.errors import HostError, Refused, UsageError, first_line
from jailer_core.execution.perform import TICK
from jailer_core.execution.run_steps import confirm, waiting
from jailer_core.plan import AwaitConfirmation, Event, Outcome, Plan, StepEnded, StepStarted
from jailer_core.text import command_line, sanitize
from jailer_tui.cli.command import PROGRAM, Flags
from jailer_tui.cli.session import Session

KEEP = f"{PROGRAM} network keep"


TEST_TIMEOUT = 15.0
"""Seconds that the command of --keep-if may take each time."""


def keep_command(flags: Flags) -> tuple[str, ...]:
    """The command of --keep-if, or (). Raises UsageError."""
    if flags.keep and flags.keep_if:
        raise UsageError("--keep and --keep-if cannot be combined", "Omit one of them.")
    try:
        words = tuple(shlex.split(flags.keep_if))
    except ValueError as error:
        raise UsageError(
            f"--keep-if: {error}", "Quote the command as you would for sh(1)."
        ) from None
    if flags.keep_if and not words:
        raise UsageError(
            "--keep-if needs a command", "For example: --keep-if 'ping -c 1 192.0.2.1'"
        )
    return words


def cuts(plan: Plan) -> bool:
    """Whether it may cut the connection over which it is asked for, and waits to be confirmed."""
    return any(isinstance(step.action, AwaitConfirmation) for step in plan.steps)


class ConfirmationPrompt:
    """Asks while the plan waits; `emit` is given to `execute`, and hands every event on.

    `kept_by` is what confirmed it here: an option, or a key; "" for nothing.
    """

    def __init__(self, session: Session, plan: Plan, emit: Callable[[Event], None]) -> None:
        self._session = session
        self._plan = plan
        self._emit = emit
        self._asking: asyncio.Task[None] | None = None
        self._command = keep_command(session.flags)
        self._last = ""
        self.kept_by = ""

    def as_json(self, outcome: Outcome) -> dict[str, Any]:
        """How a change that may cut the connection was confirmed, as JSON; null for others."""
        guarded = cuts(self._plan)
        kept = outcome.ok if guarded else None
        by = (self.kept_by or KEEP) if kept else None
        return {"guarded": guarded, "kept": kept, "kept_by": by}

    def emit(self, event: Event) -> None:
        """Start to ask with the step that waits, and stop with its end."""
        self._emit(event)
        if not isinstance(event, StepStarted | StepEnded) or event.undoing:
            return
        action = self._plan.steps[event.index].action
        if not isinstance(action, AwaitConfirmation):
            return
        if isinstance(event, StepStarted):
            self._asking = asyncio.ensure_future(self._ask(action))
        elif self._asking is not None:
            self._asking.cancel()
            if self._command and not event.ok:
                line = self._last or "it did not finish"
                self._session.say(f"      {command_line(self._command)}: {sanitize(line)}")

    async def _ask(self, hold: AwaitConfirmation) -> None:
        if self._session.flags.keep:
            await self._keep(hold, "--keep")
        elif self._command:
            await self._test(hold)
        elif not self._session.terminal.can_ask:
            self._session.say(f"      confirm over another connection: {KEEP}")
            self._session.say("      (in a script: --keep, or --keep-if COMMAND)")
        elif await self._session.terminal.enter(
            f"Still connected? Press enter within {hold.seconds:g} s: "
        ):
            await self._keep(hold, "enter")

    async def _keep(self, hold: AwaitConfirmation, by: str) -> None:
        await confirm(self._session.host, hold.plan_hash)
        self.kept_by = by

    async def _test(self, hold: AwaitConfirmation) -> None:
        """Ask the host again and again, until the command ends with status 0 or time is up."""
        host = self._session.host
        while True:
            try:
                result = await host.run(self._command, timeout=TEST_TIMEOUT)
            except HostError as error:
                self._last = error.message
            else:
                if result.ok:
                    await self._keep(hold, "--keep-if")
                    return
                self._last = first_line(result.stderr) or f"exit status {result.status}"
            with suppress(HostError):
                await host.run(TICK)


async def keep(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `network keep`: its caller has reached the host."""
    session.may_change()
    inventory = await session.inventory(quick=True)
    waiting_ids = await waiting(session.host, inventory.layout)
    if not waiting_ids:
        raise Refused("no change is waiting for confirmation", "It may already have been undone.")
    for ticket in waiting_ids:
        await confirm(session.host, ticket)
    session.say("confirmed: the change is kept")
    return 0
