"""Consoles: throughput, latency of a key during output, and cost when idle."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.tui.terminal import Terminal

MEGA = 1_000_000
PLAIN = "{0:06d} the quick brown fox jumps over the lazy dog and runs away from it all\n"
COLOURED = (
    "\x1b[3{1}m{0:06d}\x1b[0m the \x1b[1;32mquick\x1b[0m brown \x1b[38;5;{2}mfox\x1b[0m jumps\n"
)
TOP = "\x1b[{3};1H\x1b[K{0:5d} root  20   0  {2:6d}M  kqread 0:{3:02d} {2:5.2f}% process{0}"
SPEEDS = {"plain": 3.0, "coloured": 1.5}
"""MB/s at least."""
REACTION = 0.1


def console() -> Iterator[Figure]:
    """All of it."""
    for name, line, size in (("plain", PLAIN, 10), ("coloured", COLOURED, 4), ("top-like", TOP, 4)):
        measured = _measured(_lines(line, size * MEGA))
        speed = size / measured["seconds"]
        bound = size / SPEEDS[name] if name in SPEEDS else None
        what = f"seconds for {size} MB of {name} text"
        yield Figure(what, measured["seconds"], "s", bound, _note(speed, measured))
        yield _reaction(f"longest wait of an event, {name} text", measured)
    yield _reaction("longest wait of an event during `yes`", _flood())
    idle = _run("-")
    yield Figure("CPU of an idle console", 100 * idle["cpu"] / idle["seconds"], "%", 1.0)


def _note(speed: float, measured: dict[str, Any]) -> str:
    return f"{speed:.1f} MB/s, widget and all; {measured['cpu']:.1f} s of processor time"


def _reaction(what: str, measured: dict[str, Any]) -> Figure:
    found = sorted(measured["reactions"]) or [0.0]
    middle = 1000 * statistics.median(found)
    note = f"of {len(found)}; the middle one {middle:.1f} ms"
    return Figure(what, 1000 * found[-1], "ms", 1000 * REACTION, note)


def _lines(form: str, size: int) -> str:
    lines: list[str] = []
    length = number = 0
    while length < size:
        line = form.format(number, number % 8, number % 256, number % 20 + 1)
        lines.append(line)
        length += len(line)
        number += 1
    return "".join(lines)


def _measured(text: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        return _run("cat", file.name)


def _flood() -> dict[str, Any]:
    return _run(sys.executable, "-c", _YES)


_YES = """
import os, time
end = time.monotonic() + 4
while time.monotonic() < end: os.write(1, b"y\\n" * 2000)
"""


def _run(*command: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        with Terminal(str(report), *command, module="tests.bench.consoled") as it:
            it.end()
        found: dict[str, Any] = json.loads(report.read_text("ascii"))
        return found
