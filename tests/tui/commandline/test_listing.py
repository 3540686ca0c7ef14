from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.model import Address, Jail, JailState, Network, Owner
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.kernel.state import SimJail
from jailer_tui.cli import jail_list
from jailer_tui.cli.jail_list import COLUMNS
from jailer_tui.cli.parser import find
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]
ORIGINAL = ("name", "state", "jid", "hostname", "ipv4", "gateway")
OURS = {
    "status", "owner", "release", "userland", "network", "ipv6", "addresses", "parent", "path",
    "dataset", "config", "cpu", "memory", "disk", "processes", "uptime", "boots", "problems",
    "tags", "depends",
}  # fmt: skip


def jails(ran: Ran) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in ran.json}


def test_the_table_of_the_original_with_owners(run: Run) -> None:
    ran = run("--demo", "busy", "list")
    assert ran.status == 0
    assert ran.err == ""
    assert ran.lines[0].split() == ["NAME", "STATE", "JID", "HOSTNAME", "IPv4", "GW", "OWNER"]
    rows = {line.split()[0]: line.split()[1:] for line in ran.lines[1:]}
    assert rows["shop"] == ["Active", "74", "shop", "10.0.2.30", "10.0.2.2", "bastille"]
    assert rows["db01"][:2] == ["Stopped", "-"]
    assert {"byhand", "byhand.child", "thick1", "www0", "app0", "app1"} < rows.keys()
    assert list(rows) == sorted(rows)


def test_json_keeps_the_original_keys_as_strings(run: Run) -> None:
    ran = run("--demo", "busy", "list", "-j")
    for jail in ran.json:
        assert tuple(jail)[:6] == ORIGINAL
        assert all(isinstance(jail[key], str) for key in ORIGINAL)
        assert jail.keys() == {*ORIGINAL, *OURS}
    found = jails(ran)
    assert found["www0"]["state"] == "Active"
    assert found["db01"]["state"] == "Stopped"
    assert found["db01"]["jid"] == "-"
    assert found["byhand.child"]["parent"] == "byhand"
    assert found["www0"]["disk"] > 0  # type: ignore[operator]


def test_info_adds_the_netmask(run: Run) -> None:
    ran = run("--demo", "busy", "info", "app1", "-j")
    assert tuple(ran.json)[:7] == (*ORIGINAL, "netmask")
    assert ran.json["netmask"] == "255.255.255.0"
    assert ran.json["gateway"] == "10.0.0.1"
    assert ran.json.keys() == {*ORIGINAL, "netmask", *OURS, "note"}


def test_info_for_people(run: Run) -> None:
    ran = run("--demo", "small", "info", "www0")
    facts = dict(line.split(":", 1) for line in ran.lines)
    assert facts["Owner"].strip() == "jailer"
    assert facts["Dataset"].strip() == "zroot/jails/www0"
    assert facts["State"].strip() == "running"
    assert facts["Netmask"].strip() == "255.255.255.255"


def test_a_jail_that_there_is_not(run: Run) -> None:
    ran = run("--demo", "small", "info", "nope")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.splitlines()[0] == "jailer-tui: there is no jail nope"


def test_a_fresh_host_has_none(run: Run) -> None:
    assert run("--demo", "fresh", "list").lines == ["NAME  STATE  JID  HOSTNAME  IPv4  GW  OWNER"]
    assert run("--demo", "fresh", "list", "-j").json == []


@pytest.mark.parametrize(
    "name",
    ["two words", "$(id)", "-rf", "[bold]x", "a;b", "tab\there", "e\x1b[31m", "監獄", "x" * 200],
)
def test_hostile_names_are_shown_harmlessly(on: On, small: Machine, name: str) -> None:
    small.state.jails[900] = SimJail(900, name, "/tmp/x", {"host.hostname": [name]})  # noqa: S108
    ran = on(small, "list")
    assert ran.status == 0
    assert "\x1b" not in ran.out
    assert len(ran.lines) == 6
    found = jails(on(small, "list", "-j"))
    assert found[name]["jid"] == "900"
    assert on(small, "info", "--", name).lines[2].split() == ["JID:", "900"]


