"""Graphs of a host's load, and the jails that use most of it.

Graphs of a host's load over time, in one row or in several.

The jails that use most of the CPU, of memory, of the disk and of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jailer_core.model import Inventory, Jail
from jailer_core.model.host import Vitals
from jailer_core.model.network import Rate, rate
from jailer_core.text import human_bytes, sanitize
from jailer_tui.key_hints import told
from jailer_tui.presenters.jails import Line, Span, fit, percent
from jailer_tui.theme import Glyphs
from jailer_tui.trends import Trends

STEPS: Mapping[float, str] = {2.0: "2 s", 10.0: "10 s", 60.0: "1 min", 600.0: "10 min"}
"""How much time a column can be."""
LABEL, VALUE, SCALE = 5, 24, 7


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: its label, its value in words, its trend, and what its full height means.

    `top` 0: the greatest number that is shown.
    """

    label: str
    value: str
    trend: str
    top: float = 0.0
    unit: str = ""
    tone: str = "accent"


def graphs(inventory: Inventory, vitals: Vitals, trends: Trends) -> list[Graph]:
    """The graphs of a host, in their order."""
    cpu = trends["cpu"].last
    arc = f", ARC {human_bytes(vitals.arc)}" if vitals.arc is not None else ""
    memory = f"{human_bytes(vitals.used)}/{human_bytes(vitals.memory)}{arc}"
    graphs = [
        Graph("CPU", "?" if cpu is None else f"{cpu:.0f}%", "cpu", 100.0, "%"),
        Graph("mem", memory, "memory", 100.0, "%"),
    ]
    for pool in (inventory.pools or ())[:3]:
        used = pool.allocated * 100 / pool.size if pool.size else 0.0
        value = f"{used:.0f}% of {human_bytes(pool.size)}"
        tone = "warn" if used >= 80 else "accent"
        if used >= 90 or pool.health != "ONLINE":
            tone = "bad"
        graphs.append(Graph(sanitize(pool.name), value, f"pool {pool.name}", 100.0, "%", tone))
    read, written = trends["read"].last, trends["written"].last
    graphs.append(Graph("disk", f"r {speed(read)}  w {speed(written)}", "disk", unit="B"))
    received, sent = trends["received"].last, trends["sent"].last
    graphs.append(Graph("net", f"in {speed(received)}  out {speed(sent)}", "net", unit="B"))
    return graphs


def speed(value: float | None) -> str:
    """Bytes in a second."""
    return "?" if value is None else f"{human_bytes(int(value))}/s"


# --- drawing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of graphs: size, time at the right edge, and time per column."""

    width: int
    height: int
    time: float
    step: float
    glyphs: Glyphs

    def rows_of(self, count: int) -> int:
        """How many rows each graph gets: one beside its label, or several below it."""
        height = (self.height - 1) // max(count, 1)
        return 1 if height < 3 else min(8, height - 1)


def lines(all_graphs: Sequence[Graph], trends: Trends, frame: Frame) -> list[Line]:
    """All graphs; each gets the same number of rows."""
    rows = frame.rows_of(len(all_graphs))
    beside = max(8, frame.width - LABEL - VALUE - SCALE - 1)
    count = beside if rows == 1 else max(8, frame.width - SCALE)
    text = f"Each column is {STEPS[frame.step]}. "
    hint = told("{zoom_out} and {zoom_in} change that.")
    hint = hint if len(text + hint) < frame.width else ""
    lines: list[Line] = [((text, "dim"), (hint, "dim"))]
    for graph in all_graphs:
        points = trends[graph.trend].points(frame.time, frame.step, count)
        lines += _one(graph, points, rows, frame.glyphs)
    return lines


def _one(graph: Graph, points: Sequence[float | None], rows: int, glyphs: Glyphs) -> list[Line]:
    known = [point for point in points if point is not None]
    top = graph.top or _nice(max(known, default=0.0))
    scale = f"{top:.0f}%" if graph.unit == "%" else human_bytes(int(top))
    label: tuple[Span, ...] = (
        (f"{fit(graph.label, LABEL, glyphs)} ", "dim"),
        (fit(graph.value, VALUE, glyphs), "text"),
    )
    drawn = bars(points, rows, top, glyphs)
    if rows == 1:
        return [(*label, (drawn[0], graph.tone), (f" {scale:>{SCALE - 1}}", "dim"))]
    marks = [scale, *[""] * (rows - 2), "0"]
    return [label] + [
        ((row, graph.tone), (f" {mark:>{SCALE - 1}}", "dim"))
        for row, mark in zip(drawn, marks, strict=True)
    ]


def _nice(value: float) -> float:
    """The next power of two: a scale that does not change with each number."""
    top = 1024.0
    while top < value:
        top *= 2
    return top


def bars(points: Sequence[float | None], rows: int, top: float, glyphs: Glyphs) -> list[str]:
    """Bars in eighths of a row; unknown values are blank."""
    levels = len(glyphs.spark)
    heights = [
        None
        if point is None
        else min(rows * levels, round(point / top * rows * levels) if top else 0)
        for point in points
    ]
    return [
        "".join(_cell(height, row * levels, levels, glyphs) for height in heights)
        for row in range(rows - 1, -1, -1)
    ]


def _cell(height: int | None, below: int, levels: int, glyphs: Glyphs) -> str:
    if height is None:
        return " "
    if height <= below:
        return glyphs.spark[0] if below == 0 else " "
    return glyphs.spark[min(height - below, levels) - 1]


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
    """The four lists side by side."""
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
