"""`snap auto` over 60 days: exactly the policy, and nothing else is touched."""

from __future__ import annotations

import re
import time
from calendar import timegm
from datetime import UTC, datetime

import pytest

from jailer_core.operations.snapshots import auto_snapshots
from jailer_core.operations.snapshots.requests import SnapshotAuto
from jailer_core.operations.snapshots.retention import Policy, parsed, unique_rows
from jailer_core.operations.snapshots.schedule import next_run
from jailer_core.plan import Needs, Run
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.workbench import Bench

APP0, WWW0 = "zroot/jails/app0", "zroot/jails/www0"
POLICY = {"hourly": 6, "daily": 5, "weekly": 3, "monthly": 2}
DAYS = 60


class Oracle:
    """What the policy means, worked out in another way: by calendar words instead of seconds."""

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[str, str]]] = {kind: [] for kind in POLICY}
        # made on an earlier day
        self.taken["hourly"] = [("", f"auto-hourly-2026010{day}T0000Z") for day in (1, 4, 5)]

    def run(self, now: int) -> set[str]:
        when = datetime.fromtimestamp(now, UTC)
        words = {
            "hourly": f"{when:%Y-%m-%d %H}",
            "daily": f"{when:%Y-%m-%d}",
            "weekly": f"{when:%G-%V}",
            "monthly": f"{when:%Y-%m}",
        }
        for kind, count in POLICY.items():
            found = self.taken[kind]
            if not found or found[-1][0] != words[kind]:
                found.append((words[kind], f"auto-{kind}-{when:%Y%m%dT%H%MZ}"))
            del found[:-count]
        return {name for found in self.taken.values() for _, name in found}


def snapshots(machine: Machine, dataset: str) -> set[str]:
    return {one.name for one in machine.state.datasets[dataset].snapshots}


def prepared() -> tuple[Bench, dict[str, set[str]]]:
    """A host with all that must stay, and the names of that."""
    bench = Bench()
    bench.run_now("zfs", "create", f"{APP0}/data")
    text = ",".join(f"{kind}={count}" for kind, count in POLICY.items())
    bench.run_now("zfs", "set", f"jailer:keep={text}", APP0)
    mark = ("-o", "jailer:auto=hourly")
    for name in ("auto-hourly-20260101T0000Z", "auto-daily-20260102T0000Z"):
        bench.run_now("zfs", "snapshot", *mark, f"{APP0}@{name}")
    # the mark of another kind than the name says, and a foreign tool's
    bench.run_now("zfs", "snapshot", f"{APP0}@auto-weekly-20260103T0000Z")
    bench.run_now("zfs", "snapshot", *mark, f"{APP0}@hourly-2026")
    bench.run_now("zfs", "snapshot", "-r", f"{APP0}@manual")
    bench.run_now("zfs", "snapshot", *mark, f"{WWW0}@auto-hourly-20260101T0000Z")
    for name in ("auto-hourly-20260104T0000Z", "auto-hourly-20260105T0000Z"):
        bench.run_now("zfs", "snapshot", *mark, f"{APP0}@{name}")
    bench.run_now("zfs", "hold", "x", f"{APP0}@auto-hourly-20260104T0000Z")
    bench.run_now("zfs", "clone", f"{APP0}@auto-hourly-20260105T0000Z", "zroot/jails/copy")
    stay = {one: snapshots(bench.machine, one) for one in bench.machine.state.datasets}
    # the only one of all these that the policy made and nothing keeps
    stay[APP0] -= {"auto-hourly-20260101T0000Z"}
    return bench, stay


async def test_sixty_days(exhaustive: bool) -> None:
    bench, stay = prepared()
    machine, oracle = bench.machine, Oracle()
    start = timegm((2026, 11, 26, 13, 0, 3))
    # hourly by day, every four hours by night
    day, night = (8, 4) if exhaustive else (2, 12)
    hours = [hour for hour in range(DAYS * 24) if hour % 24 < day or hour % night == 0]
    every = [start + hour * 3600 for hour in hours]
    # the host is off for 30 hours, then for 9 days; it runs late now and then
    runs = [now for now in every if not (500 * 3600 < now - start < 530 * 3600)]
    runs = [now for now in runs if not (900 * 3600 < now - start < 1116 * 3600)]
    needs = auto_snapshots.needs(await bench.reader.gather(), SnapshotAuto(start))
    for number, now in enumerate(runs):
        machine.state.now = now + (1200 if number % 7 == 0 else 0)
        await _auto(bench, needs)
        wanted = oracle.run(int(machine.state.now))
        assert snapshots(machine, APP0) - stay[APP0] == wanted - stay[APP0], now
        fresh = {name for name in wanted if not re.search(r"-2026010[145]T", name)}
        assert snapshots(machine, f"{APP0}/data") - stay[f"{APP0}/data"] == fresh
    for dataset, names in stay.items():
        assert names <= snapshots(machine, dataset)
        if not dataset.startswith(APP0):
            assert names == snapshots(machine, dataset)


