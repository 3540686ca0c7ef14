"""The jails that use most of the CPU, of memory, of the disk and of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jailer_core.model import Inventory, Jail
from jailer_core.model.network import Rate, rate
from jailer_core.model.vitals import Vitals
from jailer_core.text import human_bytes, sanitize
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Line, Span, fit, percent
from jailer_tui.presenters.overview.graphs import speed

COUNT = 5
NOTES = (
    "Disk reads and writes of a jail: see its limits.",
    "NETWORK: only jails with their own network.",
)
"""Shown where there is room: FreeBSD counts neither per jail."""


def rates(before: Vitals | None, now: Vitals | None) -> Mapping[str, Rate]:
    """Bytes a second of each interface of the host between two readings."""
    if before is None or now is None or before.traffic is None or now.traffic is None:
        return {}
    seconds = now.taken - before.taken
    values = {}
    for name, counters in now.traffic.items():
        old = before.traffic.get(name)
        passed = rate(old, counters, seconds) if old is not None else None
        if passed is not None:
            values[name] = passed
    return values


def traffic(jail: Jail, known: Mapping[str, Rate]) -> float | None:
    """Bytes a second of a jail with an epair of its own; None for others."""
    if jail.config is None:
        return None
    total = None
    for name in jail.config.params.get("vnet.interface", ()):
        # the host keeps the a of the pair, and the jail has the b
        passed = known.get(f"{name[:-1]}a") if name.endswith("b") else None
        if passed is not None:
            total = (total or 0.0) + passed.received + passed.sent
    return total


def busiest(
    inventory: Inventory, known: Mapping[str, Rate], width: int, glyphs: Glyphs
) -> list[Line]:
    """Four lists beside each other."""
    running = [jail for jail in inventory.jails if jail.running]
    columns = (
        ("CPU", _top(running, lambda jail: jail.cpu, percent)),
        ("MEMORY", _top(running, lambda jail: jail.memory, _size)),
        ("DISK SPACE", _top(inventory.jails, lambda jail: jail.disk, _size)),
        ("NETWORK", _top(running, lambda jail: traffic(jail, known), speed)),
    )
    width_each = max(12, width // len(columns))
    lines: list[Line] = [tuple((fit(title, width_each, glyphs), "dim") for title, _ in columns)]
    for index in range(COUNT):
        spans: list[Span] = []
        for _, rows in columns:
            name, value = rows[index] if index < len(rows) else ("", "")
            spans.append((fit(name, width_each - 9, glyphs), "text"))
            spans.append((f"{value:>7}  ", "strong"))
        lines.append(tuple(spans))
    return [*lines, (), *(((text, "dim"),) for text in NOTES)]


def _top(
    jails: Sequence[Jail], value: Callable[[Jail], float | None], shown: Callable[[float], str]
) -> list[tuple[str, str]]:
    ranked = sorted((-number, jail.name) for jail in jails if (number := value(jail)))
    return [(sanitize(name), shown(-number)) for number, name in ranked[:COUNT]]


def _size(value: float) -> str:
    return human_bytes(int(value))
