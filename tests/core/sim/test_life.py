"""What moves on a live host, and that nothing moves on one that is not."""

from __future__ import annotations

import pytest

from jailer_core.simulator.demo import activity
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build


def readings(machine: Machine) -> list[object]:
    state = machine.state
    return [
        *(activity.cpu(machine, one) for one in state.processes.values()),
        *(activity.rss(machine, one) for one in state.processes.values()),
        *(activity.traffic(machine, one) for one in state.interfaces.values()),
        activity.load(machine),
    ]


@pytest.fixture
def live() -> Machine:
    machine = build("busy")
    machine.live = True
    return machine


def test_a_quiet_host_tells_what_its_state_says() -> None:
    machine = build("busy")
    before = readings(machine)
    machine.state.now += 1000
    assert readings(machine) == before


def test_a_live_host_moves_with_its_clock_only(live: Machine) -> None:
    before = readings(live)
    assert readings(live) == before
    live.state.now += 7
    assert readings(live) != before


def test_the_same_moment_gives_the_same_numbers(live: Machine) -> None:
    other = build("busy")
    other.live = True
    assert readings(other) == readings(live)


def test_everything_stays_within_bounds(live: Machine) -> None:
    for _ in range(200):
        live.state.now += 13
        used = [
            activity.cpu(live, one)
            for one in live.state.processes.values()
            if one.command != "[idle]"
        ]
        assert all(0 <= one <= 100 for one in used)
        assert 0 <= activity.busy(live) <= 100 * activity.CPUS
        assert all(activity.rss(live, one) > 0 for one in live.state.processes.values())
        total, free = activity.pages(live)
        assert 0 < free < total
        assert sum(activity.cp_time(live)) == pytest.approx(
            (live.state.now - live.state.boot_time) * 128 * activity.CPUS, abs=8
        )


def test_counters_never_go_back(live: Machine) -> None:
    card = live.state.interfaces["vtnet0"]
    before = (0, 0)
    for _ in range(300):
        live.state.now += 3
        now = activity.traffic(live, card)
        assert now >= before
        before = now


def test_an_interface_that_is_down_is_silent(live: Machine) -> None:
    card = live.state.interfaces["epair1a"]
    card.up = False
    assert activity.traffic(live, card) == (card.received, card.sent)


def test_the_host_says_whether_it_lives() -> None:
    machine = build("fresh")
    SimulatedHost(machine, live=True)
    assert machine.live
    SimulatedHost(machine)
    assert not machine.live
