"""What the doctor finds, and that its fixes work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from jailer_core.errors import Refused
from jailer_core.model import Dataset, SetupFacts, TrashEntry
from jailer_core.operations.registry import decide, why_not
from jailer_core.operations.setup import forward6
from jailer_core.operations.setup.bridge import configured, free_net
from jailer_core.operations.setup.checkup import checkup, suggested
from jailer_core.operations.setup.dhcp import block, bound, serves
from jailer_core.operations.setup.plan import FIXES
from jailer_core.operations.setup.requests import (
    BootList,
    HideDevices,
    Init,
    MakePool,
    RemoveLeftovers,
)
from jailer_core.simulator.kernel.machine import Fault
from tests.core.changing import plancases
from tests.core.changing.setup_host import Host

GOOD_ON_FRESH = {"zfs", "pool", "order", "devices", "racct", "left", "trash"}


def bad(host: Host) -> set[str]:
    return {key for key, one in host.checks().items() if not one.good}


def test_a_fresh_host_becomes_all_good_at_once() -> None:
    host = Host("fresh")
    assert {key for key, one in host.checks().items() if one.good} == GOOD_ON_FRESH
    wanted = suggested(host.look())
    assert host.do(wanted).steps
    assert bad(host) == set()
    assert suggested(host.look()) == Init()
    assert host.do(wanted).steps == ()


def test_each_fix_alone_mends_what_it_is_offered_for() -> None:
    host = Host("fresh")
    for key in ("dataset", "enable", "bridge", "forward", "filter", "nat", "dhcp", "devfs"):
        fix = host.checks()[key].fix
        assert fix is not None, key
        host.do(fix)
        assert host.checks()[key].good, key
    assert bad(host) == set()


def test_the_host_of_the_original_is_mended() -> None:
    host = Host("small")
    checks = host.checks()
    assert {"devices app0", "devices fd1dafdc", "dhcp", "devfs"} <= bad(host)
    assert "sees all devices of the host" in checks["devices app0"].detail
    assert checks["devices app0"].fix == HideDevices("app0")
    fixes = [one.fix for one in checks.values() if one.fix is not None]
    host.do(Init(tuple(fixes)))
    assert bad(host) == {"devices app0", "devices fd1dafdc"}
    after = host.checks()["devices app0"]
    assert after.fix is None
    assert "Restart it" in after.hint
    for name in ("app0", "fd1dafdc"):
        assert host.machine.now_run(("service", "jail", "restart", name)).status == 0
    assert bad(host) == set()


def test_a_stopped_jail_with_an_empty_ruleset_is_found() -> None:
    text = 'x { path = "/usr/local/jails/x"; mount.devfs; devfs_ruleset = 99; persist; }\n'
    host = Host("small", {"file": "/etc/jail.conf.d/x.conf", "text": text})
    assert "will see all devices" in host.checks()["devices x"].detail


def test_a_jail_that_mounts_by_hand_is_found_by_its_mount() -> None:
    host = Host("small", ["mount", "-t", "devfs", "devfs", "/usr/local/jails/www0/dev"])
    found = host.checks()["devices www0"]
    assert found.fix is None
    assert "Restart it" in found.hint


def test_no_pool_and_room_for_one() -> None:
    host = Host("fresh", ["zpool", "destroy", "zroot"])
    fix = host.checks()["pool"].fix
    assert isinstance(fix, MakePool)
    assert fix.size == 5 << 30
    host.do(suggested(host.look()))
    assert bad(host) == set()
    assert host.machine.state.pools["zroot"].vdev == "/usr/local/disk0.img"


def test_no_pool_and_no_room() -> None:
    host = Host("fresh", ["zpool", "destroy", "zroot"])
    inventory = host.look()
    assert inventory.setup is not None
    full = replace(inventory, setup=replace(inventory.setup, room={"/usr/local": 1 << 29}))
    found = {one.id: one for one in checkup(full)}["pool"]
    assert (found.state, found.fix) == ("missing", None)


def test_a_sick_pool() -> None:
    host = Host("fresh")
    host.machine.state.pools["zroot"].health = "DEGRADED"
    assert host.checks()["pool"].state == "wrong"


def test_leftovers_are_named_and_removed() -> None:
    host = Host("small", ["jail", "-R", "app0"])
    assert "epair4a" in host.checks()["left"].detail
    assert "/usr/local/jails/app0/dev" in host.checks()["left"].detail
    host.do(RemoveLeftovers())
    assert host.checks()["left"].good


def test_an_epair_of_nobody_is_only_told() -> None:
    host = Host("fresh", ["ifconfig", "epair7", "create"])
    found = host.checks()["left"]
    assert (found.state, found.fix) == ("info", None)
    assert "epair7a" in found.detail
    host.machine.now_run(("ifconfig", "epair7b", "inet", "10.9.0.1/24"))
    assert host.checks()["left"].state == "ok"


def test_root_may_always_set_up() -> None:
    inventory = Host("fresh").look()
    assert why_not(inventory, Init.op, None) == ""
    guest = replace(inventory, host=replace(inventory.host, uid=1001))
    assert why_not(guest, Init.op, None) != ""


def test_the_trash_is_told() -> None:
    inventory = Host("fresh").look()
    entry = TrashEntry("a-1", "a", "1", "zroot/jails/.trash/a-1", "7", 3 << 30)
    found = {one.id: one for one in checkup(replace(inventory, trash=(entry,)))}["trash"]
    assert found.detail == "1 destroyed jail, 3G"


@pytest.mark.parametrize(
    ("tweak", "key", "state"),
    [
        (["sysrc", "-x", "zfs_enable"], "zfs", "wrong"),
        (["kldunload", "zfs"], "zfs", "missing"),
        (["zfs", "create", "-o", "mountpoint=/usr/local/jails", "zroot/jails"], "dataset", "wrong"),
        (["sysrc", "ifconfig_bridge0=addm vtnet0 up"], "bridge", "wrong"),
        (["ifconfig", "bridge0", "create"], "bridge", "wrong"),
        (["sysctl", "net.inet.ip.forwarding=1"], "forward", "wrong"),
        (["sysrc", "pf_rules=/etc/x"], "filter", "info"),
        (["sysrc", "firewall_enable=YES"], "nat", "info"),
        (["kldunload", "pf"], "filter", "missing"),
        ({"file": "/etc/pf.conf", "text": "nonsense\n"}, "filter", "wrong"),
        ({"file": "/etc/pf.conf", "text": "pass\n"}, "filter", "wrong"),
        ({"sysctl": "kern.racct.enable", "value": "0"}, "racct", "missing"),
        (["route", "delete", "default"], "nat", "missing"),
    ],
)
def test_findings(tweak: object, key: str, state: str) -> None:
    assert Host("fresh", tweak).checks()[key].state == state


def test_without_a_way_out_there_is_no_nat_to_offer() -> None:
    host = Host("small", ["route", "delete", "default"])
    found = host.checks()["nat"]
    assert found.fix is None
    assert "default route" in found.hint


@pytest.mark.parametrize(
    ("program", "keys"),
    [
        ("kldstat", {"zfs"}),
        ("devfs", {"devfs"}),
        ("sysctl", {"forward", "racct"}),
        ("pfctl", {"filter", "nat"}),
        ("ifconfig", {"bridge", "left"}),
        ("zpool", {"pool"}),
        ("zfs", {"dataset"}),
        ("service", {"dhcp"}),
    ],
)
def test_what_cannot_be_read_is_unknown(program: str, keys: set[str]) -> None:
    host = Host("small", ["zpool", "list"])
    fault = Fault("fail", lambda argv: argv[0] == program, times=1000)
    host.machine.faults.append(fault)
    inventory = host.look()
    found = {one.id: one for one in checkup(inventory)}
    assert {key for key in keys if found[key].state != "unknown"} == set()
    assert inventory.problems


def test_nothing_is_said_and_done_without_having_looked() -> None:
    host = Host("fresh")
    inventory = asyncio.run(host.reader.gather())
    assert [one.state for one in checkup(inventory)] == ["unknown"]
    with pytest.raises(Refused):
        decide(inventory, RemoveLeftovers())


def test_a_refresh_does_not_look() -> None:
    host = Host("small")
    asked: list[tuple[str, ...]] = []

    def listen(argv: tuple[str, ...]) -> bool:
        asked.append(argv)
        return False

    host.machine.faults.append(Fault("fail", listen))
    asyncio.run(host.reader.gather())
    assert not [one for one in asked if one[0] in ("kldstat", "devfs", "pfctl", "pkg", "service")]


def test_an_unreadable_file_is_not_taken_for_a_missing_one() -> None:
    host = Host("fresh", {"file": "/etc/pf.conf", "text": "pass\n"})
    inventory = host.look()
    kept = {key: text for key, text in inventory.file_texts.items() if key != "/etc/pf.conf"}
    found = {one.id: one for one in checkup(replace(inventory, file_texts=kept))}
    assert found["filter"].state == "unknown"


def test_every_request_has_its_place_and_a_case() -> None:
    kinds = set()
    for case in plancases.cases():
        request = case.request
        kinds |= {type(one) for one in getattr(request, "parts", (request,))}
    assert set(FIXES) <= kinds


# --- small rules -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("inet 10.0.0.1/24 up", "10.0.0.1/24"),
        ("inet 10.0.0.1 netmask 255.255.255.0", "10.0.0.1/24"),
        ("up inet 10.1.0.1/16", "10.1.0.1/16"),
        ("addm em0 up", None),
        ("inet", None),
        ("inet nonsense", None),
        ("DHCP", None),
    ],
)
def test_the_address_in_rc_conf(text: str, wanted: str | None) -> None:
    found = configured(text)
    assert (str(found) if found else None) == wanted


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [("bridge0", True), ("-v bridge0", True), ("", False), ("bridge0 em0", False), ("em0", False)],
)
def test_bound_to_the_bridge_alone(flags: str, wanted: bool) -> None:
    assert bound(flags) is wanted


def test_no_net_is_free() -> None:
    inventory = Host("fresh").look()
    assert inventory.setup is not None
    routes = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    doctor = replace(inventory.setup, routes=routes)
    assert free_net(inventory, doctor) is None
    found = {one.id: one for one in checkup(replace(inventory, setup=doctor))}["bridge"]
    assert (found.fix, found.state) == (None, "missing")


def test_the_ways_of_a_tunnel_take_no_net() -> None:
    inventory = Host("fresh").look()
    assert inventory.setup is not None
    doctor = replace(inventory.setup, routes=("0.0.0.0/1", "128.0.0.0/1", "default"))
    assert str(free_net(inventory, doctor)) == "10.0.0.1/24"


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("10.0.0.1/24", "range 10.0.0.2 10.0.0.254;"),
        ("10.0.0.254/24", "range 10.0.0.1 10.0.0.253;"),
        ("172.16.0.1/12", "range 172.16.0.2 172.31.255.254;"),
        ("10.0.0.9/29", "range 10.0.0.10 10.0.0.14;"),
        ("10.0.0.9/24", "range 10.0.0.1 10.0.0.8;\n  range 10.0.0.10 10.0.0.254;"),
    ],
)
def test_what_dhcpd_gives_out(address: str, wanted: str) -> None:
    text = block(IPv4Interface(address))
    assert wanted in text
    assert serves(text, IPv4Interface(address))


def test_what_starts_together_is_put_in_a_list() -> None:
    text = 'old { path = "/usr/local/jails/www0"; ip4 = inherit; persist; }\n'
    host = Host("small", {"file": "/etc/jail.conf", "text": text})
    found = host.checks()["order"]
    assert (found.state, found.fix) == ("missing", BootList())
    host.do(BootList())
    assert host.checks()["order"].detail == "jail_list: old"


def test_no_jail_is_made_to_start_by_a_suggestion() -> None:
    host = Host("small")
    assert host.checks()["order"].state == "info"
    assert BootList() not in suggested(host.look()).parts
    host.machine.files.write("/etc/rc.d/jail", b": ${jail_conf_dir:=/etc/jail.conf.d}\n")
    found = host.checks()["order"]
    assert found.fix == BootList()
    assert "is patched" in found.detail


def test_a_name_without_a_jail_in_the_boot_list() -> None:
    host = Host("small", ["sysrc", "jail_list=www0 gone app0"])
    found = host.checks()["order"]
    assert found.detail == "jail_list names gone, which does not exist"
    assert found.fix is not None
    host.do(found.fix)
    assert host.checks()["order"].detail == "jail_list: www0, app0"
    host = Host("small", ["sysrc", "jail_list=gone"])
    assert host.checks()["order"].fix is None


def test_a_jail_that_rc_conf_defines_itself_is_no_name_without_a_jail() -> None:
    host = Host(
        "small",
        ["sysrc", "jail_list=www0 old-one"],
        ["sysrc", "jail_old_one_rootdir=/usr/local/jails/old"],
    )
    assert host.checks()["order"].detail == "jail_list: www0, old-one"


def test_a_pair_that_rc_conf_makes_is_nobodys_leftover() -> None:
    host = Host("small", ["sysrc", "cloned_interfaces+=epair7"], ["ifconfig", "epair7", "create"])
    assert "epair7a" not in host.checks()["left"].detail


def test_several_pools_are_said() -> None:
    host = Host("fresh", ["zpool", "create", "tank", "vtbd2"])
    assert "several pools" in host.checks()["dataset"].hint


def test_an_unmounted_dataset() -> None:
    inventory = Host("small").look()

    def away(one: Dataset) -> Dataset:
        return replace(one, mounted=one.name != "zroot/jails" and one.mounted)

    found = checkup(replace(inventory, datasets=tuple(map(away, inventory.datasets or ()))))
    assert {one.id: one for one in found}["dataset"].detail == "zroot/jails is not mounted"


SIX = ["ifconfig", "bridge0", "inet6", "fd00:0:0:1::1/64"]
OUT6 = (
    ["ifconfig", "vtnet0", "inet6", "2001:db8::15/64"],
    ["route", "-6", "add", "default", "2001:db8::1"],
)


def test_forwarding_of_six_is_looked_at_where_a_bridge_has_six() -> None:
    assert "forward6" not in Host("small").checks()
    host = Host("small", SIX, *OUT6)
    assert host.checks()["forward6"].state == "missing"
    fix = host.checks()["forward6"].fix
    assert fix is not None
    host.do(fix)
    assert host.checks()["forward6"].good


def test_a_route_that_would_be_lost_is_kept_or_nothing_is_offered() -> None:
    learned = ["sysrc", "ifconfig_vtnet0_ipv6=inet6 accept_rtadv"]
    host = Host("small", SIX, *OUT6, learned)
    fix = host.checks()["forward6"].fix
    assert fix is not None
    host.do(fix)
    assert host.machine.state.sysctl["net.inet6.ip6.rfc6204w3"] == "1"
    other = Host("small", SIX, *OUT6, learned, ["sysrc", "ipv6_cpe_wanif=em7"])
    found = other.checks()["forward6"]
    assert found.fix is None
    assert "would lose it" in found.hint


def test_a_default_route_without_the_mark_of_a_static_one_was_learned() -> None:
    inventory = Host("small", SIX).look()
    doctor = SetupFacts(way_out6="vtnet0", learned6=True)
    assert forward6.learns(inventory, doctor) == "vtnet0"
    assert forward6.learns(inventory, replace(doctor, learned6=False)) == ""
    assert forward6.learns(inventory, replace(doctor, way_out6="")) == ""
