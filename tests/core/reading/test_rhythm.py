"""What the screen reads, and when: by the table of rhythms."""

from __future__ import annotations

from collections import Counter

import pytest

from jailer_core.facts import Reader
from jailer_core.facts.probes import RHYTHMS, InSight, Reason
from jailer_core.plan import Needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build, large
from tests.core.reading.busy import StandIn, busy, kernel, named

UNSEEN = InSight(use=False)
NETWORK = InSight(Needs(network=True), use=False)
SNAPSHOTS = InSight(Needs(snapshots=True), use=False)


def settled() -> StandIn:
    """Without the jail that waits for an address."""
    host = busy()
    kernel(host, {"app0": None})
    return host


class Screen:
    """A reader that a screen drives, with a round every two seconds."""

    def __init__(self, host: StandIn | SimulatedHost, *, watched: bool = False) -> None:
        self.host = host
        self.reader = Reader(host)
        self.reader.schedule.watched = watched

    async def begin(self) -> None:
        await self.reader.gather(quick=True)
        await self.reader.gather()
        self.host.log.clear()

    def pass_(self, seconds: float) -> None:
        if isinstance(self.host, SimulatedHost):
            self.host.machine.state.now += seconds
        else:
            self.host.now += seconds

    async def rounds(self, count: int, in_sight: InSight = UNSEEN) -> Counter[str]:
        """Programs that so many rounds ran."""
        self.host.log.clear()
        for _ in range(count):
            self.pass_(2)
            await self.reader.refresh(in_sight)
        return Counter(one[0] for one in self.host.log)


def test_the_table_is_whole() -> None:
    # what is only read in sight says in what
    assert all(rhythm.sight for rhythm in RHYTHMS.values() if rhythm.every > 60)


async def test_a_round_asks_only_which_jails_there_are() -> None:
    screen = Screen(busy())
    await screen.begin()
    assert await screen.rounds(1) == {"jls": 1}


async def test_where_the_kernel_tells_of_jails_a_round_asks_nothing() -> None:
    screen = Screen(settled(), watched=True)
    await screen.begin()
    first = await screen.reader.refresh(UNSEEN)
    assert await screen.rounds(1) == {}
    assert await screen.reader.refresh(UNSEEN) is first
    screen.reader.schedule.happened(Reason.KERNEL)
    assert await screen.rounds(1) == {"jls": 1, "zfs": 1, "mount": 1, "ifconfig": 1}


async def test_a_dying_jail_is_looked_after_although_the_kernel_tells_of_jails() -> None:
    host = settled()
    kernel(host, {"www0": {"dying": "true"}})
    screen = Screen(host, watched=True)
    await screen.begin()
    assert await screen.rounds(2) == {"jls": 2}
    kernel(host, {"www0": None})
    assert await screen.rounds(1) == {"jls": 1}
    assert await screen.rounds(1) == {}


async def test_after_a_change_of_ours_all_of_the_usual_is_read() -> None:
    screen = Screen(settled(), watched=True)
    await screen.begin()
    screen.reader.schedule.happened(Reason.CHANGE)
    found = await screen.rounds(1, InSight())
    assert found == {"jls": 1, "ps": 1, "zfs": 1, "zpool": 1, "mount": 1, "ifconfig": 1}


async def test_cpu_is_read_while_it_is_seen_and_unknown_soon_after() -> None:
    host = busy()
    screen = Screen(host)
    await screen.begin()
    assert (await screen.rounds(10, InSight()))["ps"] == 3
    assert named(await screen.reader.refresh(InSight()), "app1").cpu == 9.8
    assert (await screen.rounds(5))["ps"] == 0
    assert named(await screen.reader.refresh(UNSEEN), "app1").cpu == 9.8
    await screen.rounds(5)
    unseen = await screen.reader.refresh(UNSEEN)
    assert [(jail.cpu, jail.memory, jail.processes) for jail in unseen.jails] == (
        [(None, None, None)] * len(unseen.jails)
    )
    assert named(unseen, "app1").age is not None
    assert named(await screen.reader.refresh(InSight()), "app1").cpu == 9.8


async def test_what_was_not_read_keeps_its_value_and_tells_its_age() -> None:
    screen = Screen(busy())
    await screen.begin()
    before = await screen.reader.gather()
    await screen.rounds(3)
    after = await screen.reader.refresh(UNSEEN)
    assert after.datasets is before.datasets
    assert after.pools is before.pools
    assert after.mounts is before.mounts
    assert after.taken - after.read_at["zfs"] == 6
    assert after.taken == after.read_at["jls"]


