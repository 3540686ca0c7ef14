"""The hosts that demo and tests begin with hold together in themselves."""

from __future__ import annotations

from collections import Counter

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.net import network
from jailer_core.simulator.scenarios import SCENARIOS, build, busy
from jailer_core.simulator.scenarios.base import ScenarioError, run


@pytest.fixture(scope="module", params=SCENARIOS)
def machine(request: pytest.FixtureRequest) -> Machine:
    return build(request.param)


def test_the_same_name_gives_the_same_host_every_time() -> None:
    assert busy.build().state == busy.build().state


def test_two_hosts_share_nothing_that_changes() -> None:
    one, other = build("small"), build("small")
    run(one, "touch", "/usr/local/jails/app0/etc/mine")
    run(one, "jail", "-r", "www0")
    assert not other.files.exists("/usr/local/jails/app0/etc/mine")
    assert other.jail_named("www0") is not None


def test_names_of_nothing_are_refused() -> None:
    with pytest.raises(KeyError):
        build("nosuch")


def test_a_failing_command_is_not_overlooked() -> None:
    with pytest.raises(ScenarioError, match="nosuch"):
        run(build("fresh"), "zfs", "destroy", "zroot/nosuch")


def test_every_reference_leads_somewhere(machine: Machine) -> None:
    state = machine.state
    for one in state.interfaces.values():
        assert one.jid == 0 or state.jails[one.jid].vnet
        for member in one.members:
            assert network.find(state, one.jid, member) is not None
    for process in state.processes.values():
        assert process.jid == 0 or process.jid in state.jails
    for mount in state.mounts:
        assert mount.fstype != "zfs" or mount.device in state.datasets
    for dataset in state.datasets.values():
        above, _, snapshot = dataset.origin.partition("@")
        assert not above or snapshot in [one.name for one in state.datasets[above].snapshots]
    for route in state.routes:
        assert network.find(state, route.jid, route.interface) is not None


def test_numbers_are_given_once(machine: Machine) -> None:
    state = machine.state
    indexes = Counter(one.index for one in state.interfaces.values())
    guids = Counter(one.guid for one in state.datasets.values())
    assert max(indexes.values()) == 1
    assert max(guids.values()) == 1
    assert all(key == network.key(one.name, one.jid) for key, one in state.interfaces.items())
    assert all(pid == one.pid for pid, one in state.processes.items())
    assert all(jid == one.jid for jid, one in state.jails.items())


def test_every_jail_has_its_root_and_no_time_lies_ahead(machine: Machine) -> None:
    state = machine.state
    for jail in state.jails.values():
        assert machine.files.is_dir(jail.path)
        assert jail.created <= state.now
    assert all(one.started <= state.now for one in state.processes.values())


def test_busy_is_what_was_recorded() -> None:
    machine = build("busy")
    jails = {jail.jid: jail.name for jail in machine.state.jails.values()}
    assert jails == {
        72: "thick1",
        74: "shop",
        75: "www0",
        76: "app0",
        77: "app1",
        78: "byhand",
        79: "byhand.child",
    }
    assert run(machine, "ls", "/etc/jail.conf.d").split() == [
        "app0.conf",
        "app1.conf",
        "db01.conf",
        "www0.conf",
    ]


def test_small_is_the_readme() -> None:
    machine = build("small")
    assert run(machine, "ls", "/etc/jail.conf.d").split() == [
        "99d6c13c.conf",
        "app0.conf",
        "fd1dafdc.conf",
        "www0.conf",
    ]
    assert "zroot/jails/app0@prod" in run(machine, "zfs", "list", "-Ht", "snapshot")
    assert "member: epair4a" in run(machine, "ifconfig", "bridge0")


def test_large_has_a_thousand_of_every_kind() -> None:
    machine = build("large")
    state = machine.state
    configured = [name for name in state.root if name.startswith("etc/jail.conf.d/")]
    assert len(configured) == 1000
    kinds = Counter((jail.vnet, jail.dying) for jail in state.jails.values())
    assert kinds[(True, False)] > 200
    assert kinds[(False, False)] > 300
    assert kinds[(False, True)] > 3
    assert len(state.jails) < 1000
    assert sum(len(tree.tree) for tree in state.datasets.values()) > 100_000
    assert len({id(node) for one in state.datasets.values() for node in one.tree.values()}) < 5000


@pytest.mark.parametrize("name", ["web0008", "app0001", "db0034"])
def test_a_jail_of_large_stops_and_starts(name: str) -> None:
    machine = build("large")
    config = f"/etc/jail.conf.d/{name}.conf"
    running = machine.jail_named(name) is not None
    for switch in ("-r", "-c") if running else ("-c", "-r"):
        run(machine, "jail", "-q", "-f", config, switch, name)
    assert (machine.jail_named(name) is not None) == running
