"""The Overview while shown: bytes sent, cost, and memory for a day of history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.canned import record_host
from tests.bench.figures import Figure
from tests.bench.refresh import machine_of
from tests.bench.screen import processor, recorded, resident
from tests.tui.terminal import Terminal

SECONDS = 20.0
SETTLING = 6.0
JAILS = 100


def overview() -> Iterator[Figure]:
    """Bytes and processor time with the Overview in front, and memory after a day."""
    with Terminal("--demo", "busy") as it:
        it.until(b"www0")
        it.type("0")
        it.watch(SETTLING)
        before, used = len(it.output), processor(it.process.pid)
        it.watch(SECONDS)
        sent = (len(it.output) - before) / SECONDS
        share = 100 * (processor(it.process.pid) - used) / SECONDS
    yield Figure("overview in front: to the terminal, a second", sent, "B", 2048)
    note = "the simulated host computes its loads in the same process"
    yield Figure("overview in front: CPU, the demo, busy", share, "%", note=note)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "host.json"
        record_host(machine_of(JAILS), file)
        with Terminal(str(file), module="tests.bench.canned_screen") as it:
            it.until(b"running")
            it.type("0")
            it.watch(SETTLING)
            used = processor(it.process.pid)
            it.watch(SECONDS)
            share = 100 * (processor(it.process.pid) - used) / SECONDS
    yield Figure(f"overview in front: CPU, {JAILS} jails", share, "%", 1.0)
    with recorded("large") as name, Terminal(name, module="tests.bench.day_screen") as it:
        it.until(b"running")
        it.watch(SETTLING)
        it.type("0")
        it.watch(SETTLING)
        used = resident(it.process.pid)
    yield Figure("memory: a day of history, 1000 jails", used, "MB", 75.0)