async def test_a_probe_that_failed_is_a_problem_until_it_is_tried_again_soon() -> None:
    host = busy()
    screen = Screen(host)
    await screen.begin()
    argv = next(one for one in host.answers if one[0] == "zpool")
    good = host.answers[argv]
    host.says(argv, "", "zpool: no\n", 1)
    screen.reader.schedule.happened(Reason.CHANGE)
    screen.pass_(2)
    found = await screen.reader.refresh(UNSEEN)
    assert found.pools is None
    assert "zpool: no" in found.problems[0].message
    host.answers[argv] = good
    assert (await screen.rounds(6))["zpool"] == 1
    found = await screen.reader.refresh(UNSEEN)
    assert found.pools
    assert found.problems == ()


async def test_a_plan_is_decided_on_a_whole_reading_whatever_is_due() -> None:
    screen = Screen(busy(), watched=True)
    await screen.begin()
    await screen.rounds(2)
    screen.host.log.clear()
    await screen.reader.gather()
    assert Counter(one[0] for one in screen.host.log) == (
        {"jls": 1, "ps": 1, "zfs": 1, "zpool": 1, "mount": 1, "ifconfig": 1, "sysctl": 1}
    )


async def test_files_are_looked_at_now_and_then() -> None:
    host = busy()
    screen = Screen(host)
    await screen.begin()
    host.files["/etc/jail.conf.d/new.conf"] = "new {\n  path = /j/new;\n}\n"
    host.says(("jail", "-f", "/etc/jail.conf.d/new.conf", "-e", "\x1f"), "name=new\n")
    found = await screen.rounds(5)
    assert found["jail"] == 1
    assert (await screen.reader.refresh(UNSEEN)).jail("new") is not None


async def test_the_network_is_read_while_it_is_seen() -> None:
    screen = Screen(SimulatedHost(build("busy")), watched=True)
    await screen.begin()
    assert "arp" not in await screen.rounds(5)
    seen = await screen.rounds(5, NETWORK)
    assert seen["netstat"] >= 5
    assert seen["arp"] == 1
    assert seen["pfctl"] < 5
    found = await screen.reader.refresh(NETWORK)
    assert found.connections is not None
    assert found.connections.traffic
    assert "arp" not in await screen.rounds(5)


async def test_snapshots_are_read_while_they_are_seen_and_kept_between() -> None:
    screen = Screen(SimulatedHost(build("busy")), watched=True)
    await screen.begin()
    assert (await screen.rounds(6, SNAPSHOTS))["zfs"] == 2
    found = await screen.reader.refresh(SNAPSHOTS)
    assert found.snapshots
    screen.reader.schedule.happened(Reason.SIGHT)
    assert (await screen.rounds(1, SNAPSHOTS))["zfs"] == 1
    assert (await screen.rounds(2))["zfs"] == 0
    assert (await screen.reader.refresh(UNSEEN)).snapshots is None


def machine_of(count: int, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(large, "COUNT", count)
    return build("large")


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("count", [1, 100])
async def test_a_minute_of_a_quiet_host_costs_two_processes_a_round(
    count: int, watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen(SimulatedHost(machine_of(count, monkeypatch)), watched=watched)
    await screen.begin()
    found = await screen.rounds(30, InSight())
    assert found.total() / 30 <= 2, found
    if count == 1:  # of many, some are dying
        assert found["jls"] == (1 if watched else 30)


async def test_every_jails_network_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(SimulatedHost(machine_of(20, monkeypatch)), watched=True)
    await screen.begin()
    screen.pass_(60)
    await screen.rounds(60)
    asked = {one[2] for one in screen.host.log if one[:2] == ("ifconfig", "-j")}
    vnet = [jail for jail in (await screen.reader.gather()).jails if jail.network == "eb"]
    assert asked == {str(jail.jid) for jail in vnet if jail.running}


async def test_a_list_costs_the_same_for_1_and_100_jails(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = []
    for count in (1, 100):
        host = SimulatedHost(machine_of(count, monkeypatch))
        await Reader(host).listed()
        json = len(host.log)
        host.log.clear()
        await Reader(host).gather(quick=True)
        costs.append((json, len(host.log)))
    assert costs == [(7, 4), (7, 4)]


async def test_a_list_tells_what_a_whole_reading_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    host = SimulatedHost(machine_of(60, monkeypatch))
    assert (await Reader(host).listed()).jails == (await Reader(host).gather()).jails
