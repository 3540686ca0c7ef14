"""The other views of the network: every address, every route."""

from __future__ import annotations

import pytest

from tests.tui.harness import opened
from tests.tui.network.parts import network, tab


async def test_every_address() -> None:
    async with opened("wired") as it:
        await tab(it)
        await it.press("right")
        await it.compare_sizes("network-addresses")


async def test_every_route() -> None:
    async with opened("wired") as it:
        await tab(it)
        await it.press("left")
        while network(it).pane.shown.id != "routes":
            await it.press("left")
        await it.compare_sizes("network-routes")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("10.0.0.12", "db"),
        ("10.2.25", ""),
        ("fd00:0:0:1::12", "db"),
        ("fd00:2::25", "mail"),
        ("10.6.0.9", "git"),
        ("10.0.0.11 stopped", "web-old"),
    ],
)
async def test_what_address_is_that(words: str, found: str) -> None:
    async with opened("wired") as it:
        await tab(it)
        await it.press("right", "slash")
        await it.type(words)
        await it.press("enter")
        jail = network(it).current
        assert (jail.name if jail is not None else "") == found
        if found:
            await it.press("enter")
            it.sees(words.partition(" ")[0], f"Of          {found}")


async def test_each_view_keeps_its_place_and_the_keys_go_round() -> None:
    async with opened("wired") as it:
        pane = (await tab(it)).pane
        pane.grid.move_to_key("host/bridge0/epair2a")
        await it.settle()
        first = pane.shown
        seen: list[str] = []
        while not seen or pane.shown is not first:
            seen.append(pane.shown.id)
            await it.press("right")
        assert seen[:3] == ["tree", "addresses", "routes"]
        assert pane.grid.key == "host/bridge0/epair2a"
        await it.press("left", "l", "h", "right")
        assert pane.shown is first


async def test_a_click_on_the_name_of_a_view() -> None:
    async with opened("wired") as it:
        pane = (await tab(it)).pane
        await it.pilot.click(pane.names, offset=(9, 0))
        await it.settle()
        assert pane.shown.id == "addresses"
        it.sees("ADDRESS", "BRIDGE")


async def test_the_filter_finds_a_hardware_address_in_the_tree() -> None:
    async with opened("wired") as it:
        pane = (await tab(it)).pane
        inside = next(one for one in it.machine.state.interfaces.values() if one.name == "epair2b")
        await it.press("slash")
        await it.type(inside.mac)
        assert [row.key for row in pane.grid.rows] == [
            "host",
            "host/bridge0",
            "host/bridge0/epair2a",
        ]
        assert pane.grid.key == "host/bridge0/epair2a"
        it.sees("1 of ")
