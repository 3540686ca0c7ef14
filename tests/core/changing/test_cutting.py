"""Steps that may cut the connection: one line per command, on hosts with different bridges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.model import Address, Interface, Inventory
from jailer_core.operations.connection import impact
from jailer_core.operations.jails.requests import Start
from jailer_core.plan import Plan, Run, Step, WriteFile
from jailer_core.ssh_client import Connection
from tests.core.changing.hosts import config, inventory, jail

SSH = Connection("192.0.2.7", "10.0.2.15", 22)


def card(name: str, *addresses: str, members: tuple[str, ...] = ()) -> Interface:
    found = tuple(
        Address(one.partition("/")[0], int(one.partition("/")[2]), name) for one in addresses
    )
    groups = ("bridge",) if name.startswith("bridge") else ()
    return Interface(name, up=True, addresses=found, members=members, groups=groups)


PLAIN = (card("vtnet0", "10.0.2.15/24"), card("vtnet1"), card("bridge0", "10.0.0.1/24"))
BRIDGED = (
    card("vtnet0"),
    card("vtnet1"),
    card("epair1a"),
    card("bridge0", "10.0.2.15/24", members=("epair1a", "vtnet0")),
    card("bridge1"),
)
SIX = (card("vtnet0", "2001:db8::15/64"),)


def cuts(cards: tuple[Interface, ...], *argv: str, stdin: str = "", ssh: Connection = SSH) -> bool:
    return judged(inventory(interfaces=cards), Step(Run(argv, stdin), "do"), ssh=ssh)


def judged(found: Inventory, *steps: Step, ssh: Connection = SSH) -> bool:
    plan = Plan(Start("x"), "do", steps)
    return bool(impact.touching(found, impact.way(found, ssh, plan), plan))


TOUCHING = (
    "ifconfig vtnet0 down",
    "ifconfig vtnet0 inet 10.0.2.15/24 -alias",
    "ifconfig vtnet0 inet 10.0.2.15 netmask 255.255.255.0 -alias",
    "ifconfig vtnet0 vnet web01",
    "ifconfig vtnet0 mtu 9000",
    "ifconfig bridge0 addm vtnet0",
    "ifconfig bridge0 addm vtnet1 addm vtnet0 up",
    "ifconfig bridge1 inet 192.0.2.1/24 alias",
    "service netif restart",
    "service netif restart vtnet0",
    "service netif start",
    "service routing restart",
    "service pf onestart",
    "service pf onereload",
    "service pf start",
    "service dhclient restart vtnet0",
    "route delete default",
    "route -n change default 10.0.2.3",
    "route flush",
    "route add -net 192.0.2.0/24 10.0.0.2",
    "pfctl -e",
    "pfctl -f /etc/pf.conf",
    "pfctl -F states",
    "pfctl -F all",
    "pfctl -k 192.0.2.7",
    "kldload ipfw",
)
HARMLESS = (
    "ifconfig vtnet0",
    "ifconfig -a",
    "ifconfig vtnet0 description uplink",
    "ifconfig vtnet0 inet 10.0.2.21/32 alias",
    "ifconfig vtnet0 inet 10.0.2.21/32 -alias",
    "ifconfig bridge0 addm epair1a up",
    "ifconfig bridge0 deletem vtnet1",
    "ifconfig bridge1 create",
    "ifconfig bridge0 inet 10.1.0.1/24 alias",
    "ifconfig bridge0 destroy",
    "ifconfig vtnet1 up",
    "ifconfig -j web01 epair1b inet 192.0.2.9/24 alias",
    "service netif start bridge0",
    "service pf onestop",
    "service sshd restart",
    "route -n get default",
    "route -j web01 add default 10.0.0.1",
    "route add -net 172.16.0.0/12 10.0.0.2",
    "pfctl -n -f /etc/pf.conf",
    "pfctl -a jailer/web01 -F nat",
    "pfctl -s nat",
    "kldload pf",
    "sysctl net.inet6.ip6.forwarding=1",
    "sysrc pf_enable=YES",
    "zfs snapshot zroot@x",
)


@pytest.mark.parametrize("line", TOUCHING)
def test_it_may_cut(line: str) -> None:
    assert cuts(PLAIN, *line.split())


@pytest.mark.parametrize("line", HARMLESS)
def test_it_cannot_cut(line: str) -> None:
    assert not cuts(PLAIN, *line.split())


@pytest.mark.parametrize(
    "line",
    [
        "ifconfig bridge0 deletem vtnet0",
        "ifconfig vtnet0 down",
        "ifconfig bridge0 destroy",
        "ifconfig bridge1 addm vtnet0",
    ],
)
def test_a_bridge_carries_it(line: str) -> None:
    assert cuts(BRIDGED, *line.split())


@pytest.mark.parametrize("line", ["ifconfig bridge0 deletem epair1a", "ifconfig vtnet1 down"])
def test_other_members_do_not_matter(line: str) -> None:
    assert not cuts(BRIDGED, *line.split())


def test_a_vlan_lies_on_its_card() -> None:
    cards = (card("em0"), card("em1"), card("em0.10", "10.0.2.15/24"))
    assert cuts(cards, "ifconfig", "em0", "down")
    assert not cuts(cards, "ifconfig", "em1", "down")
    told = replace(card("vlan10", "10.0.2.15/24"), vlan=10, parent="em1")
    assert cuts((card("em0"), card("em1"), told), "ifconfig", "em1", "down")
    assert not cuts((card("em0"), card("em1"), told), "ifconfig", "em0", "down")
    unknown = (card("em0"), card("em1"), card("vlan10", "10.0.2.15/24"))
    assert cuts(unknown, "ifconfig", "em1", "down")


def test_a_bridge_over_a_vlan_over_a_lagg() -> None:
    lagg = card("lagg0", members=("em0", "em1"))
    vlan = replace(card("lagg0.7"), vlan=7, parent="lagg0")
    bridge = card("bridge0", "10.0.2.15/24", members=("lagg0.7", "epair1a"))
    cards = (card("em0"), card("em1"), card("em2"), lagg, vlan, bridge)
    for name in ("em0", "em1", "lagg0", "lagg0.7", "bridge0"):
        assert cuts(cards, "ifconfig", name, "down"), name
    assert not cuts(cards, "ifconfig", "em2", "down")


def test_an_address_that_no_interface_has_makes_all_of_them_count() -> None:
    assert cuts((card("em0", "10.9.9.9/24"),), "ifconfig", "em0", "down")


def test_six() -> None:
    ssh = Connection("2001:db8::7", "2001:db8::15", 22)
    assert cuts(SIX, "sysctl", "net.inet6.ip6.forwarding=1", ssh=ssh)
    assert cuts(SIX, "ifconfig", "vtnet0", "inet6", "2001:db8::15/64", "-alias", ssh=ssh)
    assert not cuts(SIX, "ifconfig", "vtnet0", "inet6", "fd00::1/64", "alias", ssh=ssh)


def test_what_rc_conf_will_say_counts() -> None:
    write = Step(Run(("sysrc", "ifconfig_bridge1=inet 192.0.2.1/24 up")), "write")
    start = Step(Run(("service", "netif", "start", "bridge1")), "start")
    assert judged(inventory(interfaces=PLAIN), write, start)
    assert not judged(inventory(interfaces=PLAIN), start)
    member = Step(Run(("sysrc", "ifconfig_bridge1=addm vtnet0 up")), "write")
    assert judged(inventory(interfaces=PLAIN), member, start)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("rdr on vtnet0 inet proto tcp from any to (vtnet0) port 22 -> 10.0.0.5 port 22", True),
        ("rdr on vtnet0 inet proto tcp from any to any port = ssh -> 10.0.0.5", True),
        ("rdr on vtnet0 inet from any to 10.0.2.15 -> 10.0.0.5", True),
        ("rdr on vtnet0 inet proto tcp from any to (vtnet0) port 8080 -> 10.0.0.5 port 80", False),
        ("rdr on vtnet0 inet from any to 10.0.2.99 -> 10.0.0.5", False),
        ("rdr on vtnet1 inet from any to any -> 10.0.0.5", False),
        ("rdr on vtnet0 inet proto udp from any to (vtnet0) port 22 -> 10.0.0.5", False),
        ("nat on vtnet0 inet from 10.0.0.5 to any -> (vtnet0)", False),
        ("block in on vtnet0", True),
    ],
)
def test_rules_of_an_anchor(rule: str, wanted: bool) -> None:
    argv = ("pfctl", "-a", "jailer/web01", "-f", "-")
    assert cuts(PLAIN, *argv, stdin=rule + "\n") is wanted
    assert not cuts(PLAIN, *argv, "-n", stdin=rule + "\n")


def test_a_jail_that_takes_the_card() -> None:
    takes = jail("web01", config=config("web01", vnet_interface=("vtnet0",)))
    hooks = config("db01", exec_prestart=("ifconfig bridge0 addm vtnet0",))
    other = config("app0", exec_prestart=("ifconfig bridge0 addm epair1a up", "sh -c '"))
    found = inventory(takes, jail("db01", config=hooks), jail("app0", config=other))
    found = inventory(*found.jails, interfaces=PLAIN)

    def start(name: str) -> Step:
        return Step(Run(("jail", "-v", "-f", "x", "-c", name)), "start", jail=name)

    assert judged(found, start("web01"))
    assert judged(found, start("db01"))
    assert not judged(found, start("app0"))


def test_files_touch_nothing() -> None:
    step = Step(WriteFile("/etc/rc.conf", "ifconfig_vtnet0=DHCP"), "write")
    assert not judged(inventory(interfaces=PLAIN), step)
