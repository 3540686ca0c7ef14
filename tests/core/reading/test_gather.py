"""One refresh of the host of recording 08, and what it costs the next time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jailer_core.facts import Reader, on_demand
from jailer_core.model import FileStamp, Inventory, JailState, Network, Owner
from tests.core.reading.busy import JLS, StandIn, busy, entry, kernel, named, recording


async def gathered(host: StandIn, *, quick: bool = False) -> Inventory:
    return await Reader(host).gather(quick=quick)


async def test_all_jails_of_recording_08() -> None:
    inventory = await gathered(busy())
    assert [
        (
            *(one.name, one.jid, one.owner, one.network, one.gateway, one.boots, one.dataset),
            [str(address) for address in one.addresses or ()],
        )
        for one in inventory.jails
    ] == [
        (
            *("thick1", 72, Owner.BASTILLE, Network.SHARED, "10.0.2.2", False),
            *("zroot/bastille/jails/thick1", ["10.0.2.31/32"]),
        ),
        (
            *("shop", 74, Owner.BASTILLE, Network.SHARED, "10.0.2.2", True),
            *("zroot/bastille/jails/shop", ["10.0.2.30/32"]),
        ),
        (
            *("www0", 75, Owner.JAILER, Network.SHARED, "10.0.2.2", False),
            *("zroot/jails/www0", ["10.0.2.21/32", "fd00::21/128"]),
        ),
        ("app0", 76, Owner.JAILER, Network.EPAIR, "", False, "zroot/jails/app0", []),
        (
            *("app1", 77, Owner.JAILER, Network.EPAIR, "10.0.0.1", False, "zroot/jails/app1"),
            ["10.0.0.12/24", "fd00:0:0:1::12/64"],
        ),
        ("byhand", 78, Owner.BY_HAND, Network.INHERIT, "10.0.2.2", False, "", []),
        ("byhand.child", 79, Owner.BY_HAND, Network.NONE, "", None, "", []),
    ]
    assert inventory.problems == ()
    assert all(one.state is JailState.RUNNING for one in inventory.jails)
    assert {one.release for one in inventory.jails} == {"15.1-RELEASE-p1"}


async def test_use_age_and_disk() -> None:
    inventory = await gathered(busy())
    app1, byhand = named(inventory, "app1"), named(inventory, "byhand")
    assert (app1.cpu, app1.processes, app1.age) == (9.8, 4, 5)
    assert app1.memory == 12038144
    assert (byhand.cpu, byhand.memory, byhand.processes, byhand.age) == (0.0, 0, 0, None)
    assert app1.disk == 301056
    assert byhand.disk is None
    assert named(inventory, "byhand.child").parent == "byhand"
    assert app1.hostname == "app1.example.org"


async def test_the_host_itself() -> None:
    inventory = await gathered(busy())
    assert (inventory.host.hostname, inventory.host.uid, inventory.host.root) == (
        "armbsd15",
        0,
        True,
    )
    assert inventory.host.memory_free == 857559 * 4096
    assert [one.name for one in inventory.pools or ()] == ["zroot"]
    assert len(inventory.mounts or ()) == 34
    assert {one.name for one in inventory.interfaces or ()} >= {"vtnet0", "bridge0"}
    assert (inventory.rc or {})["jail_enable"] == "YES"
    assert inventory.snapshots is None
    assert inventory.taken == 1_795_480_000.0
    assert inventory.layout.dataset == "zroot/jails"
    assert [(one.version, one.has_base) for one in inventory.images] == [("15.1-RELEASE", True)]


async def test_a_quiet_refresh_costs_seven_processes_and_makes_nothing_new() -> None:
    host = busy()
    reader = Reader(host)
    first = await reader.gather()
    host.log.clear()
    host.now += 2
    second = await reader.gather()
    assert sorted(one[0] for one in host.log) == [
        *("ifconfig", "jls", "mount", "ps", "sysctl", "zfs", "zpool"),
    ]
    assert second.jails[0].age == first.jails[0].age == 180
    app1 = named(second, "app1")
    assert app1.age == 7  # a young one is told by the second
    assert second.taken == first.taken + 2
    host.now += 60
    third, fourth = await reader.gather(), await reader.gather()
    assert fourth.jails is third.jails
    assert fourth.configs is third.configs
    assert replace(fourth, taken=0.0) == replace(third, taken=0.0)


async def test_an_age_goes_on_while_a_jail_has_no_process_for_a_moment() -> None:
    host = busy()
    reader = Reader(host)
    await reader.gather()
    argv = next(one for one in host.answers if one[0] == "ps" and "pcpu" in one[3])
    full = host.answers[argv]
    host.says(argv, full.stdout.replace('"jail-id":"77"', '"jail-id":"0"'))
    host.now += 20
    app1 = named(await reader.gather(), "app1")
    assert (app1.processes, app1.age) == (0, 25)
    host.answers[argv] = full
    host.log.clear()
    assert named(await reader.gather(), "app1").age == 25
    assert len(host.log) == 7


async def test_jails_that_did_not_change_stay_the_same_objects() -> None:
    host = busy()
    reader = Reader(host)
    first = await reader.gather()
    kernel(host, {"www0": {"host.hostname": "renamed.example.org"}})
    second = await reader.gather()
    assert named(second, "www0").hostname == "renamed.example.org"
    assert named(second, "shop") is named(first, "shop")


async def test_new_jids_are_asked_once() -> None:
    host = busy()
    reader = Reader(host)
    await reader.gather()
    kernel(host, {"app1": {"jid": "90"}})
    host.log.clear()
    host.says(("ifconfig", "-j", "90", "-f", "inet:cidr,inet6:cidr"), entry("08", 42)["stdout"])
    host.says(("netstat", "-j", "90", "-rn", "--libxo=json"), entry("04", 32)["stdout"])
    await reader.gather()
    asked = {one[:3] for one in host.log} - {one[:3] for one in busy().answers if one[0] != "ps"}
    assert ("ifconfig", "-j", "90") in asked
    host.log.clear()
    await reader.gather()
    assert len(host.log) == 7


async def test_a_stopped_jail_is_told_by_its_configuration() -> None:
    host = busy()
    kernel(host, {"www0": None, "app0": None, "shop": None})
    inventory = await gathered(host)
    www0, app0, shop = (named(inventory, one) for one in ("www0", "app0", "shop"))
    assert {www0.state, app0.state, shop.state} == {JailState.STOPPED}
    assert www0.jid is None
    assert [str(one) for one in www0.addresses or ()] == ["10.0.2.21/32", "fd00::21"]
    assert (www0.network, www0.gateway, www0.hostname) == (
        *(Network.SHARED, "10.0.2.2", "www0.example.org"),
    )
    assert (app0.network, app0.addresses, app0.gateway) == (Network.EPAIR, None, None)
    assert app0.release == "15.1-RELEASE"  # of the image that it is a clone of
    assert shop.release == "15.1-RELEASE-p1"  # as configured
    assert [str(one) for one in shop.addresses or ()] == ["10.0.2.30"]
    assert (shop.owner, shop.dataset) == (Owner.BASTILLE, "zroot/bastille/jails/shop")
    assert (www0.cpu, www0.memory, www0.processes, www0.age) == (0.0, 0, 0, None)
    assert www0.config is not None
    assert www0.config.path == www0.config.source == "/etc/jail.conf.d/www0.conf"
    assert www0.config.alone


async def test_release_of_a_stopped_jail_is_read_out_of_it_not_run() -> None:
    host = busy()
    kernel(host, {"www0": None})
    host.files["/usr/local/jails/www0/bin/freebsd-version"] = 'x\nUSERLAND_VERSION="14.3-RELEASE"\n'
    reader = Reader(host)
    inventory = await reader.gather()
    assert named(inventory, "www0").release == "14.3-RELEASE"
    assert host.roots["/usr/local/jails/www0/bin/freebsd-version"] == "/usr/local/jails/www0"
    assert not any("freebsd-version" in " ".join(one) for one in host.log)
    host.files["/usr/local/jails/www0/bin/freebsd-version"] = 'USERLAND_VERSION="15.0-RELEASE"\n'
    host.now += 301
    assert named(await reader.gather(), "www0").release == "15.0-RELEASE"


async def test_addresses_of_a_stopped_vnet_jail_stand_in_its_own_rc_conf() -> None:
    host = busy()
    kernel(host, {"app0": None, "app1": None})
    recorded = next(one for one in recording("04") if "app1/etc/rc.conf" in str(one.get("argv")))
    lines = (one.partition("=") for one in recorded["argv"][3:])
    host.files["/usr/local/jails/app1/etc/rc.conf"] = "".join(f'{n}="{v}"\n' for n, _, v in lines)
    host.files["/usr/local/jails/app0/etc/rc.conf"] = entry("08", 63)["text"]
    inventory = await gathered(host)
    app0, app1 = named(inventory, "app0"), named(inventory, "app1")
    assert [str(one) for one in app1.addresses or ()] == ["10.0.0.12/24", "fd00:0:0:1::12/64"]
    assert app1.gateway == "10.0.0.1"
    assert (app0.addresses, app0.gateway) == (None, None)  # DHCP will say
    assert host.roots["/usr/local/jails/app1/etc/rc.conf"] == "/usr/local/jails/app1"


async def test_a_dying_jail_keeps_its_line_and_its_configuration() -> None:
    host = busy()
    kernel(host, {"www0": {"dying": "true"}, "app1": {"dying": True}})
    inventory = await gathered(host)
    www0, app1 = named(inventory, "www0"), named(inventory, "app1")
    assert (www0.state, app1.state) == (JailState.DYING, JailState.DYING)
    assert www0.config is not None
    assert app1.addresses is None
    assert ("ifconfig", "-j", "77", "-f", "inet:cidr,inet6:cidr") not in host.log
    assert len([one for one in inventory.jails if one.name == "www0"]) == 1


async def test_hostile_names_are_joined_like_others() -> None:
    names = ["has space", "-rf", "$(id)", "[bold]x[/]", 'q"q', "tab\there", "\udcff", "x" * 255]
    host = busy()
    table = json.loads(host.answers[JLS].stdout)
    template = table["jail-information"]["jail"][2]
    table["jail-information"]["jail"] = [
        template | {"jid": str(100 + number), "name": name, "path": f"/usr/local/jails/{name}"}
        for number, name in enumerate(names)
    ]
    host.says(JLS, json.dumps(table, ensure_ascii=False))
    inventory = await gathered(host)
    assert [one.name for one in inventory.jails if one.running] == names


async def test_networks_are_asked_again_rarely_and_a_few_at_a_time() -> None:
    host = busy()
    reader = Reader(host)
    await reader.gather()

    async def asked() -> list[str]:
        host.log.clear()
        await reader.gather()
        return sorted(one[2] for one in host.log if one[:2] == ("ifconfig", "-j"))

    host.now += 3
    assert await asked() == []
    host.now += 1
    assert await asked() == ["76"]  # no address yet: DHCP may have one by now
    host.now += 7
    assert await asked() == []
    host.now += 1
    assert await asked() == ["76"]
    host.now += 48
    assert await asked() == ["76", "77"]


async def test_quick_asks_only_what_a_list_shows() -> None:
    host = busy()
    inventory = await gathered(host, quick=True)
    assert sorted(one[0] for one in host.log) == [
        *("ifconfig", "ifconfig", "jail", "jls", "netstat", "netstat", "netstat", "zfs"),
    ]
    full = await gathered(busy())
    for quick, whole in zip(inventory.jails, full.jails, strict=True):
        for field in ("name", "state", "jid", "hostname", "gateway", "owner", "release", "network"):
            assert getattr(quick, field) == getattr(whole, field), (quick.name, field)
        assert [one.address for one in quick.addresses or ()] == [
            one.address for one in whole.addresses or ()
        ]
    assert inventory.jails[0].cpu is None


async def test_quick_takes_a_plain_gateway_from_the_jail() -> None:
    host = busy()
    host.files["/usr/local/jails/app1/etc/rc.conf"] = 'defaultrouter="10.0.0.9"\n'
    host.files["/usr/local/jails/app0/etc/rc.conf"] = 'defaultrouter="NO"\n'
    inventory = await gathered(host, quick=True)
    assert named(inventory, "app1").gateway == "10.0.0.9"
    assert named(inventory, "app0").gateway == ""
    assert host.roots["/usr/local/jails/app1/etc/rc.conf"] == "/usr/local/jails/app1"
    assert [one[2] for one in host.log if one[:2] == ("netstat", "-j")] == ["76"]


async def test_a_full_refresh_after_a_quick_one_asks_the_rest() -> None:
    host = busy()
    reader = Reader(host)
    await reader.gather(quick=True)
    inventory = await reader.gather()
    assert named(inventory, "shop").config is not None
    assert inventory.jails == (await gathered(busy())).jails


async def test_default_image_and_trash() -> None:
    host = busy()
    stamp = "20261123T101500"
    rows = host.answers[next(one for one in host.answers if one[0] == "zfs")]
    extra = (
        "zroot/jails/.trash\t900\t1\t2\t3\t-\t9\tno\toff\tnone\tfilesystem\t-\n"
        f"zroot/jails/.trash/db-1-{stamp}\t901\t77\t2\t3\t-\t9\tno\toff\tnone\tfilesystem\t-\n"
        f"zroot/jails/.trash/db-1-{stamp}/data\t902\t1\t2\t3\t-\t9\tno\toff\tnone\tfilesystem\t-\n"
        "zroot/jails/.jailer-tui\t903\t1\t2\t3\t-\t9\tyes\toff\t/usr/local/jails/.jailer-tui\tfilesystem\t-\n"
    )
    host.says(rows.argv, rows.stdout + extra)
    host.files["/usr/local/jails/image/.default"] = "15.1-RELEASE\n"
    kept = f"/usr/local/jails/.jailer-tui/kept/db-1-{stamp}/trash.json"
    host.files[kept] = '{"running": true}'
    inventory = await gathered(host)
    assert inventory.layout.state == "/usr/local/jails/.jailer-tui"
    (entry_,) = inventory.trash
    assert (entry_.id, entry_.name, entry_.stamp) == (f"db-1-{stamp}", "db-1", stamp)
    assert (entry_.guid, entry_.used, entry_.meta) == ("901", 77, {"running": True})
    assert inventory.images[0].default
    host.files[kept] = "damaged"
    assert (await gathered(host)).trash[0].meta == {}


async def test_the_default_image_changed_within_the_second() -> None:
    host = busy()
    path = "/usr/local/jails/image/.default"
    host.files[path], host.stamps[path] = "14.3-RELEASE", FileStamp(int(host.now), 12)
    reader = Reader(host)
    assert not (await reader.gather()).images[0].default
    host.files[path] = "15.1-RELEASE"
    assert (await reader.gather()).images[0].default


async def test_datasets_belong_to_jails_by_their_mounted_place_never_the_root() -> None:
    host = busy()
    rows = host.answers[next(one for one in host.answers if one[0] == "zfs")]
    extra = (
        "zroot/ROOT/default\t900\t1\t2\t3\t-\t9\tyes\toff\t/\tfilesystem\t-\n"
        "zroot/zold\t901\t1\t2\t3\t-\t9\tno\toff\t/usr/local/jails/www0\tfilesystem\t-\n"
    )
    host.says(
        rows.argv, "zroot/aold\t902\t1\t2\t3\t-\t9\tno\toff\t/usr/local/jails/app0\tfilesystem\t-\n"
    )
    host.says(rows.argv, host.answers[rows.argv].stdout + rows.stdout + extra)
    inventory = await gathered(host)
    assert named(inventory, "byhand").dataset == ""
    assert named(inventory, "www0").dataset == "zroot/jails/www0"
    assert named(inventory, "app0").dataset == "zroot/jails/app0"


async def test_processes_snapshots_log_and_text_of_one_jail() -> None:
    host = busy()
    reader = Reader(host)
    inventory = await reader.gather()
    app0, byhand = named(inventory, "app0"), named(inventory, "byhand")
    columns = entry("04", 37)["argv"][4]
    host.says(("ps", "-J", "76", "-o", columns, "--libxo=json"), entry("04", 37)["stdout"])
    assert len(await on_demand.processes(reader.host, app0)) == 4
    host.says(("ps", "-J", "78", "-o", columns, "--libxo=json"), "", "", 1)
    assert await on_demand.processes(reader.host, byhand) == ()
    assert await on_demand.processes(reader.host, replace(app0, jid=None)) == ()
    host.files["/var/log/jail/app0.log"] = "started\n"
    assert await on_demand.log(reader.host, app0) == "started\n"
    assert await on_demand.log(reader.host, byhand) == ""
    assert (
        await on_demand.config_text(reader.host, app0) == host.files["/etc/jail.conf.d/app0.conf"]
    )
    assert await on_demand.config_text(reader.host, byhand) == ""


@pytest.mark.parametrize("stamp", [1_795_479_999, 1_795_480_000])
async def test_a_file_changed_within_the_second_is_read_again(stamp: int) -> None:
    host = busy()
    path = "/etc/jail.conf.d/www0.conf"
    host.stamps[path] = FileStamp(stamp, 7)
    reader = Reader(host)
    await reader.gather()
    host.log.clear()
    await reader.gather()
    assert len(host.log) == 7
    host.files[path] = host.files[path].replace("www0", "www9")
    host.log.clear()
    await reader.gather()
    assert [one[2] for one in host.log if one[0] == "jail"] == [path]