async def _auto(bench: Bench, needs: Needs) -> None:
    """Decide as `snap auto` does, and run the result; the engine has tests of its own."""
    request = SnapshotAuto(int(bench.machine.state.now))
    plan = auto_snapshots.auto(await bench.reader.gather(needs), request)
    for step in plan.steps:
        assert isinstance(step.action, Run)
        bench.run_now(*step.action.argv)


async def test_run_twice_in_an_hour_it_does_nothing_the_second_time() -> None:
    bench = Bench()
    bench.run_now("zfs", "set", "jailer:keep=hourly=2", APP0)
    now = int(bench.machine.state.now)
    first = await bench.do(SnapshotAuto(now))
    assert len(first.plan.steps) == 1
    assert not (await bench.do(SnapshotAuto(now + 60))).plan.steps


async def test_what_pretends_to_be_another_row_marks_nothing() -> None:
    """Root of a jail with a dataset of its own may write any text into a property."""
    bench = Bench()
    bench.run_now("zfs", "set", "jailer:keep=hourly=1", APP0)
    names = [f"auto-hourly-2026010{day}T0000Z" for day in (1, 2, 3)]
    for name in names:
        bench.run_now("zfs", "snapshot", f"{APP0}@{name}")
    lie = f"hourly\tlocal\n{APP0}@{names[0]}\thourly\tlocal\n{APP0}@{names[1]}\thourly"
    bench.run_now("zfs", "set", f"jailer:auto={lie}", f"{WWW0}@base")
    done = await bench.do(SnapshotAuto(int(bench.machine.state.now)))
    assert done.ok
    assert set(names) <= snapshots(bench.machine, APP0)


async def test_taking_by_itself() -> None:
    bench = Bench()
    bench.run_now("zfs", "set", "jailer:keep=hourly=1", APP0)
    mark = ("-o", "jailer:auto=hourly")
    for name in ("auto-hourly-20260101T0000Z", "auto-hourly-20260102T0000Z"):
        bench.run_now("zfs", "snapshot", *mark, f"{APP0}@{name}")
    now = int(bench.machine.state.now) + 3600
    taken = await bench.do(SnapshotAuto(now, only="take"))
    assert [step.action.argv[1] for step in taken.plan.steps if isinstance(step.action, Run)] == [
        "snapshot"
    ]
    left = await bench.do(SnapshotAuto(now, only="remove"))
    assert [step.action.argv[1] for step in left.plan.steps if isinstance(step.action, Run)] == [
        "destroy"
    ]


def at(text: str) -> int:
    return timegm(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


@pytest.mark.parametrize(
    ("kind", "begin", "following"),
    [
        ("hourly", "2026-11-26 13:00:00", "2026-11-26 14:00:00"),
        ("daily", "2026-11-26 00:00:00", "2026-11-27 00:00:00"),
        ("weekly", "2026-11-23 00:00:00", "2026-11-30 00:00:00"),
        ("monthly", "2026-11-01 00:00:00", "2026-12-01 00:00:00"),
    ],
)
def test_periods(kind: str, begin: str, following: str) -> None:
    now = at("2026-11-26 13:05:07")
    assert auto_snapshots.period(kind, now) == at(begin)
    assert auto_snapshots.next_period(kind, now) == at(following)
    assert auto_snapshots.period(kind, at(begin)) == at(begin)


def test_what_is_next() -> None:
    now = at("2026-11-26 13:05:07")
    daily = Policy(daily=7)
    assert auto_snapshots.next_due(Policy(), (), now) is None
    assert auto_snapshots.next_due(daily, (), now) == now
    taken = (auto_snapshots.Taken("daily", "auto-daily-x", now - 60, ()),)
    assert auto_snapshots.next_due(daily, taken, now) == at("2026-11-27 00:00:00")
    assert next_run(now) == at("2026-11-26 14:00:00")
    assert next_run(now, 5 * 3600 + 1800) == at("2026-11-26 13:30:00")


@pytest.mark.parametrize("odd", ["", "hourly", "hourly=x", "hourly=1,hourly=2", "yearly=1", "7"])
def test_values_that_are_no_policy(odd: str) -> None:
    assert parsed(odd) is None


def test_policies_and_their_text() -> None:
    one = Policy(hourly=24, monthly=6)
    assert one.text == "hourly=24,monthly=6"
    assert parsed(one.text) == one
    assert parsed("none") == Policy()
    assert Policy().text == "none"


def test_a_name_that_comes_twice_tells_nothing() -> None:
    assert unique_rows("a\t1\tlocal\nb\t2\tlocal\na\t3\tlocal\n") == {
        "b": ("2", "local"),
        "": ("", ""),
    }
