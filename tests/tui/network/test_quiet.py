"""A quiet host costs nothing, in sight or not."""

from __future__ import annotations

import asyncio

import pytest

from jailer_tui.state import SAMPLES
from tests.tui.harness import HOME, WIDE, opened
from tests.tui.network.parts import network, tab

FRAME = 1 / 60


async def test_nothing_is_sent_while_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, exhaustive: bool
) -> None:
    """At home; with `--exhaustive` on a wide terminal."""
    async with opened("wired", WIDE if exhaustive else HOME) as it:
        await tab(it)
        for _ in range(SAMPLES + 1):  # until the lines of traffic are full
            it.machine.state.now += 2
            await it.refresh()
        sent = it.watch(monkeypatch)
        for keys in ((), ("right",), ("right",), ("left", "left", "enter")):
            await it.press(*keys)
            assert bool(sent) is bool(keys), keys
            for _ in range(5 if sent else 0):  # what follows on the keys a frame later
                sent.clear()
                await asyncio.sleep(FRAME)
                it.machine.state.now += 2
                await it.refresh()
            for _ in range(2):
                it.machine.state.now += 2
                await it.refresh()
                assert sent == [], keys


async def test_traffic_alone_joins_nothing_anew() -> None:
    async with opened("wired") as it:
        await tab(it)
        it.machine.state.now += 2
        await it.refresh()
        before = network(it).pane.picture
        it.machine.state.interfaces["vtnet1"].received += 5000
        it.machine.state.now += 2
        await it.refresh()
        after = network(it).pane.picture
        assert before is not None
        assert after is not None
        assert after.root is before.root
        it.machine.now_run(("ifconfig", "epair2a", "down"))
        await it.refresh()
        assert network(it).pane.picture is not None
        assert network(it).pane.picture.root is not after.root  # type: ignore[union-attr]


async def test_it_rests_while_a_jail_is_opened_and_shows_what_it_knew_afterwards() -> None:
    async with opened("wired") as it:
        await tab(it)
        network(it).pane.grid.move_to_key("host/bridge0/epair2a")
        await it.settle()
        await it.press("g", "j")
        before = network(it).pane.picture  # a reading may still come while "g" is in front
        assert before is not None
        await it.refresh()
        assert it.inventory.connections is None
        assert network(it).pane.picture is before
        it.machine.now_run(("ifconfig", "epair4a", "down"))
        await it.refresh()
        await it.press("escape")
        assert network(it).pane.grid.key == "host/bridge0/epair2a"
        shown = network(it).pane.picture
        assert shown is not None
        assert shown.inventory.connections is not None
        it.sees("epair4a in bridge5 is down: nothing reaches dns")