def test_without_jls_nothing_is_told(on: On, small: Machine) -> None:
    small.faults.append(Fault("fail", lambda argv: argv[0] == "jls", message="jls: no"))
    ran = on(small, "list")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("jailer-tui: jls: ")


def test_another_failing_probe_is_a_warning(on: On, small: Machine) -> None:
    small.faults.append(Fault("fail", lambda argv: argv[:2] == ("zfs", "list"), message="zfs: no"))
    ran = on(small, "list")
    assert ran.status == 0
    assert len(ran.lines) == 5
    assert "zfs list" in ran.err


def test_unknown_is_not_none() -> None:
    unknown = Jail("a", JailState.RUNNING, Owner.NATIVE, 1, addresses=None, gateway=None)
    assert jail_list.info_json(unknown)["ipv4"] == "?"
    assert jail_list.info_json(unknown)["netmask"] == "?"
    assert jail_list.info_json(unknown)["gateway"] == "?"
    assert jail_list.info_json(unknown)["addresses"] is None
    none = Jail("a", JailState.RUNNING, Owner.NATIVE, 1)
    assert jail_list.info_json(none)["ipv4"] == jail_list.info_json(none)["netmask"] == "-"


def test_a_dying_jail_is_stopped_to_the_original_and_dying_to_us() -> None:
    dying = Jail("a", JailState.DYING, Owner.NATIVE, 7, network=Network.VNET)
    assert jail_list.of_jail(dying)["state"] == "Stopped"
    assert jail_list.of_jail(dying)["status"] == "dying"
    assert [COLUMNS[name].cell(dying) for name in ("state", "jid")] == ["Dying", "7"]


def test_the_first_address_of_each_family() -> None:
    addresses = (Address("2001:db8::1", 64), Address("10.0.0.2", 20), Address("10.0.0.3", 24))
    jail = Jail("a", JailState.RUNNING, Owner.NATIVE, 1, addresses=addresses)
    told = jail_list.info_json(jail)
    assert (told["ipv4"], told["netmask"], told["ipv6"]) == (
        "10.0.0.2", "255.255.240.0", "2001:db8::1",
    )  # fmt: skip
    assert told["addresses"] == ["2001:db8::1/64", "10.0.0.2/20", "10.0.0.3/24"]


def test_names_patterns_and_states(run: Run) -> None:
    def names(*words: str) -> list[str]:
        return run("list", "-q", "--demo=busy", *words).lines

    assert names("app*") == ["app0", "app1"]
    assert names("www0", "db*") == ["db01", "www0"]
    assert names("--stopped") == ["db01"]
    assert "db01" not in names("--running")
    assert names("nothing*") == []
    missing = run("list", "--demo=busy", "nosuch")
    assert (missing.status, missing.out) == (1, "")
    assert "there is no jail nosuch" in missing.err


def test_columns_and_order(run: Run) -> None:
    ran = run("list", "--demo=busy", "-H", "-o", "name,memory,boots", "-s", "memory", "-r")
    assert ran.lines[0].split("\t")[0] == "app0"
    assert all(line.count("\t") == 2 for line in ran.lines)
    assert ran.lines[-1] == "db01\t-\tno"
    unknown = run("list", "--demo=busy", "-o", "name,colour")
    assert unknown.status == 2
    assert "uptime" in unknown.err


def test_help_lists_the_columns_that_there_are() -> None:
    text = " ".join(find("list").text.split())
    assert f"Columns: {', '.join(COLUMNS)}." in text


def test_unknown_values_come_last() -> None:
    idle = Jail("a", JailState.RUNNING, Owner.NATIVE, cpu=0.0)
    unknown = Jail("b", JailState.RUNNING, Owner.NATIVE)
    assert COLUMNS["cpu"].sort_key(idle) < COLUMNS["cpu"].sort_key(unknown)
