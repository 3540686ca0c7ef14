"""Whether what is printed is still seen: a change that may have cut the connection asks that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jailer_core.errors import Refused
from jailer_core.execute.holding import confirm, waiting
from jailer_core.plan import Event, Hold, Plan, StepEnded, StepStarted
from jailer_tui.commandline.session import Session
from jailer_tui.commandline.word import PROGRAM

KEEP = f"{PROGRAM} network keep"


class Still:
    """Asks while the plan waits; `emit` is given to `execute`, and hands every event on."""

    def __init__(self, session: Session, plan: Plan, emit: Callable[[Event], None]) -> None:
        self._session = session
        self._plan = plan
        self._emit = emit
        self._asking: asyncio.Task[None] | None = None

    def emit(self, event: Event) -> None:
        """Begin to ask, or stop, with the step that waits."""
        self._emit(event)
        if not isinstance(event, StepStarted | StepEnded) or event.undoing:
            return
        action = self._plan.steps[event.index].action
        if not isinstance(action, Hold):
            return
        if isinstance(event, StepStarted):
            self._asking = asyncio.ensure_future(self._ask(action))
        elif self._asking is not None:
            self._asking.cancel()

    async def _ask(self, hold: Hold) -> None:
        terminal = self._session.terminal
        if not terminal.can_ask:
            self._session.say(f"      confirm it over another connection: {KEEP}")
            return
        if await terminal.enter(f"Still there? Press enter within {hold.seconds:g} s: "):
            await confirm(self._session.host, hold.ticket)


async def keep(session: Session, _operands: tuple[str, ...]) -> int:
    """Carry `network keep` out: who can call it has reached the host."""
    session.may_change()
    inventory = await session.inventory(quick=True)
    found = await waiting(session.host, inventory.layout)
    if not found:
        raise Refused("nothing waits to be confirmed", "It may have been taken back already.")
    for ticket in found:
        await confirm(session.host, ticket)
    session.say("confirmed: what was changed stays")
    return 0
