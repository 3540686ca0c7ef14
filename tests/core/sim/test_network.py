"""Interfaces, addresses and routes: FreeBSD's rules, under names that no recording has."""

from __future__ import annotations

import json

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.net import network
from jailer_core.simulator.scenarios import build


@pytest.fixture
def machine() -> Machine:
    return build("fresh")


def run(machine: Machine, *argv: str, user: str = "root", jid: int = 0) -> Done:
    return machine.now_run(argv, Call((), b"", user, jid))


def ok(machine: Machine, *argv: str, jid: int = 0) -> str:
    done = run(machine, *argv, jid=jid)
    assert done.status == 0, done.stderr
    return done.stdout


def vnet_jail(machine: Machine, name: str, *interfaces: str) -> int:
    ok(machine, "jail", "-c", f"name={name}", "path=/", "vnet=new", "persist")
    jail = machine.jail_named(name)
    assert jail is not None
    for interface in interfaces:
        ok(machine, "ifconfig", interface, "vnet", name)
    return jail.jid


def names(machine: Machine) -> list[str]:
    return ok(machine, "ifconfig", "-l").split()


def test_creating_an_epair_prints_its_first_end_and_makes_both(machine: Machine) -> None:
    assert ok(machine, "ifconfig", "epair7", "create", "up") == "epair7a\n"
    assert names(machine)[-2:] == ["epair7a", "epair7b"]
    assert not machine.state.interfaces["epair7b"].up


def test_creating_without_a_number_takes_the_lowest(machine: Machine) -> None:
    assert ok(machine, "ifconfig", "bridge", "create") == "bridge0\n"
    assert ok(machine, "ifconfig", "bridge", "create") == "bridge1\n"
    assert ok(machine, "ifconfig", "epair", "create") == "epair0a\n"


@pytest.mark.parametrize("end", ["epair7a", "epair7b"])
def test_either_end_destroys_the_pair(machine: Machine, end: str) -> None:
    ok(machine, "ifconfig", "epair7", "create")
    ok(machine, "ifconfig", end, "destroy")
    assert names(machine) == ["vtnet0", "lo0"]


def test_the_other_end_goes_even_when_a_jail_has_it(machine: Machine) -> None:
    ok(machine, "ifconfig", "epair7", "create")
    vnet_jail(machine, "guest", "epair7b")
    ok(machine, "ifconfig", "epair7a", "destroy")
    assert ok(machine, "ifconfig", "-j", "guest", "-l") == "lo0\n"


def test_a_lent_pair_still_takes_its_number(machine: Machine) -> None:
    ok(machine, "ifconfig", "epair7", "create")
    vnet_jail(machine, "guest", "epair7a", "epair7b")
    done = run(machine, "ifconfig", "epair7", "create", "up")
    assert (done.status, done.stderr) == (1, "ifconfig: interface epair7 already exists\n")


def test_indexes_are_the_lowest_free_ones(machine: Machine) -> None:
    ok(machine, "ifconfig", "epair1", "create")
    ok(machine, "ifconfig", "epair2", "create")
    ok(machine, "ifconfig", "epair1a", "destroy")
    ok(machine, "ifconfig", "bridge5", "create")
    assert machine.state.interfaces["bridge5"].index == 3


def test_interfaces_come_home_without_addresses_when_their_jail_ends(machine: Machine) -> None:
    ok(machine, "ifconfig", "epair7", "create", "up")
    jid = vnet_jail(machine, "guest", "epair7b")
    ok(machine, "ifconfig", "epair7b", "inet", "192.0.2.9/28", jid=jid)
    ok(machine, "route", "add", "default", "192.0.2.1", jid=jid)
    ok(machine, "jail", "-R", "guest")
    assert names(machine) == ["vtnet0", "lo0", "epair7a", "epair7b"]
    assert machine.state.interfaces["epair7b"].addresses == []
    assert [route.jid for route in machine.state.routes] == [0]


def test_what_a_jail_made_itself_ends_with_it(machine: Machine) -> None:
    jid = vnet_jail(machine, "guest")
    ok(machine, "ifconfig", "epair3", "create", jid=jid)
    ok(machine, "jail", "-R", "guest")
    assert names(machine) == ["vtnet0", "lo0"]


def test_an_interface_can_be_taken_back_by_hand(machine: Machine) -> None:
    ok(machine, "ifconfig", "epair7", "create")
    jid = vnet_jail(machine, "guest", "epair7b")
    ok(machine, "ifconfig", "epair7b", "-vnet", str(jid))
    assert "epair7b" in names(machine)


