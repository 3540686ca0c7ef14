"""Reading the simulated hosts: all of recording 08, and the same cost for 1 and 1,000 jails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.facts import Reader, on_demand
from jailer_core.model import Inventory, JailState, Owner
from jailer_core.plan import Needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.scenarios import SCENARIOS, build, large
from tests.core.reading.busy import named


async def of(scenario: str) -> Inventory:
    return await Reader(SimulatedHost(build(scenario))).gather()


async def test_busy_shows_all_jails_of_recording_08() -> None:
    found = await of("busy")
    known = {
        one.name: (one.state, one.jid, one.owner, [str(address) for address in one.addresses or ()])
        for one in found.jails
    }
    up, stopped = JailState.RUNNING, JailState.STOPPED
    assert known == {
        "thick1": (up, 72, Owner.BASTILLE, ["10.0.2.31/32"]),
        "shop": (up, 74, Owner.BASTILLE, ["10.0.2.30/32"]),
        "www0": (up, 75, Owner.JAILER, ["10.0.2.21/32", "fd00::21/128"]),
        "app0": (up, 76, Owner.JAILER, []),
        "app1": (up, 77, Owner.JAILER, ["10.0.0.12/24", "fd00:0:0:1::12/64"]),
        "byhand": (up, 78, Owner.BY_HAND, []),
        "byhand.child": (up, 79, Owner.BY_HAND, []),
        "db01": (stopped, None, Owner.JAILER, ["10.0.2.22/32"]),
    }
    assert named(found, "byhand.child").parent == "byhand"
    assert found.problems == ()


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one != "large"])
async def test_nothing_is_wrong_with_the_scenarios(scenario: str) -> None:
    found = await of(scenario)
    assert found.problems == ()
    assert found.host.root
    assert found.pools
    assert {one.release for one in found.jails if one.running} <= {"15.1-RELEASE-p1"}
    assert found.layout.dataset == ("" if scenario == "fresh" else "zroot/jails")


async def processes(count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """Programs of the first and of the second refresh of a host with so many jails."""
    monkeypatch.setattr(large, "COUNT", count)
    host = SimulatedHost(build("large"))
    reader = Reader(host)
    first = await reader.gather()
    assert len(first.jails) == count
    cold = [one[0] for one in host.log]
    host.log.clear()
    second = await reader.gather()
    assert second.jails is first.jails
    return cold, [one[0] for one in host.log]


async def test_a_warm_refresh_costs_the_same_for_any_number_of_jails(
    monkeypatch: pytest.MonkeyPatch, exhaustive: bool
) -> None:
    counts = (1, 100, 1000) if exhaustive else (1, 20, 150)
    warm = [(await processes(count, monkeypatch))[1] for count in counts]
    assert warm[0] == warm[1] == warm[2]
    assert len(warm[0]) == 7


async def test_a_cold_one_asks_once_for_all_plain_files_and_twice_a_vnet_jail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cold, _ = await processes(100, monkeypatch)
    assert cold.count("jail") == 1
    assert cold.count("ifconfig") - 1 == cold.count("netstat") - 1 < 100
    assert len([one for one in cold if one not in ("jail", "ifconfig", "netstat")]) == 8


def program(name: str) -> Callable[[tuple[str, ...]], bool]:
    return lambda argv: argv[0] == name


@pytest.mark.parametrize("name", ["jls", "ps", "zfs", "zpool", "mount", "ifconfig", "sysctl"])
@pytest.mark.parametrize("kind", ["fail", "hang", "die"])
async def test_faults_become_problems(name: str, kind: str) -> None:
    machine = build("small")
    machine.faults.append(Fault(kind, program(name)))
    reader = Reader(SimulatedHost(machine))
    found = await reader.gather()
    assert any(one.source.startswith(name) for one in found.problems)
    assert (await reader.gather()).problems == ()


async def test_an_ordinary_user_sees_what_freebsd_md_says() -> None:
    found = await Reader(SimulatedHost(build("busy"), user="nobody")).gather()
    assert found.host.uid == 65534
    assert not found.host.root
    assert {one.name for one in found.jails} >= {"www0", "app0", "shop", "byhand", "db01"}
    assert named(found, "www0").memory
    assert named(found, "www0").disk
    assert found.datasets


async def test_one_jail_looked_at_closely() -> None:
    reader = Reader(SimulatedHost(build("busy")))
    found = await reader.gather(
        Needs(snapshots=True, jails=("www0",), holders=("/usr/local/jails/www0",))
    )
    www0 = named(found, "www0")
    assert {one.jid for one in await on_demand.processes(reader.host, www0)} == {75}
    assert await on_demand.processes(reader.host, named(found, "byhand")) == ()
    assert "Starting" in await on_demand.log(reader.host, www0)
    assert www0.config is not None
    assert www0.config.text == await on_demand.config_text(reader.host, www0)
    assert {one.name for one in found.snapshots or ()} >= {"base"}
    assert all(one.has_base for one in found.images)
    assert {one.jid for one in found.holders or ()} == {75}
    assert await on_demand.snapshots(reader.host, "zroot/jails/www0")
