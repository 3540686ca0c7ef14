"""Uptimes of jails: asked once for each new jail, then computed."""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.facts.probes import Probe
from jailer_core.host import Host
from jailer_core.parse import ps


class Uptimes:
    """When the oldest process of each jail began, by jid."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}
        self._probe = Probe("ps", ("ps", "-ax", "-o", ps.AGES, "--libxo=json"), ps.ages)

    async def read(self, host: Host, alive: Iterable[int], using: Iterable[int]) -> dict[int, int]:
        """Ages in seconds of the jails that are alive, as far as they ever had a process.

        `using` are those that have processes now.
        One process when there is a new jid, none otherwise. An age is told as exactly as people
        read it, so that a jail that only grows older does not count as changed every second.
        """
        alive_now, in_use = set(alive), set(using)
        self._began = {jid: began for jid, began in self._began.items() if jid in alive_now}
        now = host.uptime()
        if in_use - self._began.keys():
            uptimes = await self._probe.ask(host) or {}
            for jid in in_use & uptimes.keys() - self._began.keys():
                self._began[jid] = now - uptimes[jid]
        return {jid: _rounded(int(now - began)) for jid, began in self._began.items()}


def _rounded(age: int) -> int:
    """Down to the unit that text.human_age shows last."""
    if age < 60:
        return max(0, age)
    return age - age % (60 if age < 86400 else 3600)
