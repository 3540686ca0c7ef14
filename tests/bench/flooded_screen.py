"""The screen while it shows a step that prints without end."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from jailer_core.execution import prepare
from jailer_core.host import Line, Result
from jailer_core.host.local import LocalHost
from jailer_core.operations.jails.requests import Start
from jailer_tui.dialogs.progress import ProgressDialog
from tests.bench.figures import Figure
from tests.bench.spawning import FLOODS, turns
from tests.tui.harness import opened

SECONDS = 3.0


def flooded_screen() -> Iterator[Figure]:
    """How long keys wait, and how long it takes to abort the step and take it back."""
    for name, code in FLOODS.items():
        if code.startswith("import"):
            longest, abort = asyncio.run(_shown(code))
            yield Figure(f"on the screen, {name}: keys wait at most", longest, "s", 0.5)
            yield Figure(f"on the screen, {name}: abort and undo take", abort, "s", 1.0)


async def _shown(code: str) -> tuple[float, float]:
    async with opened() as stage:
        local, stream = LocalHost(), stage.host.stream

        async def flood(commands: Sequence[Sequence[str]], line: Line, **options: Any) -> Result:
            if commands[0][0] == "jail" and "-c" in commands[0]:
                argv = [sys.executable, "-I", "-S", "-c", code]
                return await local.stream([argv], line, timeout=60.0)
            return await stream(commands, line, **options)

        stage.host.stream = flood  # type: ignore[method-assign]
        job = stage.app.jobs.start(await prepare(stage.app.reader, Start("db01")))
        stage.app.push_screen(ProgressDialog(job))
        await asyncio.sleep(1.0)
        measuring = asyncio.create_task(turns())
        await asyncio.sleep(SECONDS)
        measuring.cancel()
        longest = await measuring
        began = time.monotonic()
        job.abort.set()
        while not job.over:  # noqa: ASYNC110 - it is what is measured
            await asyncio.sleep(0.01)
        return longest, time.monotonic() - began
