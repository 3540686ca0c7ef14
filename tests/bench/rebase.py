"""Moving a jail to another base: the time to decide over a large base."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from jailer_core.facts import three_trees
from jailer_core.host import Host
from jailer_core.host.local import LocalHost
from jailer_core.model.trees import ThreeTrees, TreesQuestion
from jailer_core.operations.updates.decision import decide
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import base, busy
from tests.bench.figures import Figure

FILES, CHANGED = 10_000, 50
BOUND = 3.0


def rebase() -> Iterator[Figure]:
    """10,000 files of which the jail changed 50: compared file by file, as for a jail that is
    no clone, and by what `zfs diff` tells.
    """
    about = f"{FILES} files, {CHANGED} changed"
    with tempfile.TemporaryDirectory() as folder:
        question = _local(Path(folder))
        took, peak, found = _measured(LocalHost(), question)
        assert len(found.changed) == CHANGED
        yield Figure("rebase: planned on this machine", took, "s", BOUND, about)
        yield Figure("rebase: memory for it", peak / 2**20, "MB", 16.0, about)
    host, question = _simulated()
    took, _, found = _measured(host, question)
    assert len(found.changed) == CHANGED
    yield Figure("rebase: planned on the simulated host", took, "s", BOUND, about)


def _measured(host: Host, question: TreesQuestion) -> tuple[float, int, ThreeTrees]:
    began = time.process_time()
    found = asyncio.run(three_trees.read(host, question))
    decide(found, {})
    took = time.process_time() - began
    tracemalloc.start()
    asyncio.run(three_trees.read(host, question))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return took, peak, found


def _local(folder: Path) -> TreesQuestion:
    old = folder / "old"
    for number in range(FILES):
        path = old / f"d{number % 100}" / f"f{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"file {number}\n" * 20)
    for name in ("jail", "new"):
        shutil.copytree(old, folder / name)
    for number in range(CHANGED):
        (folder / "jail" / f"d{number % 100}" / f"f{number}").write_text(f"mine {number}\n" * 20)
    return TreesQuestion(str(old), str(folder / "jail"), str(folder / "new"))


def _simulated() -> tuple[SimulatedHost, TreesQuestion]:
    machine = busy.build()
    root, jails = "/usr/local/jails", "zroot/jails"
    tree = machine.state.datasets[f"{jails}/image/15.1-RELEASE"].snapshots[0].tree
    base.image(machine, jails, "14.3-RELEASE", "-p2")
    for number in range(FILES):
        machine.files.mkdir(f"{root}/db01/usr/d{number % 100}", parents=True)
        machine.files.write(f"{root}/db01/usr/d{number % 100}/f{number}", b"old\n")
    mine = machine.state.datasets[f"{jails}/db01"].tree
    tree |= {path: node for path, node in mine.items() if path not in tree}
    for number in range(CHANGED):
        machine.files.write(f"{root}/db01/usr/d{number % 100}/f{number}", b"mine\n")
    question = TreesQuestion(
        f"{root}/image/15.1-RELEASE/.zfs/snapshot/base",
        f"{root}/db01",
        f"{root}/image/14.3-RELEASE/.zfs/snapshot/base",
        ("zfs", "diff", "-FHt", f"{jails}/image/15.1-RELEASE@base", f"{jails}/db01"),
        f"{root}/db01",
    )
    return SimulatedHost(machine), question
