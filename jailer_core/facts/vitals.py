"""The current load of a host, and the health and use of its pools.

Read the current load of a host: three commands, whatever the number of jails.

Health of pools and what uses their space: two commands, whatever the number of jails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from jailer_core.facts.probes import Probe
from jailer_core.host import Host
from jailer_core.model.host import Vitals
from jailer_core.model.storage import PoolStatus, SpaceUse
from jailer_core.parse import network_tables, sysctl, zfs
from jailer_core.parse.base import Parsed, each, lines, tabbed, whole


class VitalsReader:
    """Reads repeatedly. What a failed command would have shown is unknown."""

    def __init__(self) -> None:
        # -i: without ZFS there is no ARC, and that is no reason to fail  # not recorded: sysctl(8)
        values = partial(sysctl.values, names=sysctl.VITALS)
        self._sysctl = Probe("sysctl", ("sysctl", "-i", *sysctl.VITALS), values)
        self._netstat = Probe(
            "netstat", ("netstat", "-ibn", "--libxo=json"), network_tables.traffic
        )
        # the second is what it measures over
        self._iostat = Probe("zpool iostat", ("zpool", "iostat", "-Hpy", "1", "1"), sysctl.disks)

    async def read(self, host: Host) -> Vitals:
        """One reading; never raises what a host can cause."""
        async with asyncio.TaskGroup() as group:
            values = group.create_task(self._sysctl.ask(host))
            traffic = group.create_task(self._netstat.ask(host))
            disks = group.create_task(self._iostat.ask(host))
            taken = host.uptime()
        known = values.result() or {}
        busy, ticks = sysctl.ticks(known) or (None, None)
        memory, used, arc = sysctl.memory(known)
        return Vitals(taken, busy, ticks, memory, used, arc, traffic.result(), disks.result())


COLUMNS = (
    *("name", "used", "usedbysnapshots", "usedbydataset", "usedbychildren"),
    *("usedbyrefreservation", "referenced"),
)
"""Recordings 08 and 14 show each of them, though not in one list."""


@dataclass(frozen=True, slots=True)
class Storage:
    """One reading; `pools` None while zpool status fails, `use` None while zfs list does."""

    pools: tuple[PoolStatus, ...] | None = None
    use: Mapping[str, SpaceUse] | None = None
    problems: tuple[str, ...] = field(default=())


def space(text: str) -> Parsed[dict[str, SpaceUse]]:
    """`zfs list -Hp -o COLUMNS`."""

    def row(line: str) -> tuple[str, SpaceUse]:
        name, *numbers = tabbed("zfs list", line, len(COLUMNS))
        return name, SpaceUse(name, *(whole("zfs list", number) for number in numbers))

    return each(row, lines(text)).map(dict)


class StorageReader:
    """Reads repeatedly."""

    def __init__(self) -> None:
        self._status = Probe("zpool status", ("zpool", "status"), zfs.pool_status)
        argv = ("zfs", "list", "-Hp", "-o", ",".join(COLUMNS), "-t", "filesystem,volume")
        self._space = Probe("zfs list", argv, space)

    async def read(self, host: Host) -> Storage:
        """One reading; never raises what a host can cause."""
        pools, use = await asyncio.gather(self._status.ask(host), self._space.ask(host))
        problems = tuple(
            f"{probe.source}: {probe.problem.message}"
            for probe in (self._status, self._space)
            if probe.problem is not None
        )
        return Storage(pools, use, problems)


async def frees(host: Host, dataset: str, first: str, last: str) -> int | None:
    """What destroying a range of snapshots would free; None when that is not known.

    `zfs destroy -nvp DATASET@FIRST%LAST` (recording 14).
    """
    spec = f"{dataset}@{first}" if first == last else f"{dataset}@{first}%{last}"
    probe = Probe("zfs destroy", ("zfs", "destroy", "-nvp", spec), zfs.reclaimed)
    size = await probe.ask(host)
    return size if probe.problem is None else None
