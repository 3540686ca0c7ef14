"""What the footer offers does something: nothing that is refused, nothing without effect."""

from __future__ import annotations

import pytest

from jailer_tui.actions import TABS
from jailer_tui.screens.app_screen import AppScreen
from tests.tui.harness import HOME, WIDE, Stage, opened

QUIET = {"read_again", "leave"}
"""What may well show the same again, or ends the program."""


async def to_tab(it: Stage, key: str) -> None:
    while len(it.app.screen_stack) > 1:
        it.app.pop_screen()
        await it.settle()
    await it.press("escape", "u", key)


async def changes(it: Stage, before: str, what: str) -> None:
    await it.until(lambda: it.text != before, what)


@pytest.mark.parametrize("scenario", ["busy", "fresh"])
async def test_every_key_of_the_footer_does_something(scenario: str, exhaustive: bool) -> None:
    """On the first tab that offers it; with `--exhaustive` on all of them."""
    tried = set(QUIET)
    async with opened(scenario, HOME) as it:
        for tab in TABS:
            await to_tab(it, tab.keys[0])
            screen = it.app.screen
            assert isinstance(screen, AppScreen)
            for action in screen.keys._shown:
                screen = it.app.screen
                assert isinstance(screen, AppScreen)
                if action.id in tried or action not in screen.keys._shown:
                    continue
                if not exhaustive:
                    tried.add(action.id)
                before = it.text
                await it.press(action.keys[0])
                await changes(it, before, f"{action.id} on {tab.id}")
                assert f"! {action.label}: " not in it.text, action.id
                await to_tab(it, tab.keys[0])


async def test_keys_without_an_effect_are_not_offered() -> None:
    async with opened("fresh", WIDE) as it:
        await to_tab(it, "1")
        for words in ("Filter", "Mark", "Sort", "Undo", "B Snapshot"):
            assert f"{words} " not in it.text.splitlines()[-1], words
        await it.press("space")
        it.sees("Mark: nothing is listed")
    async with opened("small") as it:
        await it.press("slash")
        await it.type("nowhere")
        await it.press("enter")
        it.sees("No jail matches", "/ Filter")  # to type other words
        assert "space Mark" not in it.text
        await it.press("escape", "f8")
        await it.until(lambda: it.dialog == "TimelineScreen")
        for _ in range(9):
            await it.press("plus")
        assert "+ Longer" not in it.text
        it.sees("- Shorter")
        await it.press("2")  # from any full screen to a tab
        assert it.dialog == "ImagesScreen"
        await it.press("1", "enter", "5")
        assert it.dialog == "ConsoleScreen"
