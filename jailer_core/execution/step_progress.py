"""Progress of a running step, measured by a growing file or by counting lines.

A file that grows beyond the limit of its step ends it: a server may send forever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from jailer_core.errors import HostError
from jailer_core.execution.plan_run import PlanRun, StepRun
from jailer_core.plan import Progress

EVERY = 0.5
"""Seconds between two looks at a file that grows."""


@dataclass(slots=True)
class Growth:
    """`ended` ends the command: on abort, or when (`too_big`) the file is beyond its limit."""

    ended: asyncio.Event
    too_big: bool = False


@asynccontextmanager
async def watching(course: PlanRun, ran: StepRun, abort: asyncio.Event) -> AsyncIterator[Growth]:
    """Tell the size of the file that a step makes, as long as the step runs, and at its end."""
    step = ran.step
    if not step.growing_file:
        yield Growth(abort)
        return
    growth = Growth(asyncio.Event())
    tasks = [
        asyncio.ensure_future(_look(course, ran, growth)),
        asyncio.ensure_future(_pass_on(abort, growth.ended)),
    ]
    try:
        yield growth
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await _tell(course, ran, growth)


async def _pass_on(abort: asyncio.Event, ended: asyncio.Event) -> None:
    await abort.wait()
    ended.set()


async def _look(course: PlanRun, ran: StepRun, growth: Growth) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await _tell(course, ran, growth)


async def _tell(course: PlanRun, ran: StepRun, growth: Growth) -> None:
    """fetch(1) prints nothing before its end without a terminal (recording 02)."""
    with suppress(HostError):
        stamps = await course.host.stat([ran.step.growing_file])
        if ran.step.growing_file in stamps:
            size = stamps[ran.step.growing_file].size
            course.publish(Progress(ran.index, size, ran.step.total))
            if ran.step.limit and size > ran.step.limit:
                growth.too_big = True
                growth.ended.set()
