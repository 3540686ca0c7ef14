"""Plans for a thousand jails: time until the preview, and until the first feedback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

from textual.events import Key
from textual.screen import Screen

from jailer_core.simulator.host import SimulatedHost
from jailer_tui.app import JailerApp
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.state import AppState
from jailer_tui.terminal_options import Options
from tests.bench.figures import Figure
from tests.bench.refresh import machine_of

JAILS = 1000
READY, FEEDBACK = 1.0, 0.1
KEYS = {"S": "stop", "r": "restart", "s": "start"}


class Watched(JailerApp):
    """Notes the processor time at which it says that it plans, and at which it shows the plan."""

    feedback = preview = 0.0

    def set_view(self, view: AppState) -> None:
        """See JailerApp."""
        if view.reading and not self.view.reading:
            self.feedback = time.process_time()
        super().set_view(view)

    def push_screen(self, screen: Screen[object], *arguments: object, **named: object) -> object:  # type: ignore[override]
        """See App."""
        if isinstance(screen, PreviewDialog):
            self.preview = time.process_time()
        return super().push_screen(screen, *arguments, **named)


async def _until(happened: Callable[[], object]) -> None:
    while not happened():  # noqa: ASYNC110 - what is measured knows of no event
        await asyncio.sleep(0.005)


async def _measured() -> list[Figure]:
    app = Watched(SimulatedHost(machine_of(JAILS)), options=Options(interval=3600.0))
    figures = []
    async with app.run_test(size=(80, 24)) as pilot:
        await app.session.live.once()
        await pilot.press("a")
        for key, name in KEYS.items():
            app.feedback = app.preview = 0.0
            began = time.process_time()
            app.post_message(Key(key, key))
            await _until(lambda: app.preview)
            note = "the simulated host's own work included"
            took = app.preview - began
            figures.append(Figure(f"{name} of {JAILS} jails: planned", took, "s", READY, note))
            said = app.feedback - began
            figures.append(Figure(f"{name} of {JAILS} jails: said so", said, "s", FEEDBACK))
            await pilot.press("escape")
    return figures


def planning() -> Iterator[Figure]:
    """See the module. Processor time: a busy machine does not make it more."""
    yield from asyncio.run(_measured())
