"""Everything that a click does; the keys do the same."""

from __future__ import annotations

from tests.tui.harness import WIDE, opened


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
