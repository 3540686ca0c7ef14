"""The trash with nothing in it."""

from __future__ import annotations

import pytest

from tests.tui.harness import opened


@pytest.mark.parametrize("key", ["enter", "z", "d"])
async def test_there_is_nothing_to_bring_back(key: str) -> None:
    async with opened() as it:
        await it.press("Z")
        it.sees("The trash is empty")
        await it.press(key)
        assert it.dialog == "TrashDialog"
        await it.press("escape", "escape")  # the reason first, then the trash
        assert it.dialog == "JailsScreen"
        assert not it.app.jobs.all
