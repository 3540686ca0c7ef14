"""The running program, seen from outside, through a real pseudo-terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import canned
from tests.bench.figures import Figure, middle, starts
from tests.tui.terminal import Terminal

LAST_ROW = b"www0"
SCREEN = ("--demo", "busy")
READY_TIMES = 9
DECLARATIONS = 15.0
IDLE_SECONDS = 20.0
IDLE = 0.3
QUIET_SECONDS = 5.0
SETTLING = 5.0
CHANGES = 5
WAIT = 10.0
"""Seconds in which a change is drawn even on a busy machine."""


def traffic() -> Iterator[Figure]:
    """Bytes that a refresh sends to the terminal."""
    with Terminal("quiet", module="tests.bench.driven") as it:
        it.until(b"1000", b"load")  # the header has it when all was read
        it.settle(3.0)
        before = len(it.output)
        it.watch(QUIET_SECONDS)
        sent = len(it.output) - before
    note = f"in {QUIET_SECONDS:g} s, with a refresh every half second and as long as it takes"
    yield Figure("quiet refreshes, 1000 jails", sent, "B", 0, note)
    with Terminal("cells", module="tests.bench.driven") as it:
        it.until(b"1000", b"load")  # the header has it when all was read
        it.settle(3.0)
        sizes = []
        for _ in range(CHANGES):
            before = len(it.output)
            os.kill(it.process.pid, signal.SIGUSR1)
            if not it.read(WAIT):
                raise RuntimeError("the change was never drawn")
            it.settle()
            sizes.append(len(it.output) - before)
    yield Figure("a refresh with 3 changed cells, 1000 jails", middle(sizes), "B", 1024)


def _ready(*argv: str, module: str) -> float:
    """Processor time until the table is there: a busy machine does not make it more."""
    with Terminal(*argv, module=module) as it:
        it.until(LAST_ROW)
        return processor(it.process.pid)


@contextmanager
def recorded(scenario: str) -> Iterator[str]:
    """A file of what a host of that scenario says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.json"
        canned.record(scenario, path)
        yield str(path)


def ready() -> Iterator[Figure]:
    """Processor time until the table is on the terminal, the least of several in turns."""
    bare: list[float] = []
    ours: list[float] = []
    with recorded("busy") as file:
        for number in range(READY_TIMES + 1):
            bare.append(_ready(module="tests.bench.bare"))
            ours.append(_ready(file, module="tests.bench.canned_screen"))
            if number == 0:  # the first run compiles and fills caches
                bare.clear()
                ours.clear()
    yield Figure("ready: bare Textual application, same widgets", min(bare), "s")
    note = "all jails read and on the terminal, from a host that answers at once"
    yield Figure("ready: jailer-tui", min(ours), "s", note=note)
    yield Figure("ready: ours / bare", min(ours) / min(bare), "times", 1.6)
    demo = min([_ready(*SCREEN, module="jailer_tui") for _ in range(READY_TIMES)])
    yield Figure("ready: the demo, with its simulated host", demo, "s")


def memory() -> Iterator[Figure]:
    """Resident memory."""
    with Terminal(module="tests.bench.bare") as it:
        it.until(LAST_ROW)
        it.watch(SETTLING)
        yield Figure("memory: bare Textual application", resident(it.process.pid), "MB")
    for scenario, seen, bound in (("busy", LAST_ROW, None), ("large", b"running", 60.0)):
        with recorded(scenario) as file, Terminal(file, module="tests.bench.canned_screen") as it:
            it.until(seen)
            it.watch(SETTLING)
            yield Figure(f"memory: screen, {scenario}", resident(it.process.pid), "MB", bound)
    with Terminal("--demo", "large") as it:
        it.until(b"running")
        it.watch(SETTLING)
        note = "screen and simulated host in one process"
        yield Figure("memory: the demo, large", resident(it.process.pid), "MB", note=note)


def resident(pid: int) -> float:
    """Resident megabytes of a process."""
    argv = ["ps", "-o", "rss=", "-p", str(pid)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    if not int(done.stdout):
        raise RuntimeError("the program has ended")
    return int(done.stdout) / 1024


def idle() -> Iterator[Figure]:
    """Processor time of an idle screen that refreshes every two seconds."""
    for scenario, seen in (("busy", LAST_ROW), ("large", b"running")):
        with recorded(scenario) as file, Terminal(file, module="tests.bench.canned_screen") as it:
            it.until(seen)
            note = "nothing moves; the commands of a real host come on top"
            yield Figure(f"idle CPU, {scenario}, quiet host", _share(it), "%", IDLE, note)
    with Terminal(*SCREEN) as it:
        it.until(LAST_ROW)
        note = "loads move in every refresh, and the simulated host computes them"
        yield Figure("idle CPU, the demo, busy", _share(it), "%", note=note)


def _share(it: Terminal) -> float:
    """Percent of one core that the program uses while its output is read."""
    it.watch(SETTLING)
    before, began = processor(it.process.pid), time.monotonic()
    it.watch(IDLE_SECONDS)
    return 100 * (processor(it.process.pid) - before) / (time.monotonic() - began)


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
    if threads:  # in nanoseconds; /proc/PID/stat counts hundredths of a second
        return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9
    argv = ["ps", "-o", "time=", "-p", str(pid)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    minutes, _, seconds = done.stdout.strip().rpartition(":")
    return 60 * int(minutes or 0) + float(seconds)


def starting() -> Iterator[Figure]:
    """Processor time of commands, the least of several in turns."""
    bare = "import asyncio, dataclasses, enum, typing"
    base = "import jailer_core.operations.spec, jailer_core.text, jailer_core.errors"
    list_ = "from jailer_tui.cli import session, jail_list; import jailer_core.host.local"
    took = starts(
        {
            "python alone": (sys.executable, "-c", "pass"),
            "--version": (sys.executable, "-m", "jailer_tui", "--version"),
            "help": (sys.executable, "-m", "jailer_tui", "help"),
            "what `list` imports on FreeBSD": (sys.executable, "-c", list_),
            "--demo busy list": (sys.executable, "-m", "jailer_tui", "--demo", "busy", "list"),
            "the screen's imports": (sys.executable, "-c", "import jailer_tui.app"),
            "declarations, without": (sys.executable, "-c", f"{bare}; {base}"),
            "declarations, with": (
                sys.executable,
                "-c",
                f"{bare}; {base}; import jailer_core.operations.catalog",
            ),
        },
        READY_TIMES,
    )
    declarations = took.pop("declarations, with") - took.pop("declarations, without")
    yield Figure("import of all declarations of operations", declarations, "ms", DECLARATIONS)
    for name, value in took.items():
        yield Figure(f"start: {name}", value, "ms")
