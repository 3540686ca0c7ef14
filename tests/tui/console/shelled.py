"""The program on a simulated host whose consoles are real shells of this machine.

python -m tests.tui.console.shelled    the screen; SIGUSR2 makes it fail from within
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from jailer_core.host import Pty
from jailer_core.host.local.pty import LocalPty
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.app import JailerApp
from jailer_tui.shutdown import run_and_end
from jailer_tui.terminal_options import Options

SHELL = "/bin/sh"


class Shelled(SimulatedHost):
    """`jexec` is a shell here; how it was called is in `opened`."""

    shells: set[LocalPty]
    opened: list[tuple[str, ...]]

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        self.shells = getattr(self, "shells", set())
        self.opened = [*getattr(self, "opened", []), tuple(argv)]
        return await LocalPty.open([SHELL], size, term, self.shells)

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in list(getattr(self, "shells", ()))))
        await super().close()


class Failing(JailerApp):
    """Ours; it fails when it is told to."""

    def on_mount(self) -> None:
        super().on_mount()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR2, lambda: self.run_worker(self._fail()))

    async def _fail(self) -> None:
        raise LookupError("told to fail")


if __name__ == "__main__":
    host = Shelled(scenarios.build("small"), pace=0.3, live=True)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    sys.exit(run_and_end(Failing(host, options=Options(interval=3600.0))))
