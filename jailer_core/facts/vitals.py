"""Read the current load of a host: three commands, whatever the number of jails."""

from __future__ import annotations

import asyncio
from functools import partial

from jailer_core.facts.probes import Probe
from jailer_core.host import Host
from jailer_core.model.vitals import Vitals
from jailer_core.parse import netstat, sysctl, vitals


class VitalsReader:
    """Asks again and again. A command that fails leaves unknown what it would have told."""

    def __init__(self) -> None:
        # -i: without ZFS there is no ARC, and that is no reason to fail  # not recorded: sysctl(8)
        values = partial(sysctl.values, names=vitals.NAMES)
        self._sysctl = Probe("sysctl", ("sysctl", "-i", *vitals.NAMES), values)
        self._netstat = Probe("netstat", ("netstat", "-ibn", "--libxo=json"), netstat.traffic)
        # the second is what it measures over
        self._iostat = Probe("zpool iostat", ("zpool", "iostat", "-Hpy", "1", "1"), vitals.disks)

    async def read(self, host: Host) -> Vitals:
        """One reading; never raises what a host can cause."""
        async with asyncio.TaskGroup() as group:
            values = group.create_task(self._sysctl.ask(host))
            traffic = group.create_task(self._netstat.ask(host))
            disks = group.create_task(self._iostat.ask(host))
            taken = host.uptime()
        known = values.result() or {}
        busy, ticks = vitals.ticks(known) or (None, None)
        memory, used, arc = vitals.memory(known)
        return Vitals(taken, busy, ticks, memory, used, arc, traffic.result(), disks.result())
