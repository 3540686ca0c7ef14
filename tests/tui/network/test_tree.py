"""The tree of the network on the screen."""

from __future__ import annotations

import pytest

from tests.tui.harness import HOME, WIDE, opened


@pytest.mark.parametrize(("size", "name"), [(HOME, "80"), (WIDE, "160")])
async def test_the_tree_of_recording_08(size: tuple[int, int], name: str) -> None:
    async with opened("busy", size) as it:
        await it.press("4")
        await it.refresh()
        it.compare(f"network-tree-{name}")


async def test_enter_shows_everything_about_a_row_and_escape_goes_back() -> None:
    async with opened("busy") as it:
        await it.press("4", "slash", *"app1", "enter")
        it.sees("epair2a ↔ app1")
        await it.press("G", "enter")
        assert it.dialog == "NetworkNodeScreen"
        it.sees("58:9c:fc", "fd00:0:0:1::12/64", "10.0.0.1")
        await it.press("escape")
        assert it.dialog == "NetworkScreen"
        await it.press("escape")
        it.sees("vtnet0", "thick1")
        await it.press("escape")
        assert it.dialog == "MainScreen"
