"""The tree where recording 08 is silent: VLANs, cards in bridges, stopped jails, other names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.model import Interface, Inventory, JailState
from jailer_core.model.network import Rate, Route, Stack, Traffic, rate
from jailer_core.topology import ends, tree, walk, wrong
from jailer_core.topology.epairs import described, joins, lent, peer
from tests.core.topology.made import card, config, host, inside, jail


def shape(inventory: Inventory) -> list[str]:
    """Names with the depth as dots; an epair with its jail."""
    return [
        "." * depth
        + node.name
        + (f"={node.jail.name}" if node.jail is not None and node.interface is not None else "")
        + ("*" if node.elsewhere else "")
        for depth, node in walk(tree(inventory))
    ][1:]


def test_vlans_stand_below_their_card_and_members_in_their_bridge() -> None:
    found = host(
        (
            card("em0", "192.0.2.5/24"),
            card("vlan5", "10.5.0.1/24", vlan=5, parent="em0"),
            card("vlan6", vlan=6, parent="em0"),
            card("bridge0", members=("epair10a", "epair2a", "vlan6", "em1", "gone0")),
            card("epair2a"),
            card("epair10a"),
            card("em1"),
            card("lo0", "127.0.0.1/8"),
        )
    )
    assert shape(found) == [
        *(".em0", "..vlan5", "..vlan6*"),
        *(".bridge0", "..em1", "..vlan6", "..epair2a", "..epair10a", ".lo0"),
    ]
    keys = [node.key for _, node in walk(tree(found))]
    assert len(set(keys)) == len(keys)


def test_ports_stand_below_their_lagg_and_the_way_out_comes_first() -> None:
    found = host(
        (
            card("em9"),
            card("em0", "192.0.2.5/24"),
            card("lagg0", members=("em1", "em2")),
            card("em1"),
            card("em2"),
            card("vlan5", vlan=5, parent="lagg0"),
        ),
        stacks={0: Stack(None, (Route(4, "default", "192.0.2.1", "em0", "UGS"),))},
    )
    assert shape(found) == [".em0", ".em9", ".lagg0", "..em1", "..em2", "..vlan5"]


def test_a_stopped_jail_stands_in_the_bridge_that_it_will_join() -> None:
    commands = ("ifconfig epair4 create up", "ifconfig bridge0 addm epair4a up")
    old = jail("old", config=config("old", exec_prestart=commands, vnet_interface=("epair4b",)))
    found = host((card("bridge0"), card("em1")), (old, jail("far", "new", "192.0.2.9/32")))
    assert shape(found) == [".em1", ".bridge0", "..old", ".far"]
    assert joins(old.config) == (("bridge0", "epair4a"),)
    assert lent(old.config) == ("epair4b",)


def test_a_stopped_jail_stands_on_the_interface_in_whose_net_it_will_be() -> None:
    found = host(
        (card("em0", "192.0.2.5/24"), card("em1", "10.1.0.1/16")),
        (jail("one", "new", "10.1.7.7/32"),),
    )
    assert shape(found) == [".em0", ".em1", "..one"]


def test_jails_of_a_jail_stand_below_it_wherever_it_is() -> None:
    found = host(
        (card("bridge0", members=("epair1a",)), card("epair1a")),
        (
            jail("web", "eb", "10.0.0.11/24", jid=1),
            jail("web.child", "none", jid=2, parent="web"),
        ),
        {1: inside("", card("epair1b", "10.0.0.11/24"))},
    )
    assert shape(found) == [".bridge0", "..epair1a=web", "...web.child"]


def test_a_jail_with_two_epairs_stands_at_both_with_the_addresses_of_each() -> None:
    both = (card("epair1b", "10.0.0.11/24"), card("epair2b", "10.9.0.11/24", "fd09::11/64"))
    web = jail("web", jid=1)
    web = replace(web, addresses=tuple(a for one in both for a in one.addresses))
    found = host(
        (card("bridge0", members=("epair1a", "epair2a")), card("epair1a"), card("epair2a")),
        (web,),
        {1: inside("10.0.0.1", *both)},
    )
    addresses = {node.name: node.addresses for _, node in walk(tree(found)) if node.jail}
    assert list(map(str, addresses["epair1a"] or ())) == ["10.0.0.11/24"]
    assert list(map(str, addresses["epair2a"] or ())) == ["10.9.0.11/24", "fd09::11/64"]


def test_an_epair_renamed_inside_is_found_by_its_configuration() -> None:
    file = config("web", vnet_interface=("epair1b",))
    web = jail("web", "vnet", "10.0.0.11/24", jid=1, config=file)
    renamed = replace(card("jail0", "10.0.0.11/24"), groups=("epair",))
    found = host((card("epair1a"),), (web,), {1: inside("", renamed)})
    end = ends(found)["epair1a"]
    assert (end.jail.name, end.inside, end.found) == ("web", renamed, "configuration")


def test_what_a_jail_shows_counts_more_than_what_a_description_says() -> None:
    found = host(
        (card("epair1a", description="vnet-db"),),
        (jail("web", jid=1), jail("db", jid=2)),
        {1: inside("", card("epair1b")), 2: inside("", card("epair9b"))},
    )
    assert ends(found)["epair1a"].jail.name == "web"


def test_an_end_of_another_number_is_not_the_one_that_a_file_names() -> None:
    web = jail("web", jid=1, config=config("web", vnet_interface=("epair7b",)))
    found = host((card("epair7a"),), (web,), {1: inside("", card("epair1b"))})
    assert ends(found) == {}


def test_an_epair_that_a_jail_made_for_itself_is_nobody_elses() -> None:
    found = host(
        (card("epair1a"),),
        (jail("web", jid=1),),
        {1: inside("", card("epair1a"), card("epair1b"))},
    )
    assert ends(found) == {}


def test_a_dying_jail_beside_a_running_one_of_its_name_has_a_place_of_its_own() -> None:
    dying = replace(jail("web", "new", "192.0.2.9/32", jid=1), state=JailState.DYING)
    found = host((card("em0", "192.0.2.9/24"),), (dying, jail("web", "new", "192.0.2.9/32", jid=2)))
    keys = [node.key for _, node in walk(tree(found))]
    assert len(set(keys)) == len(keys) == 4


def test_nothing_known_is_a_tree_of_the_host_alone() -> None:
    assert shape(Inventory()) == []


def test_names_of_the_other_end() -> None:
    assert peer("epair3a") == "epair3b"
    assert peer("epair12b") == "epair12a"
    assert peer("e0a_shop") == "e0b_shop"
    assert peer("jail0") == ""
    assert peer("ea_web") == "eb_web"
    assert peer("sb_web") == "sa_web"
    assert peer("vnet0.29") == ""
    assert peer("em0") == ""


@pytest.mark.parametrize(
    ("description", "name", "nic"),
    [
        ("vnet-app0", "app0", ""),
        ("vnet host interface for Bastille jail shop", "shop", ""),
        ("vnet0 host interface for Bastille jail shop", "shop", ""),
        ("associated with jail: web as nic: epair0b", "web", "epair0b"),
        ("web-eth0", "web", ""),
        ("web", "web", ""),
        ("to the switch", "", ""),
        ("", "", ""),
    ],
)
def test_descriptions_of_the_managers(description: str, name: str, nic: str) -> None:
    assert described(description) == (name, nic)


def epair(name: str, description: str = "", *addresses: str) -> Interface:
    return replace(card(name, *addresses), groups=("epair",), description=description)


@pytest.mark.parametrize(
    ("outside", "lent_", "shown", "name"),
    [
        # jailer's and ours
        (epair("epair1a", "vnet-web"), "epair1b", epair("epair1b"), "web"),
        # Bastille: renamed inside by the jail's rc.conf
        (
            epair("e0a_web", "vnet host interface for Bastille jail web"),
            "e0b_web",
            epair("vnet0"),
            "web",
        ),
        (
            epair("bastille0a", "vnet0 host interface for Bastille jail web"),
            "",
            epair("vnet0"),
            "web",
        ),
        # iocage: by jid, or by what it says
        (
            epair("vnet0.7", "associated with jail: web as nic: epair0b"),
            "",
            epair("epair0b"),
            "ioc-web",
        ),
        (
            epair("vnet0.9", "associated with jail: web as nic: epair0b"),
            "",
            epair("epair0b"),
            "ioc-web",
        ),
        # AppJail, CBSD, pot
        (epair("sa_web"), "sb_web", epair("sb_web"), "web"),
        (epair("epair3a", "web-eth0"), "", epair("eth0"), "web"),
        (epair("epair3a", "web"), "", epair("epair3b"), "web"),
    ],
)
def test_epairs_of_other_managers_stand_at_their_jails(
    outside: Interface, lent_: str, shown: Interface, name: str
) -> None:
    file = config(name, vnet_interface=(lent_,)) if lent_ else None
    found = host((outside,), (jail(name, jid=7, config=file),), {7: inside("", shown)})
    end = ends(found)[outside.name]
    assert (end.jail.name, end.inside) == (name, shown)
    assert wrong(found) == ()


def test_traffic_per_second() -> None:
    before = Traffic(1000, 50, 0)
    assert rate(before, Traffic(3000, 50, 0), 2.0) == Rate(1000.0, 0.0)
    assert rate(before, Traffic(3000, 50, 0), 0.0) is None
    assert rate(before, Traffic(10, 50, 0), 2.0) is None
