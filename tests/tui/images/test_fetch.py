"""Fetching an image: shown, run with its progress, aborted, refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from jailer_core.operations.images.requests import ImageFetch
from jailer_core.plan import OutcomeStatus, Progress
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.stores.job import ProgressRate
from tests.tui.harness import Stage, opened
from tests.tui.setup_parts import last, listed, outcome, run_shown


async def on_release(it: Stage, version: str) -> None:
    await it.press("2")
    await listed(it)
    it.app.screen.query_one("#images").move_to_key(version)  # type: ignore[attr-defined]
    await it.settle()


async def test_enter_fetches_and_enter_makes_it_the_default() -> None:
    async with opened("busy") as it:
        await on_release(it, "14.3-RELEASE")
        await it.press("enter")
        assert (await run_shown(it)).ok
        assert it.dialog == "ImagesScreen"
        image = next(one for one in it.inventory.images if one.version == "14.3-RELEASE")
        assert not image.default
        await it.press("enter")
        assert (await run_shown(it)).ok
        image = next(one for one in it.inventory.images if one.version == "14.3-RELEASE")
        assert image.default
        it.sees("default")
        await it.press("enter")
        assert it.dialog == "ImagesScreen"
        assert any("already the default" in one.message for one in it.app._notifications)


async def test_newer_than_the_host_is_refused() -> None:
    async with opened("busy") as it:
        await on_release(it, "15.2-RELEASE")
        it.sees("refused", "Newer than this host")
        await it.press("c")
        assert it.dialog == "ImagesScreen"
        assert any("newer" in one.message for one in it.app._notifications)
        assert not it.app.jobs.all


async def fetching(it: Stage) -> None:
    """A download that stalls while the host's clock goes on."""
    gate = it.host._wait

    async def never(seconds: float, limit: float) -> None:
        if seconds > 1000:
            await asyncio.Event().wait()
        await gate(seconds, limit)

    it.host._wait = never  # type: ignore[method-assign]
    await on_release(it, "14.3-RELEASE")
    await it.press("c")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.until(lambda: last(it).active is not None and "Download" in last(it).active.title)  # type: ignore[union-attr]


def stands_still(machine: Machine) -> None:
    machine.faults.append(Fault("hang", lambda argv: argv[0] == "fetch" and "-o" in argv[:4]))


async def test_bytes_speed_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(
        "jailer_tui.stores.job.ProgressRate",
        lambda _clock, parts: ProgressRate(lambda: now[0], parts=parts),
    )
    async with opened("busy", change=stands_still) as it:
        await fetching(it)
        job = last(it)
        index = job.stages.index(job.active)  # type: ignore[arg-type]
        for done in (0, 3 << 20, 6 << 20):
            job.hear(Progress(index, done, 20 << 20))
            now[0] += 1.0
        await it.settle()
        it.sees("30%", "6M of 20M", "3M/s", "5s left")
        await it.compare_sizes("fetching")
        await it.press("escape")
        it.app._grow_old()
        await it.settle()
        it.sees("Fetch 14.3-RELEASE 30%", "14.3-RELEASE      fetching")
        for key in ("enter", "c"):  # it is under way: that is shown instead of a refusal
            await it.press(key)
            await it.until(lambda: it.dialog == "ProgressDialog")
            await it.press("escape")
        same = job.plan.request
        assert isinstance(same, ImageFetch)
        assert it.app.jobs.under_way(same) is job
        assert it.app.jobs.under_way(replace(same, mirror="http://other.example")) is None
        job.abort.set()
        await it.at_rest()


async def test_an_aborted_fetch_leaves_nothing() -> None:
    async with opened("busy", change=stands_still) as it:
        before = {one.name for one in it.inventory.datasets or ()}
        await fetching(it)
        await it.press("X", "left", "enter")
        await it.at_rest()
        assert outcome(it).status is OutcomeStatus.ABORTED
        assert outcome(it).undone
        assert {one.name for one in it.inventory.datasets or ()} == before
        it.sees("Aborted", "has been undone")


async def test_a_mirror_that_stops_in_the_middle() -> None:
    def change(machine: Machine) -> None:
        machine.faults.append(
            Fault(
                "fail",
                lambda argv: argv[0] == "fetch" and "-o" in argv[:4],
                message="fetch: transfer timed out",
            )
        )

    async with opened("busy", change=change) as it:
        before = {one.name for one in it.inventory.datasets or ()}
        await on_release(it, "14.3-RELEASE")
        await it.press("c")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        it.sees("Failed", "timed out", "has been undone", "another mirror")
        assert {one.name for one in it.inventory.datasets or ()} == before
