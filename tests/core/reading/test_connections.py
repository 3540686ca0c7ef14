"""What `Needs.network` reads, and what it costs."""

from __future__ import annotations

import pytest

from jailer_core.facts import Reader
from jailer_core.facts.jail_networks import MORE
from jailer_core.facts.network_state import families
from jailer_core.model.network import Connections
from jailer_core.parse import pf
from jailer_core.plan import Needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import build, large
from tests.core.reading.busy import busy, entry

NETWORK = Needs(network=True)


async def seen(machine: Machine, user: str = "root") -> Connections:
    inventory = await Reader(SimulatedHost(machine, user=user)).gather(NETWORK)
    assert inventory.connections is not None
    return inventory.connections


def ran(machine: Machine, *argv: str, stdin: str = "") -> None:
    assert machine.now_run(argv, stdin=stdin.encode()).status == 0


async def test_stacks_of_all_vnet_jails_and_of_the_host() -> None:
    found = await seen(build("busy"))
    assert found.stacks.keys() == {0, 76, 77}
    assert [
        one.gateway for one in found.stacks[77].routes or () if one.destination == "default"
    ] == ["10.0.0.1"]
    assert {one.name for one in found.stacks[76].interfaces or ()} == {"lo0", "epair1b"}
    assert {one.family for one in found.stacks[0].routes or ()} == {4, 6}
    assert (found.forwarding, found.forwarding6) == (False, False)
    assert found.translated == frozenset()
    assert found.exposed == ()
    assert found.neighbours is not None
    assert found.neighbours["10.0.0.12"].interface == "bridge0"
    assert found.neighbours["10.0.2.15"].own
    assert found.traffic is not None
    assert found.traffic["vtnet0"].received == 70724525


async def test_it_is_not_read_unless_it_is_asked_for() -> None:
    host = SimulatedHost(build("busy"))
    inventory = await Reader(host).gather()
    assert inventory.connections is None
    assert not [argv for argv in host.log if argv[0] == "pfctl" or argv[:2] == ("netstat", "-ibn")]


async def cost(count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[str]]:
    """Programs of the first refresh and of the third of a host with so many jails."""
    monkeypatch.setattr(large, "COUNT", count)
    host = SimulatedHost(build("large"))
    reader = Reader(host)
    await reader.gather(quick=True)
    first = len(host.log)
    await reader.gather(NETWORK)
    await reader.gather(NETWORK)
    host.log.clear()
    await reader.gather(NETWORK)
    return first, [one[0] for one in host.log]


async def test_a_warm_refresh_costs_the_same_for_any_number_of_jails(
    monkeypatch: pytest.MonkeyPatch, exhaustive: bool
) -> None:
    warm = []
    for count in (1, 50, 300) if exhaustive else (1, 10, 70):
        monkeypatch.setattr("jailer_core.facts.jail_networks.MORE", 300)
        warm.append((await cost(count, monkeypatch))[1])
    assert warm[0] == warm[1] == warm[2]
    assert sorted(warm[0]) == sorted(
        [
            "jls",
            "ps",
            "zfs",
            "zpool",
            "mount",
            "ifconfig",
            "sysctl",
            "netstat",
            "arp",
            "sysctl",
            "pfctl",
        ]
    )


async def test_routes_that_a_quick_look_left_out_are_asked_for_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(large, "COUNT", 200)
    host = SimulatedHost(build("large"))
    reader = Reader(host)
    await reader.gather(quick=True)
    unknown = []
    for _ in range(4):
        found = await reader.gather(NETWORK)
        assert found.connections is not None
        unknown.append(sum(one.routes is None for one in found.connections.stacks.values()))
    assert unknown == sorted(unknown, reverse=True)
    assert unknown[0] > MORE
    assert unknown[-1] == 0


async def test_after_a_change_the_networks_are_asked_again() -> None:
    machine = build("busy")
    host = SimulatedHost(machine)
    reader = Reader(host)
    await reader.gather(NETWORK)
    ran(machine, "ifconfig", "-j", "app1", "epair2b", "inet", "10.0.0.77/24", "alias")
    old = await reader.gather(NETWORK)
    assert "10.0.0.77/24" not in map(str, named_addresses(old))
    reader.forget_networks()
    new = await reader.gather(NETWORK)
    assert "10.0.0.77/24" in map(str, named_addresses(new))


