"""The Overview on the screen: pictures, what enter does, and what it costs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from jailer_core.execution import prepare
from jailer_core.facts.vitals import VitalsReader
from jailer_core.operations.jails.requests import Clone
from jailer_core.operations.updates import packages
from jailer_core.simulator import scenarios
from jailer_core.simulator.demo import activity
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.presenters.overview.graphs import STEPS, bars
from jailer_tui.terminal_options import Options
from jailer_tui.theme import ASCII, UNICODE
from tests.tui.harness import HOME, WIDE, Stage, opened


async def overview(it: Stage, readings: int = 5) -> None:
    await it.press("0")
    await it.until(lambda: "[0 Overview]" in it.text)
    for _ in range(readings):
        it.host.pass_time(10)
        await it.app.session.vitals.read()
    await it.pilot.pause()


@pytest.mark.parametrize("size", [HOME, WIDE, (60, 15)])
async def test_pictures(size: tuple[int, int]) -> None:
    async with opened("trouble", size) as it:
        it.host._now = lambda: it.machine.state.now  # type: ignore[method-assign]
        it.host.live = it.machine.live = True
        it.machine.state.incidents.clear()
        it.machine.state.now = 1795480000.0
        await overview(it)
        it.compare(f"overview-{size[0]}")
        if size[0] == 60:
            assert "near its quota: 2.09M of 40M left" not in it.text
            await it.press("down")
            await it.until(
                lambda: "zroot/jails/www0 is near its quota: 2.09M of 40M left" in it.text
            )


async def test_ascii() -> None:
    async with opened("trouble", options=Options(interval=1e6, ascii=True)) as it:
        await overview(it)
        assert it.text.isascii()


async def test_enter_goes_to_what_mends_it() -> None:
    async with opened("trouble") as it:
        await overview(it)
        rows = {row.key for row in it.app.screen.pane.grid.rows}  # type: ignore[attr-defined]
        assert {"full zroot", "quota zroot/jails/www0", "down db01", "trash"} <= rows
        it.app.screen.pane.grid.move_to_key("down db01")  # type: ignore[attr-defined]
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog")
        assert "db01" in it.text
        await it.press("escape")
        it.app.screen.pane.grid.move_to_key("trash")  # type: ignore[attr-defined]
        await it.press("enter")
        await it.until(lambda: it.dialog == "TrashDialog")


async def test_kept_counts_of_vulnerable_packages() -> None:
    async with opened("busy") as it:
        path = packages.cache_file(it.inventory.layout)
        await it.host.mkdir(it.inventory.layout.state, 0o700)
        await it.host.write(path, '{"www0": {"outdated": 4, "vulnerable": 2, "asked": 1}}')
        await overview(it)
        await it.refresh()
        it.sees("www0 has 2 vulnerable packages")
        it.app.screen.pane.grid.move_to_key("packages www0")  # type: ignore[attr-defined]
        await it.press("enter")
        await it.until(lambda: it.dialog == "FormDialog")
        it.sees("www0")


async def test_the_span_of_a_column_can_be_chosen() -> None:
    async with opened() as it:
        await overview(it)
        for step in (*list(STEPS.values())[2:], "10 min"):
            await it.press("plus")
            assert f"Each column is {step}." in it.text
        for step in ("1 min", "10 s", "2 s", "2 s"):
            await it.press("minus")
            assert f"Each column is {step}." in it.text


async def test_nothing_is_read_for_graphs_that_are_not_seen() -> None:
    async with opened() as it:
        await overview(it)
        assert it.app.session.vitals.heard is not None
        await it.press("1")
        assert it.app.session.vitals.heard is None


@pytest.mark.parametrize("scenario", ["small", "large"])
async def test_a_reading_is_three_processes_whatever_the_number_of_jails(scenario: str) -> None:
    host = SimulatedHost(scenarios.build(scenario))
    await VitalsReader().read(host)
    assert sorted(argv[0] for argv in host.log) == ["netstat", "sysctl", "zpool"]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_bars(glyphs: object) -> None:
    spark = glyphs.spark  # type: ignore[attr-defined]
    assert bars([0, 50, 100, None], 1, 100, glyphs) == [  # type: ignore[arg-type]
        f"{spark[0]}{spark[3]}{spark[7]} "
    ]
    assert bars([0, 50, 100, None], 2, 100, glyphs) == [  # type: ignore[arg-type]
        f"  {spark[7]} ",
        f"{spark[0]}{spark[7]}{spark[7]} ",
    ]
    assert bars([5, 1000], 1, 0, glyphs) == [spark[0] * 2]  # type: ignore[arg-type]


def test_ticks_of_a_live_host_never_go_back() -> None:
    machine = scenarios.build("trouble")
    machine.live = True
    readings = []
    for _ in range(300):
        machine.state.now += 7
        readings.append(activity.cp_time(machine))
    for before, after in pairwise(readings):
        assert all(new >= old for old, new in zip(before, after, strict=True))


async def test_after_a_new_jail_comes_what_one_does_next() -> None:
    async with opened("small") as it:
        plan = await prepare(it.app.reader, Clone("app0", "web9", "20261124T000000", start=False))
        job = it.app.jobs.start(plan)
        it.app.show_work(job)
        await it.until(lambda: job.over)
        await it.settle()
        assert job.outcome is not None
        assert job.outcome.ok, job.outcome.message
        it.sees("Next: ", "make a port reachable", " log")