def test_every_stack_has_its_own_loopback(machine: Machine) -> None:
    first, second = vnet_jail(machine, "one"), vnet_jail(machine, "two")
    ok(machine, "ifconfig", "lo0", "up", jid=first)
    assert "::1" in ok(machine, "ifconfig", "-j", "one")
    assert "::1" not in ok(machine, "ifconfig", "-j", "two")
    assert network.find(machine.state, second, "lo0") is not None


def test_a_member_leaves_its_bridge_when_it_goes_away(machine: Machine) -> None:
    ok(machine, "ifconfig", "bridge9", "create")
    ok(machine, "ifconfig", "epair7", "create")
    ok(machine, "ifconfig", "bridge9", "addm", "epair7a", "up")
    assert machine.state.interfaces["epair7a"].promiscuous
    vnet_jail(machine, "guest", "epair7a")
    assert machine.state.interfaces["bridge9"].members == []


def test_the_newest_member_comes_first_and_ipv4_before_ipv6(machine: Machine) -> None:
    ok(machine, "ifconfig", "bridge9", "create")
    ok(machine, "ifconfig", "bridge9", "inet6", "2001:db8::1/64")
    ok(machine, "ifconfig", "bridge9", "inet", "192.0.2.1/24")
    for name in ("epair3", "epair8", "epair5"):
        ok(machine, "ifconfig", name, "create")
        ok(machine, "ifconfig", "bridge9", "addm", f"{name}a")
    shown = [line.split()[:2] for line in ok(machine, "ifconfig", "bridge9").splitlines()]
    members = [words[1] for words in shown if words[0] == "member:"]
    assert members == ["epair5a", "epair8a", "epair3a"]
    families = [words[0] for words in shown if words[0] in ("inet", "inet6")]
    assert families == ["inet", "inet6"]


def test_destroying_a_bridge_frees_its_members(machine: Machine) -> None:
    ok(machine, "ifconfig", "bridge9", "create")
    ok(machine, "ifconfig", "epair7", "create")
    ok(machine, "ifconfig", "bridge9", "addm", "epair7a")
    ok(machine, "ifconfig", "bridge9", "destroy")
    assert not machine.state.interfaces["epair7a"].promiscuous


def test_a_member_is_in_one_bridge_only(machine: Machine) -> None:
    for name in ("bridge1", "bridge2", "epair7"):
        ok(machine, "ifconfig", name, "create")
    ok(machine, "ifconfig", "bridge1", "addm", "epair7a")
    assert run(machine, "ifconfig", "bridge2", "addm", "epair7a").status == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch9"], "interface nosuch9 does not exist"),
        (["nosuch9", "addm", "vtnet0", "up"], "interface nosuch9 does not exist"),
        (["-j", "nosuch"], "jail not found: No such file or directory"),
        (["vtnet0", "vnet", "nosuch"], 'jail "nosuch" not found'),
        (["vtnet0", "inet", "300.1.1.1"], "300.1.1.1: bad value"),
        (["vtnet0", "destroy"], "SIOCIFDESTROY: Invalid argument"),
    ],
)
def test_refusals_change_nothing(machine: Machine, words: list[str], said: str) -> None:
    before = ok(machine, "ifconfig", "-a")
    done = run(machine, "ifconfig", *words)
    assert (done.status, done.stderr) == (1, f"ifconfig: {said}\n")
    assert ok(machine, "ifconfig", "-a") == before


def test_an_ordinary_user_looks_but_does_not_touch(machine: Machine) -> None:
    assert run(machine, "ifconfig", "-a", user="nobody").status == 0
    done = run(machine, "ifconfig", "bridge", "create", user="nobody")
    assert done.stderr == "ifconfig: SIOCIFCREATE2 (bridge): Operation not permitted\n"
    assert run(machine, "ifconfig", "vtnet0", "down", user="nobody").status == 1
    assert machine.state.interfaces["vtnet0"].up


def test_addresses_without_alias_replace_and_with_alias_add(machine: Machine) -> None:
    ok(machine, "ifconfig", "vtnet0", "inet", "198.51.100.2/30", "alias")
    ok(machine, "ifconfig", "vtnet0", "inet", "198.51.100.9", "netmask", "255.255.255.0")
    shown = ok(machine, "ifconfig", "-f", "inet:cidr", "vtnet0")
    assert "10.0.2.15" not in shown
    assert "inet 198.51.100.2/30 broadcast 198.51.100.3\n" in shown
    assert "inet 198.51.100.9/24 broadcast 198.51.100.255\n" in shown
    ok(machine, "ifconfig", "vtnet0", "inet", "198.51.100.2", "-alias")
    assert "198.51.100.2/30" not in ok(machine, "ifconfig", "-f", "inet:cidr", "vtnet0")


