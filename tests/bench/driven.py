"""The screen on a thousand jails, with no activity but what SIGUSR1 triggers.

python -m tests.bench.driven quiet    reads the host every half second; nothing ever changes
python -m tests.bench.driven cells    shows another CPU use of the first three jails on SIGUSR1
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
from dataclasses import replace

from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import build
from jailer_tui.app import JailerApp
from jailer_tui.terminal_options import Options

CELLS = 3


class Driven(JailerApp):
    """Ours, with a hand on what it is shown."""

    def on_mount(self) -> None:
        """Listen."""
        super().on_mount()
        self.numbers = itertools.count(20)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.change)

    def change(self) -> None:
        """A refresh in which three cells of visible rows differ from the one before."""
        inventory = self.view.inventory
        if inventory is None:
            return
        names = sorted(one.name for one in inventory.jails)[:CELLS]
        number = float(next(self.numbers))
        jails = tuple(
            replace(one, cpu=number) if one.name in names else one for one in inventory.jails
        )
        self.host_heard(replace(inventory, jails=jails), full=True)


if __name__ == "__main__":
    quiet = sys.argv[1] == "quiet"
    host = SimulatedHost(build("large"))
    Driven(host, options=Options(interval=0.5 if quiet else 3600.0)).run()
