"""The protocol of a host that runs plans itself, at the other end of a connection.

Only a remote host does. Its agent runs the same `execution.execute` as the local host has, so a
plan goes on, or takes itself back, when the connection breaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from jailer_core.host import Host

if TYPE_CHECKING:
    from jailer_core.plan import Event, Outcome, Plan


class Executor(Protocol):
    """What a host may offer."""

    async def execute(
        self, plan: Plan, emit: Callable[[Event], None], abort: asyncio.Event, pause: float
    ) -> Outcome:
        """Run a plan over there. Raises JailerError when it was not even begun."""


def of(host: Host) -> Executor | None:
    """The executor of a host that has one."""
    executor: Executor | None = getattr(host, "executor", None)
    return executor
