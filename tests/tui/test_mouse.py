"""Everything that a click does; the keys do the same."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest

from jailer_tui import screens
from jailer_tui.actions import BY_ID
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.screens.console import ConsoleScreen
from jailer_tui.widgets.grid import Grid
from tests.tui.harness import WIDE, opened


def screens_with_tables() -> list[type[AppScreen]]:
    """All kinds of screens that say what a double click does."""
    for module in iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")
    kinds = [AppScreen]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return [kind for kind in kinds if kind.PICKS]


async def test_a_click_moves_the_cursor_and_a_second_one_opens() -> None:
    async with opened() as it:
        await it.pilot.click("#jails", offset=(10, 3))
        await it.settle()
        assert it.main.pane.grid.key == "byhand"
        await it.pilot.click("#jails", offset=(10, 3), times=2)
        await it.settle()
        assert it.dialog == "JailScreen"


async def test_a_click_in_the_header_sorts() -> None:
    async with opened() as it:
        await it.pilot.click("#jails", offset=(20, 0))
        await it.settle()
        assert it.main.pane.sorted_by == ("state", False)
        await it.pilot.click("#jails", offset=(20, 0))
        await it.settle()
        assert it.main.pane.sorted_by == ("state", True)


async def test_a_click_on_a_key_of_the_footer_presses_it() -> None:
    async with opened() as it:
        place = it.main.keys.text.index("/ Filter")
        await it.pilot.click("#footer", offset=(place, 0))
        await it.settle()
        assert it.main.has_class("filtering")


async def test_a_click_on_a_button_and_on_a_part() -> None:
    async with opened(size=WIDE) as it:
        await it.pilot.click("#parts", offset=(7, 0))
        await it.until(lambda: it.main.side.part == "Config")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.pilot.click("#buttons", offset=(12, 0))
        await it.settle()
        assert it.dialog == "JailsScreen"
        assert not it.app.jobs.all


def test_a_double_click_is_the_action_of_enter_on_each_screen() -> None:
    for kind in screens_with_tables():
        marks = kind.PICKS == "mark_fix"  # enter applies all that is marked
        assert marks or "enter" in BY_ID[kind.PICKS].keys, kind
        assert any(place in BY_ID[kind.PICKS].where for place in kind.PLACES), kind


@pytest.mark.parametrize(
    ("key", "grid", "dialog"),
    [("2", "#images", "PreviewDialog"), ("4", "#network", "NetworkNodeScreen")],
)
async def test_a_double_click_opens_in_other_tabs(key: str, grid: str, dialog: str) -> None:
    async with opened() as it:
        await it.press(key)
        await it.until(lambda: len(it.app.screen.query_one(grid, Grid).rows) > 1, "rows")
        await it.pilot.click(grid, offset=(10, 2), times=2)
        await it.until(lambda: it.dialog == dialog, dialog)


async def test_a_double_click_opens_a_console() -> None:
    async with opened() as it:
        await it.press("5")
        await it.pilot.click("#jails", offset=(10, 1), times=2)
        await it.until(lambda: bool(it.app.session.consoles.all), "a console")
        screen = it.app.screen
        assert isinstance(screen, ConsoleScreen)
        assert screen.inside
