"""The cost of one refresh: processes, and the time until the screen has it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from jailer_core.facts import Reader
from jailer_core.facts.probes import InSight
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build, large
from jailer_tui.app import JailerApp
from jailer_tui.terminal_options import Options
from tests.bench.figures import Figure

SIZES = (1, 100, 1000)
TIMES = 15
LISTED = 8
"""The most processes that a list may take, however many jails there are."""
ROUNDS = 30
QUIET = 2


def machine_of(jails: int) -> Machine:
    """The scenario `large` with that many jails."""
    before, large.COUNT = large.COUNT, jails
    try:
        return build("large")
    finally:
        large.COUNT = before


async def _processes(jails: int) -> Iterator[Figure]:
    machine = machine_of(jails)
    machine.live = True
    host = SimulatedHost(machine)
    figures = []
    reader = Reader(host)
    for name, quick in (("cold, as the screen", False), ("warm", False)):
        if name == "warm":
            machine.state.now += 2.0
        host.log.clear()
        began = time.perf_counter()
        await reader.gather(quick=quick)
        took = time.perf_counter() - began
        figures.append(
            Figure(
                f"refresh {name}, {jails} jails",
                len(host.log),
                "processes",
                note=f"{took * 1000:.0f} ms here, the simulated host's own work included",
            )
        )
    for name, listed in (("list", False), ("list -j", True)):
        host.log.clear()
        cold = Reader(host)
        await (cold.listed() if listed else cold.gather(quick=True))
        what = f"`{name}`, always cold, {jails} jails"
        figures.append(Figure(what, len(host.log), "processes", LISTED))
    figures.append(await _minute(jails))
    return iter(figures)


async def _minute(jails: int) -> Figure:
    """Processes a round of a screen that shows CPU, on a host that does not tell of jails."""
    host = SimulatedHost(machine_of(jails))
    reader = Reader(host)
    await reader.gather(quick=True)
    await reader.gather()
    host.log.clear()
    for _ in range(ROUNDS):
        host.machine.state.now += 60 / ROUNDS
        await reader.refresh(InSight())
    what = f"a round of a quiet screen, {jails} jails"
    note = f"{len(host.log)} processes in a minute of {ROUNDS} rounds, without kernel events"
    return Figure(what, len(host.log) / ROUNDS, "processes", QUIET, note)


def processes() -> Iterator[Figure]:
    """Processes of each way to read at each size; all warm ones take the same number."""
    warm: set[float] = set()
    for jails in SIZES:
        for figure in asyncio.run(_processes(jails)):
            if " warm" in figure.what:
                warm.add(figure.value)
            yield figure
    yield Figure("different numbers of processes among the warm refreshes", len(warm), "", 1)


@asynccontextmanager
async def _screen(jails: int) -> AsyncIterator[tuple[JailerApp, Pilot[int]]]:
    host = SimulatedHost(machine_of(jails))
    host.machine.live = True
    app = JailerApp(host, options=Options(interval=3600.0))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.session.live.once()
        await pilot.pause()
        yield app, pilot


async def _apply(jails: int) -> tuple[float, float]:
    """Processor time of an inventory in which CPU and memory of all moved; the least of each."""
    handed: list[float] = []
    drawn: list[float] = []
    async with _screen(jails) as (app, pilot):
        for _ in range(TIMES):
            app.reader.host.machine.state.now += 2.0  # type: ignore[attr-defined]
            inventory = await app.reader.gather()
            began = time.process_time()
            app.host_heard(inventory, True)  # noqa: FBT003
            handed.append(time.process_time() - began)
            await pilot._wait_for_screen()
            drawn.append(time.process_time() - began)
    return min(handed), min(drawn)


def applying() -> Iterator[Figure]:
    """How long the screen is busy with one refresh."""
    for jails in (100, 1000):
        handed, drawn = asyncio.run(_apply(jails))
        note = (
            f"{drawn * 1000:.1f} ms until all widgets had settled; every running jail's CPU moved"
        )
        bound = 50.0 if jails == 1000 else None
        yield Figure(f"applying one refresh, {jails} jails", handed * 1000, "ms", bound, note)
