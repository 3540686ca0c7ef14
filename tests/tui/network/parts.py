"""Shared by the tests of the network."""

from __future__ import annotations

from jailer_tui.screens.network import NetworkScreen
from tests.tui.harness import Stage


def network(it: Stage) -> NetworkScreen:
    """The tab, in front or below an opened row."""
    return next(one for one in it.app.screen_stack if isinstance(one, NetworkScreen))


async def tab(it: Stage) -> NetworkScreen:
    """Open it, and read what only it needs."""
    await it.press("4")
    await it.refresh()
    return network(it)
