"""Health of pools and what uses their space: two commands, whatever the number of jails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from jailer_core.facts.probes import Probe
from jailer_core.host import Host
from jailer_core.model.pool_status import PoolStatus, SpaceUse
from jailer_core.parse import zfs, zpool_status
from jailer_core.parse.base import Parsed, each, lines, tabbed, whole

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
    """Asks again and again."""

    def __init__(self) -> None:
        self._status = Probe("zpool status", ("zpool", "status"), zpool_status.status)
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
