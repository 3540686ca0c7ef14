"""The timeline of events: one line per jail, one mark per event."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from jailer_core.model import Inventory
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.stores.events import Event, Kind
from jailer_tui.theme import Glyphs

T = TypeVar("T")
SPANS: Mapping[int, str] = {
    3600: "hour",
    6 * 3600: "6 hours",
    86400: "day",
    7 * 86400: "week",
    30 * 86400: "30 days",
}
"""How much time the line of a jail can be."""


def around(times: Iterable[T], time: T) -> tuple[int, int]:
    """How many shorter and longer ones there are."""
    every = list(times)
    place = every.index(time)
    return place, len(every) - 1 - place


def zoomed(times: Iterable[T], time: T, by: int) -> T:
    """The time span `by` steps further, or the last in that direction."""
    every = list(times)
    return every[max(0, min(every.index(time) + by, len(every) - 1))]


DIED, FAILED, STARTED, STOPPED, CHANGED, SNAPSHOT = "!xuscn"
_KINDS = {
    Kind.DIED: DIED,
    Kind.MEMORY: DIED,
    Kind.FAILED: FAILED,
    Kind.STARTED: STARTED,
    Kind.STOPPED: STOPPED,
}
_RANK = DIED + FAILED + STOPPED + STARTED + CHANGED + SNAPSHOT
"""Of several things in one cell the first one here is shown."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happened to a jail."""

    jail: str
    when: float
    what: str


def marks(
    inventory: Inventory, events: Iterable[Event], changes: Iterable[tuple[str, float]]
) -> list[Mark]:
    """All that is known; `changes` are jails with the time of a change of theirs."""
    marks = [
        Mark(event.jail, event.when, _KINDS[event.kind])
        for event in events
        if event.jail and event.kind in _KINDS
    ]
    marks += [Mark(jail, when, CHANGED) for jail, when in changes if jail]
    owners = {jail.dataset: jail.name for jail in inventory.jails if jail.dataset}
    for snapshot in inventory.snapshots or ():
        if snapshot.dataset in owners:
            marks.append(Mark(owners[snapshot.dataset], float(snapshot.creation), SNAPSHOT))
    return marks


def line(own: Iterable[Mark], now: float, span: int, width: int, glyphs: Glyphs) -> tuple[str, str]:
    """The marks of one jail as cells, and the tone of the most serious one."""
    cells: dict[int, str] = {}
    for mark in own:
        age = now - mark.when
        if not 0 <= age < span:
            continue
        place = width - 1 - int(age * width / span)
        old = cells.get(place)
        if old is None or _RANK.index(mark.what) < _RANK.index(old):
            cells[place] = mark.what
    signs = {"": (glyphs.waiting, ""), **_signs(glyphs)}
    text = "".join(signs[cells.get(place, "")][0] for place in range(width))
    gravest = min(cells.values(), key=_RANK.index, default="")
    tone = "bad" if gravest in (DIED, FAILED) else "accent" if gravest else "dim"
    return text, tone


def _signs(glyphs: Glyphs) -> Mapping[str, tuple[str, str]]:
    """The sign of each, and its name."""
    return {
        STARTED: (glyphs.up, "started"),
        STOPPED: (glyphs.down, "stopped"),
        DIED: (glyphs.broken, "died"),
        FAILED: (glyphs.failed, "failed"),
        CHANGED: ("c", "changed"),
        SNAPSHOT: ("s", "snapshot"),
    }


def legend(glyphs: Glyphs) -> Line:
    """What the signs mean."""
    spans: list[Span] = []
    for sign, word in _signs(glyphs).values():
        spans += [(f" {sign}", "key"), (f" {word} ", "dim")]
    return tuple(spans)


def scale(now: float, span: int, width: int) -> str:
    """The times at the left end, in the middle and at the right end."""
    form = "%H:%M" if span <= 86400 else "%b %d"
    times = [time.strftime(form, time.localtime(now - span * part)) for part in (1.0, 0.5, 0.0)]
    middle = times[1].center(max(0, width - len(times[0]) - len(times[2])))
    return f"{times[0]}{middle}{times[2]}"[:width]
