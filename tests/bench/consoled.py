"""A console in the program, for measuring: python -m tests.bench.consoled REPORT COMMAND...

The command runs where a jail's login session would; when it has ended, REPORT (a file) holds what
was measured, as JSON, and the program leaves. With the command `-` a shell idles for some seconds.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from jailer_core.host import Pty
from jailer_core.host.local.pty import LocalPty
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.app import JailerApp
from jailer_tui.screens.console import ConsoleScreen
from jailer_tui.terminal_options import Options

IDLE = 5.0


class Bench(SimulatedHost):
    """A console of it is that command."""

    command: list[str]

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        return await LocalPty.open(self.command, size, term, set())


class Benched(JailerApp):
    """Opens a console at the start, and quits when that has ended."""

    report: Path
    idle: bool

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(self.measure())

    async def measure(self) -> None:
        while not self.view.full:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.05)
        jail = next(one for one in self.view.jails if one.running)
        self.push_screen(ConsoleScreen(self.view, jail))
        while not self.session.consoles.all:  # noqa: ASYNC110
            await asyncio.sleep(0)
        if self.idle:
            await asyncio.sleep(1.0)
        beats = asyncio.create_task(self.reactions())
        began, before = time.perf_counter(), cpu()
        if self.idle:
            beats.cancel()
            await asyncio.sleep(IDLE)
        while self.session.consoles.alive and not self.idle:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        took, used = time.perf_counter() - began, cpu() - before
        self.report.write_text(
            json.dumps({"seconds": took, "cpu": used, "reactions": self.found}), encoding="ascii"
        )
        self.exit(0)

    found: list[float]

    async def reactions(self) -> None:
        """How long it takes from something that happens to when the program looks at it."""
        while True:
            await asyncio.sleep(0.03)
            asked = time.perf_counter()
            done = asyncio.Event()
            self.call_later(done.set)
            await done.wait()
            self.found.append(time.perf_counter() - asked)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    host = Bench(scenarios.build("small"))
    host.command = ["/bin/sh"] if sys.argv[2] == "-" else sys.argv[2:]
    app = Benched(host, options=Options(interval=3600.0))
    app.report, app.idle, app.found = Path(sys.argv[1]), sys.argv[2] == "-", []
    app.run()
