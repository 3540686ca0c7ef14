"""Changes on a screen: asking for one, the last one, one that hangs."""

from __future__ import annotations

import asyncio

from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.stores.job import Job
from tests.tui.harness import Stage


def last(it: Stage) -> Job:
    work = it.app.jobs.all[-1]
    assert isinstance(work, Job)
    return work


async def asked(it: Stage, name: str, key: str) -> PreviewDialog:
    await it.go_to(name)
    await it.press(key)
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    assert isinstance(it.app.screen, PreviewDialog)
    return it.app.screen


def hold(it: Stage) -> None:
    """What hangs on this host hangs until it is ended."""
    gate = it.host._wait

    async def never(seconds: float, limit: float) -> None:
        if seconds > 1000:
            await asyncio.Event().wait()
        await gate(seconds, limit)

    it.host._wait = never  # type: ignore[method-assign]
