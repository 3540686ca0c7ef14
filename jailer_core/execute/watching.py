"""How far a step has come, told while it runs: a file that grows, or lines that are counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from jailer_core.errors import HostError
from jailer_core.execute.course import Course, Ran
from jailer_core.plan import Progress

EVERY = 0.5
"""Seconds between two looks at a file that grows."""


@asynccontextmanager
async def watching(course: Course, ran: Ran) -> AsyncIterator[None]:
    """Tell the size of the file that a step makes, as long as the step runs, and at its end."""
    step = ran.step
    if not step.grows:
        yield
        return
    looking = asyncio.ensure_future(_look(course, ran))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await _tell(course, ran)


async def _look(course: Course, ran: Ran) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await _tell(course, ran)


async def _tell(course: Course, ran: Ran) -> None:
    """fetch(1) prints nothing before its end when nobody watches (recording 02)."""
    with suppress(HostError):
        stamps = await course.host.stat([ran.step.grows])
        if ran.step.grows in stamps:
            size = stamps[ran.step.grows].size
            course.tell(Progress(ran.index, size, ran.step.total))