def test_the_first_address_of_ipv6_brings_the_link_local_one(machine: Machine) -> None:
    assert "29<PERFORMNUD,IFDISABLED,AUTO_LINKLOCAL>" in ok(machine, "ifconfig", "vtnet0")
    ok(machine, "ifconfig", "vtnet0", "inet6", "2001:db8::5", "prefixlen", "64", "alias")
    ok(machine, "ifconfig", "vtnet0", "inet6", "2001:db8::5", "-alias")
    shown = ok(machine, "ifconfig", "vtnet0")
    assert "inet6 fe80::5054:ff:fe12:3456%vtnet0 prefixlen 64 scopeid 0x1\n" in shown
    assert "2001:db8" not in shown
    assert "nd6 options=21<PERFORMNUD,AUTO_LINKLOCAL>" in shown


def test_a_jail_on_the_hosts_stack_sees_its_own_addresses(machine: Machine) -> None:
    ok(machine, "ifconfig", "vtnet0", "inet", "198.51.100.2/32", "alias")
    ok(machine, "jail", "-c", "name=guest", "path=/", "ip4.addr=198.51.100.2", "persist")
    jail = machine.jail_named("guest")
    assert jail is not None
    shown = ok(machine, "ifconfig", jid=jail.jid)
    assert "198.51.100.2" in shown
    assert "10.0.2.15" not in shown
    assert "nd6" not in shown


# --- routes and reach ------------------------------------------------------------------------


def wired(machine: Machine) -> int:
    """A VNET jail on a bridge with the host."""
    ok(machine, "ifconfig", "bridge9", "create")
    ok(machine, "ifconfig", "bridge9", "inet", "172.16.5.1/24", "up")
    ok(machine, "ifconfig", "epair7", "create", "up")
    ok(machine, "ifconfig", "bridge9", "addm", "epair7a")
    jid = vnet_jail(machine, "guest", "epair7b")
    ok(machine, "ifconfig", "lo0", "inet", "127.0.0.1/8", jid=jid)
    ok(machine, "ifconfig", "epair7b", "inet", "172.16.5.2/24", jid=jid)
    return jid


def test_routes_follow_from_addresses(machine: Machine) -> None:
    jid = wired(machine)
    ok(machine, "route", "add", "default", "172.16.5.1", jid=jid)
    answer = json.loads(ok(machine, "netstat", "-j", "guest", "-rn", "--libxo=json"))
    first = answer["statistics"]["route-information"]["route-table"]["rt-family"][0]["rt-entry"]
    found = [(one["destination"], one["flags"], one["interface-name"]) for one in first]
    assert found == [
        ("default", "UGS", "epair7b"),
        ("127.0.0.1", "UH", "lo0"),
        ("172.16.5.0/24", "U", "epair7b"),
        ("172.16.5.2", "UHS", "lo0"),
    ]


def test_a_second_default_route_is_refused(machine: Machine) -> None:
    done = run(machine, "route", "add", "default", "10.0.2.3")
    assert done.status == 1
    assert "route already in table" in done.stdout


def test_the_default_route_goes_with_the_address_that_reached_it(machine: Machine) -> None:
    ok(machine, "ifconfig", "vtnet0", "inet", "10.0.2.15", "-alias")
    assert run(machine, "route", "-n", "get", "default").status == 1


def test_who_is_on_the_wire_answers(machine: Machine) -> None:
    jid = wired(machine)
    assert run(machine, "ping", "-c", "1", "172.16.5.2").status == 0
    assert run(machine, "ping", "-c", "1", "172.16.5.1", jid=jid).status == 0
    assert run(machine, "ping", "-c", "1", "172.16.5.99").status == 2
    ok(machine, "ifconfig", "epair7a", "down")
    assert run(machine, "ping", "-c", "1", "172.16.5.2").status == 2


def test_the_bridge_learns_its_members_addresses(machine: Machine) -> None:
    wired(machine)
    mac = machine.state.mac("epair7b")
    assert ok(machine, "ifconfig", "bridge9", "addr").startswith(f"{mac} Vlan0 epair7a ")
    assert mac in ok(machine, "arp", "-an", "--libxo=json")
