"""What is left of failed starts and what is in use: told apart, never guessed."""

from __future__ import annotations

import pytest

from jailer_core.errors import Refused
from jailer_core.model import Address, Interface, JailState, Network
from jailer_core.operations.shared import network_parts
from jailer_core.topology import epairs
from tests.core.changing.hosts import card, config, inventory, jail, pair

EPAIR = config(
    "app0",
    vnet=(),
    exec_prestart=("ifconfig epair1 create up", "ifconfig bridge0 addm epair1a up"),
)
SHARED = config("www0", interface=("vtnet0",), ip4_addr=("10.0.2.21/32",))


def test_created_by_hooks() -> None:
    odd = config(
        "x",
        exec_prestart=(
            "/sbin/ifconfig epair12 create",
            "sh -c 'ifconfig tap3 create; true'",
            "ifconfig epair create",
            "logger ifconfig epair9 created",
        ),
    )
    assert epairs.created(odd) == ("epair12", "tap3")
    assert network_parts.pairs(odd) == ("epair12",)


def test_both_ends_on_the_host_are_left_over() -> None:
    found = inventory(jail("app0", config=EPAIR), interfaces=pair(1))
    assert network_parts.left_pairs(found, "app0", EPAIR) == ("epair1a",)


@pytest.mark.parametrize(
    ("interfaces", "who"),
    [
        (pair(1, ends="a"), "something uses it"),
        (pair(1, addresses=(Address("10.9.9.9", 24),)), "something uses it"),
        ((*pair(1), Interface("bridge9", up=True, members=("epair1b",))), "something uses it"),
    ],
)
def test_a_pair_in_use_is_refused(interfaces: tuple[Interface, ...], who: str) -> None:
    found = inventory(jail("app0", config=EPAIR), interfaces=interfaces)
    with pytest.raises(Refused, match=who):
        network_parts.left_pairs(found, "app0", EPAIR)


def test_the_jail_that_uses_a_pair_is_named() -> None:
    other = config("app1", vnet=(), exec_prestart=("ifconfig epair1 create up",))
    found = inventory(
        jail("app0", config=EPAIR),
        jail("app1", JailState.RUNNING, config=other),
        interfaces=pair(1, ends="a"),
    )
    with pytest.raises(Refused, match="the jail app1 uses it"):
        network_parts.left_pairs(found, "app0", EPAIR)


@pytest.mark.parametrize(
    ("value", "interface", "argv"),
    [
        ("10.0.0.5", "vtnet0", ("vtnet0", "inet", "10.0.0.5/32", "-alias")),
        ("em1|10.0.0.5/24", "vtnet0", ("em1", "inet", "10.0.0.5/24", "-alias")),
        ("fd00::5", "vtnet0", ("vtnet0", "inet6", "fd00::5", "prefixlen", "128", "-alias")),
        ("fd00::5/64", "vtnet0", ("vtnet0", "inet6", "fd00::5", "prefixlen", "64", "-alias")),
    ],
)
def test_aliases(value: str, interface: str, argv: tuple[str, ...]) -> None:
    name = "ip6_addr" if "::" in value else "ip4_addr"
    (alias,) = network_parts.aliases(config("x", interface=(interface,), **{name: (value,)}))
    assert alias.argv(add=False) == ("/sbin/ifconfig", *argv)


@pytest.mark.parametrize("value", ["", "vtnet0|", " , ", "|"])
def test_odd_addresses_are_no_crash(value: str) -> None:
    network_parts.aliases(config("x", ip4_addr=(value,)))


def test_another_jail_has_the_address() -> None:
    other = jail(
        "clash",
        JailState.RUNNING,
        addresses=(Address("10.0.2.21", 32, "vtnet0"),),
        network=Network.SHARED,
    )
    found = inventory(jail("www0", config=SHARED), other, interfaces=(card(("10.0.2.21", 32)),))
    with pytest.raises(Refused, match="clash already has"):
        network_parts.left_aliases(found, "www0", SHARED)


def test_the_host_itself_has_the_address() -> None:
    found = inventory(jail("www0", config=SHARED), interfaces=(card(("10.0.2.21", 24)),))
    with pytest.raises(Refused, match="the host itself"):
        network_parts.left_aliases(found, "www0", SHARED)


@pytest.mark.parametrize("rc", [None, {"ifconfig_vtnet0_alias0": "inet 10.0.2.21/32"}])
def test_an_alias_of_rc_conf_or_unknown_is_the_hosts(rc: dict[str, str] | None) -> None:
    found = inventory(jail("www0", config=SHARED), interfaces=(card(("10.0.2.21", 32)),), rc=rc)
    with pytest.raises(Refused, match="the host itself"):
        network_parts.left_aliases(found, "www0", SHARED)


def test_an_address_that_nobody_has_was_left_over() -> None:
    found = inventory(jail("www0", config=SHARED), interfaces=(card(("10.0.2.21", 32)),))
    (alias,) = network_parts.left_aliases(found, "www0", SHARED)
    assert alias.address == "10.0.2.21"


def test_without_an_interface_the_address_may_be_shared() -> None:
    own = config("x", ip4_addr=("10.0.2.15",))
    found = inventory(jail("x", config=own), interfaces=(card(("10.0.2.15", 24)),))
    assert network_parts.left_aliases(found, "x", own) == ()
