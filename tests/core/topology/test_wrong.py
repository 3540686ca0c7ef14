"""Each thing that can be wrong: a host that shows it, and one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.model import Interface, Inventory, Jail, JailState
from jailer_core.topology import wrong
from tests.core.topology.made import card, config, host, inside, jail

BRIDGE = card("bridge0", "10.0.0.1/24", "fd00::1/64", members=("epair1a", "epair2a"))
PAIRS = (card("epair1a", mac="58:9c:fc:00:00:01"), card("epair2a", mac="58:9c:fc:00:00:02"))
WEB = jail("web", "eb", "10.0.0.11/24", jid=1)
DB = jail("db", "eb", "10.0.0.12/24", jid=2)
IN_WEB = inside("10.0.0.1", card("epair1b", "10.0.0.11/24", mac="58:9c:fc:00:01:01"))
IN_DB = inside("10.0.0.1", card("epair2b", "10.0.0.12/24", mac="58:9c:fc:00:01:02"))
GOOD = host((card("em0", "192.0.2.5/24"), BRIDGE, *PAIRS), (WEB, DB), {1: IN_WEB, 2: IN_DB})


def but(inventory: Inventory = GOOD, **more: object) -> Inventory:
    """The same with other connections."""
    assert inventory.connections is not None
    return replace(inventory, connections=replace(inventory.connections, **more))  # type: ignore[arg-type]


def cards(*changed: Interface) -> Inventory:
    """The good host with other interfaces of those names, and more of them."""
    new = {one.name: one for one in GOOD.interfaces or ()}
    new |= {one.name: one for one in changed}
    return replace(GOOD, interfaces=tuple(new.values()))


def jails(*changed: Jail) -> Inventory:
    """The good host with other jails of those names, and more of them."""
    new = {one.name: one for one in GOOD.jails} | {one.name: one for one in changed}
    return replace(GOOD, jails=tuple(new.values()))


def stacks(**changed: object) -> Inventory:
    """The good host with another stack of web or db."""
    jids = {"web": 1, "db": 2}
    assert GOOD.connections is not None
    known = dict(GOOD.connections.stacks)
    return but(stacks=known | {jids[name]: stack for name, stack in changed.items()})


SPARE = card("epair7a", description="vnet-old")
TWIN = card("epair2b", "10.0.0.12/24", mac="58:9c:fc:00:01:01")
SHARED = jail("www", "new", "192.0.2.9/32", jid=3)
VLAN = card("vlan5", mac="52:54:00:00:00:01", vlan=5, parent="em1")

CASES: dict[str, tuple[Inventory, str]] = {
    "an epair without a jail": (cards(SPARE), "epair7a has no jail at its other end"),
    "an epair whose jail does not run": (
        replace(cards(SPARE), jails=(*GOOD.jails, jail("old"))),
        "epair7a is left over: its jail old is not running",
    ),
    "both ends still on the host": (
        cards(SPARE, card("epair7b")),
        "epair7a has no jail at its other end",
    ),
    "an epair that its configuration names, but the jail does not show": (
        replace(
            cards(card("epair7a")),
            jails=(replace(WEB, config=config("web", vnet_interface=("epair7b",))), DB),
        ),
        "epair7a has no jail at its other end",
    ),
    "a member that is down": (
        cards(replace(PAIRS[0], up=False)),
        "epair1a in bridge0 is down: nothing reaches web",
    ),
    "a member without a cable": (
        cards(
            replace(BRIDGE, members=(*BRIDGE.members, "em1")),
            card("em1", status="no carrier"),
        ),
        "em1 in bridge0 is without a link (no carrier)",
    ),
    "a bridge that is down": (
        cards(replace(BRIDGE, up=False)),
        "bridge0 is down: its members do not reach each other",
    ),
    "an end that is down inside": (
        stacks(web=inside("10.0.0.1", replace(card("epair1b", "10.0.0.11/24"), up=False))),
        "epair1b is down inside web",
    ),
    "two running jails with one address": (
        jails(replace(DB, addresses=WEB.addresses)),
        "web and db have the same address, 10.0.0.11",
    ),
    "two jails with one address of IPv6, written otherwise": (
        jails(
            jail("web", "eb", "fd00::12/64", jid=1), jail("six", "new", "fd00:0:0:0:0:0:0:12/128")
        ),
        "web and six have the same address, fd00::12",
    ),
    "a stopped jail that wants an address that is taken": (
        jails(jail("old", "eb", "10.0.0.12/24")),
        "db and old have the same address, 10.0.0.12",
    ),
    "a jail with the bridge's own address": (
        jails(replace(WEB, addresses=(card("x", "10.0.0.1/24").addresses[0],))),
        "web has the address 10.0.0.1 of the host's bridge0",
    ),
    "one hardware address twice": (
        stacks(db=inside("10.0.0.1", TWIN)),
        "epair1b in web and epair2b in db have the same hardware address, 58:9c:fc:00:01:01",
    ),
    "one hardware address in two bridges that meet outside": (
        replace(
            cards(
                replace(BRIDGE, members=("epair1a", "em1")),
                card("bridge1", "10.1.0.1/24", members=("epair2a", "em2")),
                card("em1"),
                card("em2"),
            ),
            connections=stacks(db=inside("10.0.0.1", TWIN)).connections,
        ),
        "epair1b in web and epair2b in db have the same hardware address, 58:9c:fc:00:01:01",
    ),
    "a gateway outside the net": (
        stacks(web=inside("10.0.9.1", card("epair1b", "10.0.0.11/24"))),
        "web has the gateway 10.0.9.1, which is not in its network 10.0.0.0/24",
    ),
    "a stopped jail with a gateway outside its net of IPv6": (
        jails(jail("old", "eb", "fd00::9/64", gateway="fd01::1")),
        "old has the gateway fd01::1, which is not in its network fd00::/64",
    ),
    "a gateway that nobody has": (
        stacks(web=inside("10.0.0.254", card("epair1b", "10.0.0.11/24"))),
        "10.0.0.254, the gateway of web on bridge0, does not exist",
    ),
    "NAT of IPv4 without forwarding": (
        but(translated=frozenset({4}), forwarding=False, forwarding6=False),
        "NAT of IPv4 is on, but the host does not forward IPv4",
    ),
    "NAT of IPv6 without forwarding": (
        but(translated=frozenset({4, 6}), forwarding=True, forwarding6=False),
        "NAT of IPv6 is on, but the host does not forward IPv6",
    ),
    "a jail that sees the host's devices": (
        but(exposed=("db",)),
        "db sees the host's devices: its /dev shows mem and disks",
    ),
}

RIGHT: dict[str, Inventory] = {
    "a good host": GOOD,
    "a cable between two bridges": cards(
        replace(BRIDGE, members=(*BRIDGE.members, "epair7a")),
        card("bridge1", members=("epair7b",)),
        card("epair7a"),
        card("epair7b"),
    ),
    "an epair while a jail could not be asked": replace(
        cards(SPARE), connections=replace(stacks().connections, stacks={1: IN_WEB})  # type: ignore[type-var]
    ),
    "a jail that is dying with its epair": jails(
        replace(DB, state=JailState.DYING, addresses=WEB.addresses)
    ),
    "a card without a cable that is no member": cards(card("em1", status="no carrier")),
    "a bridge that is down and has no members": cards(replace(card("bridge9"), up=False)),
    "a tap of a virtual machine that is off": cards(
        replace(BRIDGE, members=(*BRIDGE.members, "tap0")), card("tap0", status="no carrier")
    ),
    "what is told of a card with status active": cards(card("em1", status="active")),
    "jails with the host's addresses": jails(
        jail("a", "inherit", "192.0.2.5/24", jid=3), jail("b", "inherit", "192.0.2.5/24", jid=4)
    ),
    "a shared address, which is on the host too": cards(
        card("em0", "192.0.2.5/24", "192.0.2.9/32")
    ),
    "loopback addresses": jails(
        jail("a", "new", "127.0.1.1/32"), jail("b", "new", "127.0.1.1/32", jid=3)
    ),
    "one hardware address in two bridges that do not meet": replace(
        cards(
            replace(BRIDGE, members=("epair1a",)),
            card("bridge1", "10.1.0.1/24", members=("epair2a",)),
        ),
        connections=stacks(db=inside("10.0.0.1", TWIN)).connections,
    ),
    "a VLAN with the hardware address of its card": cards(
        card("em1", mac="52:54:00:00:00:01"), VLAN
    ),
    "a lagg with that of its ports": cards(
        *(card(name, mac="52:54:00:00:00:02") for name in ("em1", "em2", "lagg0"))
    ),
    "a link-local gateway": stacks(
        web=inside("fe80::1%epair1b", card("epair1b", "10.0.0.11/24", "fd00::11/64"))
    ),
    "a router behind a card in the bridge": replace(
        cards(replace(BRIDGE, members=("em1", "epair1a", "epair2a")), card("em1")),
        connections=stacks(
            web=inside("10.0.0.254", card("epair1b", "10.0.0.11/24"))
        ).connections,
    ),
    "another jail as the gateway": stacks(
        web=inside("10.0.0.12", card("epair1b", "10.0.0.11/24"))
    ),
    "NAT with forwarding": but(
        translated=frozenset({4, 6}), forwarding=True, forwarding6=True
    ),
    "no forwarding without NAT": but(translated=frozenset(), forwarding=False, forwarding6=False),
    "NAT of IPv4 alone": but(translated=frozenset({4}), forwarding=True, forwarding6=False),
    "forwarding that is not known": but(translated=frozenset({4, 6})),
    "no jail that sees devices": but(exposed=()),
    "a pair of rc.conf that waits for its jail": replace(
        cards(card("epair7a"), card("epair7b")),
        rc={"cloned_interfaces": "bridge0 epair7"},
        jails=(*GOOD.jails, jail("old", config=config("old", vnet_interface=("epair7b",)))),
    ),
    "a pair that another program gives to a jail": replace(
        cards(card("epair7a"), card("epair7b")),
        rc={},
        configs=(config("old", exec_start=("ifconfig epair7b inet 10.0.0.7/24",)),),
    ),
    "a pair that only rc.conf knows": replace(
        cards(card("epair7a")), rc={"ifconfig_epair7a": "up"}
    ),
    "a gateway that a stopped jail has": replace(
        stacks(web=inside("10.0.0.254", card("epair1b", "10.0.0.11/24"))),
        jails=(*GOOD.jails, jail("router", "eb", "10.0.0.254/24")),
    ),
    "a gateway on a bridge with a member that is not known": replace(
        cards(replace(BRIDGE, members=(*BRIDGE.members, "epair7a")), card("epair7a")),
        rc={"ifconfig_epair7a": "up"},
        connections=stacks(
            web=inside("10.0.0.254", card("epair1b", "10.0.0.11/24"))
        ).connections,
    ),
    "hardly anything known": replace(GOOD, connections=None),
    "no interfaces known": replace(GOOD, interfaces=None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said(name: str) -> None:
    inventory, message = CASES[name]
    found = wrong(inventory)
    assert [one.message for one in found] == [message]
    assert all(one.hint and one.subjects for one in found)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_left_alone(name: str) -> None:
    assert [one.message for one in wrong(RIGHT[name])] == []


def test_names_from_the_host_are_harmless_in_what_is_said() -> None:
    bad = "db\x1b[2J"
    clash = jails(replace(DB, name=bad, addresses=WEB.addresses))
    bridge = replace(BRIDGE, name=f"bridge{bad}", up=False)
    evil = host(
        (replace(PAIRS[0], name=f"epair{bad}", up=False), bridge), (replace(WEB, name=bad),)
    )
    lone = cards(replace(SPARE, name=f"epair{bad}"))
    taken = replace(evil, jails=(replace(WEB, name=bad, addresses=BRIDGE.addresses),))
    for inventory in (clash, evil, lone, taken):
        found = wrong(inventory)
        assert found
        assert all(one.message.isprintable() and one.hint.isprintable() for one in found)


def test_the_gravest_comes_first() -> None:
    found = wrong(replace(but(exposed=("db",)), interfaces=cards(SPARE).interfaces))
    assert [one.subjects for one in found] == [("jail:db",), ("epair7a",)]


CREATES = config("old", exec_prestart=("ifconfig epair7 create up",))


@pytest.mark.parametrize(
    ("inventory", "hint"),
    [
        (replace(cards(SPARE), rc={}), "If nothing needs it: ifconfig epair7a destroy"),
        (
            replace(cards(SPARE), rc={}, jails=(*GOOD.jails, jail("old", config=CREATES))),
            "It would make a start of old fail: ifconfig epair7a destroy",
        ),
        (
            replace(cards(SPARE), rc={}, jails=(*GOOD.jails, jail("old"))),
            "If nothing else needs it: ifconfig epair7a destroy",
        ),
        (
            cards(SPARE),
            "rc.conf or some configurations could not be read completely: something may need it.",
        ),
        (
            replace(cards(SPARE), rc={}, configs=(config("broken"),)),
            "rc.conf or some configurations could not be read completely: something may need it.",
        ),
    ],
)
def test_destroying_is_advised_only_with_proof(inventory: Inventory, hint: str) -> None:
    assert [one.hint for one in wrong(inventory)] == [hint]


def test_forwarding_is_left_to_the_set_up() -> None:
    """It keeps a route of IPv6 that the host learned, which the sysctl alone would lose."""
    found = wrong(but(translated=frozenset({6}), forwarding6=False))
    assert [one.hint for one in found] == ["Enable it, now and at boot: init fix forward6"]