def named_addresses(inventory: object) -> tuple[object, ...]:
    jail = inventory.jail("app1")  # type: ignore[attr-defined]
    return tuple(jail.addresses or ())


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("", set()),
        ('nat-anchor "jailer/*" all\n', set()),
        ("nat on vtnet0 inet from 10.0.0.11 to any -> (vtnet0:0)\n", {4}),
        ("nat on vtnet0 inet6 from fd00::/64 to any -> (vtnet0:0)\n", {6}),
        ("nat on vtnet0 all -> (vtnet0)\nrdr on vtnet0 inet all -> 10.0.0.1\n", {4, 6}),
        ("no nat on vtnet0 inet all\nrdr pass on vtnet0 inet proto tcp all -> 10.0.0.1\n", set()),
    ],
)  # fmt: skip
def test_families_that_rules_translate(rules: str, found: set[int]) -> None:
    assert families(pf.rules(rules).value) == found


ANCHORS = 'nat-anchor "jailer/*"\nrdr-anchor "jailer/*"\nanchor "jailer/*"\n'
APP0 = "nat on vtnet0 inet from 10.0.0.11 to any -> (vtnet0:0)\n"


def filtering(machine: Machine) -> None:
    """The packet filter as recording 06 has it, on."""
    ran(machine, "pfctl", "-f", "-", stdin=ANCHORS)
    ran(machine, "pfctl", "-a", "jailer/app0", "-f", "-", stdin=APP0)
    ran(machine, "pfctl", "-e")


async def test_rules_in_the_anchors_of_jails_count_while_the_filter_is_on() -> None:
    machine = build("busy")
    filtering(machine)
    assert (await seen(machine)).translated == frozenset({4})
    ran(machine, "pfctl", "-d")
    assert (await seen(machine)).translated == frozenset()


async def test_an_anchor_is_asked_once() -> None:
    machine = build("busy")
    filtering(machine)
    host = SimulatedHost(machine)
    reader = Reader(host)
    await reader.gather(NETWORK)
    host.log.clear()
    again = await reader.gather(NETWORK)
    assert again.connections is not None
    assert again.connections.translated == frozenset({4})
    assert [argv for argv in host.log if "jailer/app0" in argv] == []


async def test_an_ordinary_user_does_not_know_about_the_filter_and_hears_no_complaint() -> None:
    inventory = await Reader(SimulatedHost(build("busy"), user="nobody")).gather(NETWORK)
    assert inventory.connections is not None
    assert inventory.connections.translated is None
    assert [one for one in inventory.problems if one.source == "pfctl"] == []


@pytest.mark.parametrize("kind", ["fail", "hang", "die"])
@pytest.mark.parametrize(
    "words",
    [("netstat", "-ibn"), ("pfctl", "-s"), ("sysctl", "net.inet.ip.forwarding"), ("arp", "-an")],
)
async def test_faults_become_problems_and_pass(kind: str, words: tuple[str, str]) -> None:
    machine = build("busy")
    reader = Reader(SimulatedHost(machine))
    await reader.gather(NETWORK)
    machine.faults.append(Fault(kind, lambda argv: argv[:2] == words))
    bad = await reader.gather(NETWORK)
    assert any(one.source == words[0] for one in bad.problems)
    assert (await reader.gather(NETWORK)).problems == ()


async def test_a_kernel_without_ipv6_still_tells_about_ipv4() -> None:
    host = busy()
    asked = ("sysctl", "net.inet.ip.forwarding", "net.inet6.ip6.forwarding")
    answer = "net.inet.ip.forwarding: 1\n"
    host.says(asked, answer, "sysctl: unknown oid 'net.inet6.ip6.forwarding'\n", 1)
    host.says(asked[:2], answer)
    reader = Reader(host)
    for _ in range(2):
        found = (await reader.gather(NETWORK)).connections
        assert found is not None
        assert (found.forwarding, found.forwarding6) == (True, None)


async def test_older_programs_are_run_inside_the_jail() -> None:
    """ifconfig and netstat before 13.3 have no -j."""
    host = busy()
    for jid, name in (("76", "app0"), ("77", "app1")):
        line = {"app0": 41, "app1": 42}[name]
        format_ = ("-f", "inet:cidr,inet6:cidr")
        host.says(("ifconfig", "-j", jid, *format_), "", "ifconfig: illegal option -- j\n", 1)
        host.says(("jexec", jid, "ifconfig", *format_), entry("08", line)["stdout"])
        host.says(("jexec", jid, "netstat", "-rn", "--libxo=json"), entry("04", 32)["stdout"])
    reader = Reader(host)
    inventory = await reader.gather()
    app1 = inventory.jail("app1")
    assert app1 is not None
    assert [str(one) for one in app1.addresses or ()] == ["10.0.0.12/24", "fd00:0:0:1::12/64"]
    assert app1.gateway == "10.0.0.1"
    assert len([argv for argv in host.log if argv[1:2] == ("-j",) and argv[0] == "netstat"]) == 0
