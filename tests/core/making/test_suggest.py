"""Defaults and problems of a partly filled form: pure, at every key press."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.images import catalog
from jailer_core.operations.jails import create_defaults
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import addresses, base_image
from jailer_core.plan import Needs
from jailer_core.simulator.scenarios import build
from jailer_tui.forms import create
from tests.core.making.hosts import read, run, small

NEEDS = Needs(snapshots=True, files=("/usr/local/jails/image/.default_nettype",))


@pytest.fixture(scope="module")
def host() -> Inventory:
    return read(small(), NEEDS)


def test_an_empty_form_is_filled(host: Inventory) -> None:
    full = create_defaults.suggest(host, Create("db0"))
    assert (full.base, full.network, full.bridge) == ("15.1-RELEASE", "eb", "bridge0")
    assert (full.address, full.domain) == ("dhcp", "armbsd15")
    assert create_defaults.problems(host, Create("db0")) == {}
    assert create_defaults.epair(host, full) == (5, "epair5b")


def test_an_address_brings_netmask_and_gateway(host: Inventory) -> None:
    full = create_defaults.suggest(host, Create("db0", address="10.0.0.50"))
    assert (full.netmask, full.gateway) == ("24", "10.0.0.1")
    short = create_defaults.suggest(host, Create("db0", address="10.0.0.50/25"))
    assert short.netmask == "25"


def test_without_a_server_the_next_free_address_is_taken(host: Inventory) -> None:
    alone = replace(host, rc={"jailer_dir": "zfs:zroot/jails"})
    full = create_defaults.suggest(alone, Create("db0", network="eb"))
    assert (full.address, full.gateway) == ("10.0.0.3", "10.0.0.1")
    assert create_defaults.free_address(alone, Create("db0", network="new")) == "10.0.2.1"


def test_the_router_of_the_host_is_no_free_address() -> None:
    machine = small()
    run(machine, "ifconfig", "vtnet0", "inet", "10.0.2.1/32", "alias")
    found = create_defaults.free_address(read(machine), Create("db0", network="new"))
    assert found == "10.0.2.3"


def test_every_wrong_field_is_named_at_once(host: Inventory) -> None:
    request = Create(
        "app0",
        base="app0@nope",
        network="eb",
        bridge="bridge9",
        address="10.0.0.256",
        address6="fd00::x",
        gateway="nowhere",
        netmask="33",
        domain="a b",
        resolver="example.org",
        memory="lots",
        cpu="-1",
        processes="0",
        note="\x1b[2J",
        before="nobody",
    )
    found = create_defaults.problems(host, request)
    assert set(found) == {
        *("name", "base", "bridge", "address", "address6", "gateway", "netmask", "domain"),
        *("resolver", "memory", "cpu", "processes", "note", "before"),
    }
    assert all(message and hint for message, hint in found.values())


def test_limits_need_racct(host: Inventory) -> None:
    off = replace(host, host=replace(host.host, racct=False))
    found = create_defaults.problems(off, Create("db0", memory="512M"))
    assert list(found) == ["memory"]
    assert "limits enable" in found["memory"][1]
    assert create_defaults.problems(off, Create("db0")) == {}


def test_names_and_hardware_addresses_are_free(host: Inventory) -> None:
    assert create_defaults.free_name(host, bytes.fromhex("99d6c13c")) == "99d6c13d"
    assert create_defaults.free_name(host, bytes.fromhex("00000009")) == "0000000a"
    assert create_defaults.plain_name(host) == "jail1"
    mac = addresses.free_mac(host, bytes(5))
    assert mac == "02:00:00:00:00:00"
    cards = tuple(replace(one, mac=mac) for one in host.interfaces or ())
    assert addresses.free_mac(replace(host, interfaces=cards), bytes(5)) == "02:00:00:00:00:01"


def test_what_it_can_be_made_of(host: Inventory) -> None:
    found = {one.text: one for one in base_image.bases(host)}
    assert [text for text, one in found.items() if one.kind == "image"] == ["15.1-RELEASE"]
    assert found["app0@prod"].label == "snapshot of a jail"
    assert not any(one.why_not for one in found.values())


@pytest.mark.usefixtures("hundred")
def test_many_jails_have_free_numbers_and_addresses() -> None:
    inventory = read(build("large"))
    full = create_defaults.suggest(inventory, Create("fresh01", network="eb"))
    number, card = create_defaults.epair(inventory, full)
    assert card == f"epair{number}b"
    names = {one.name for one in inventory.interfaces or ()}
    assert not names & {f"epair{number}a", card}


@pytest.mark.parametrize(
    ("one", "host_release", "newer"),
    [
        ("15.1-RELEASE", "15.1-RELEASE-p1", False),
        ("15.2-RELEASE", "15.1-RELEASE-p1", True),
        ("15.10-RELEASE", "15.9-STABLE", True),
        ("9.3-RELEASE", "15.1-RELEASE", False),
        ("16.0-RELEASE", "", False),
    ],
)
def test_newer_than_the_host(one: str, host_release: str, newer: bool) -> None:
    assert catalog.newer_release(one, host_release) is newer


def test_the_ends_of_life_are_days() -> None:
    assert str(catalog.end_of_life("13.5-RELEASE")) == "2026-04-30"
    assert str(catalog.end_of_life("15.1-RELEASE-p1")) == "2027-03-31"
    assert catalog.end_of_life("17.0-RELEASE") is None
    assert catalog.end_of_life("nonsense") is None


SIX = ("ifconfig", "bridge0", "inet6", "fd00:0:0:1::1/64")


def test_the_next_free_address_of_either_family() -> None:
    machine = small()
    run(machine, *SIX)
    six = read(machine, NEEDS)
    full = create_defaults.suggest(six, Create("db0", address="next", address6="next"))
    assert (full.address, full.address6) == ("10.0.0.3", "fd00:0:0:1::2")
    assert (full.gateway, full.gateway6) == ("10.0.0.1", "fd00:0:0:1::1")


def test_the_form_suggests_one_of_ipv6_where_the_bridge_has_it(host: Inventory) -> None:
    machine = small()
    run(machine, *SIX)
    six = read(machine, NEEDS)
    subject = create.CreateForm("db0", "02:00:00:00:00:01")
    assert subject.request(six, create.START).address6 == "fd00:0:0:1::2"
    assert subject.request(six, {**create.START, "address6": "none"}).address6 == ""
    assert subject.request(six, {**create.START, "address6": "fd00::9"}).address6 == "fd00::9"
    assert subject.request(host, create.START).address6 == ""


def test_no_address_is_free_where_an_interface_could_not_be_read(host: Inventory) -> None:
    partly = replace(host, incomplete=frozenset({"interfaces"}))
    assert addresses.free_address(host, "bridge0", 4)
    assert addresses.free_address(partly, "bridge0", 4) == ""
    with pytest.raises(Refused, match="not all interfaces could be read"):
        addresses.must_be_known(partly)
    addresses.must_be_known(host)
