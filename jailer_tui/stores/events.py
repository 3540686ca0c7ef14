"""Events while the program was open: jails that started and stopped, and failures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from jailer_core.model import Inventory, Jail, JailState

if TYPE_CHECKING:
    from jailer_core.parse.rctl import Limit

KEPT = 1000


class Kind(StrEnum):
    """What happened. The values are `{what}` of a `notify` command."""

    STARTED = "started"
    STOPPED = "stopped"
    DIED = "died"
    FAILED = "failed"
    POOL = "pool"
    MEMORY = "memory"


ANNOUNCED = (Kind.DIED, Kind.FAILED, Kind.POOL, Kind.MEMORY)
"""What is announced."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, at a time of the host; `jail` is "" where it is about none."""

    when: float
    kind: Kind
    jail: str = ""
    text: str = ""


class EventLog:
    """The last events, the newest last; `heard` gets each of them."""

    def __init__(self, heard: Callable[[Event], None]) -> None:
        self.all: deque[Event] = deque(maxlen=KEPT)
        self._heard = heard

    def add(self, event: Event) -> None:
        """One more."""
        self.all.append(event)
        self._heard(event)


def started(old: Inventory, new: Inventory) -> list[Jail]:
    """Jails that run now, and did not before."""
    before = _running(old)
    return [jail for name, jail in _running(new).items() if name not in before]


def stopped(old: Inventory, new: Inventory) -> list[Jail]:
    """Jails that ran before and do not now, as they were; those that are gone for good too."""
    after = _running(new)
    return [jail for name, jail in _running(old).items() if name not in after]


def degraded(old: Inventory, new: Inventory) -> list[tuple[str, str]]:
    """Pools whose health is worse than before: name and health."""
    before = {pool.name: pool.health for pool in old.pools or ()}
    return [
        (pool.name, pool.health)
        for pool in new.pools or ()
        if pool.health != "ONLINE" and before.get(pool.name, pool.health) != pool.health
    ]


NEAR = 0.9
"""What part of a memory limit counts as reached."""


def memory_limits(limits: Iterable[Limit]) -> Mapping[str, int]:
    """The least memory limit of each jail."""
    counts: dict[str, int] = {}
    for limit in limits:
        kind, _, name = limit.subject.partition(":")
        if kind == "jail" and limit.resource == "memoryuse" and limit.amount.isdecimal():
            counts[name] = min(int(limit.amount), counts.get(name, int(limit.amount)))
    return counts


def at_limit(inventory: Inventory, limits: Iterable[Limit]) -> set[str]:
    """Jails that use as much memory as they may."""
    most = memory_limits(limits)
    if not most:
        return set()
    return {
        jail.name
        for jail in inventory.jails
        if jail.memory is not None and jail.memory >= NEAR * most.get(jail.name, 1 << 62)
    }


def is_known(inventory: Inventory) -> bool:
    """Whether the jails could be read: else nothing is known of who came and went."""
    return not any(problem.source == "jls" for problem in inventory.problems)


def _running(inventory: Inventory) -> dict[str, Jail]:
    return {jail.name: jail for jail in inventory.jails if jail.state is JailState.RUNNING}


STOP_SIGNS = (".", "Stopping ", "Terminated", "Waiting for PIDS")
"""How rc.shutdown ends in a console log."""  # not recorded


def was_shut_down(log: Collection[str]) -> bool:
    """Whether the end of a console log shows that the jail was stopped in order."""
    lines = [line.strip() for line in log if line.strip()]
    return bool(lines) and lines[-1].startswith(STOP_SIGNS)
