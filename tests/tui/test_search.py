"""`/` searches wherever there is a text or a list, and what is typed acts nowhere."""

from __future__ import annotations

import pytest

from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Lines
from jailer_tui.widgets.search import Findable, marked
from tests.tui.harness import Stage, burst, opened


async def asked(it: Stage, key: str, name: str) -> None:
    await it.press(key)
    await it.until(lambda: it.dialog == name, name)
    await it.settle()


OPENS = {
    "enter": "JailScreen",
    "D": "SetupScreen",
    "S": "PreviewDialog",
    "question_mark": "HelpDialog",
    "Z": "TrashDialog",
    "o": "ChoiceDialog",
    "b": "RollbackDialog",
    "U": "BootOrderDialog",
}


@pytest.mark.parametrize(("key", "name"), list(OPENS.items()))
async def test_what_is_typed_to_search_acts_nowhere(key: str, name: str) -> None:
    async with opened("small") as it:
        await it.go_to("www0")
        await asked(it, key, name)
        burst(it, "slash", *"destroyRsSxy", "enter")
        for _ in range(8):
            await it.settle()
        assert it.dialog == name
        it.sees("Search  destroyRsSxy", "not found")
        assert not it.app.jobs.all
        await it.press("escape")
        assert it.dialog == name
        assert "destroyRsSxy" not in it.text
        await it.press("escape")
        assert it.dialog == "JailsScreen"


async def test_the_next_and_the_previous_place_in_a_text() -> None:
    async with opened() as it:
        await asked(it, "question_mark", "HelpDialog")
        text = it.app.screen.text  # type: ignore[attr-defined]
        await it.press("slash")
        await it.type("nowhere")
        it.sees("not found")
        await it.press(*["backspace"] * 7)
        await it.type("jail")
        await it.press("enter")
        first = text.place()
        await it.press("n")
        second = text.place()
        assert second > first
        await it.press("n", "N", "N")
        assert text.place() == first
        assert all("jail" in text.texts()[index].lower() for index in (first, second))
        await it.press("escape")
        assert it.dialog == "HelpDialog"


async def test_the_cursor_of_a_list_goes_to_what_was_found() -> None:
    async with opened() as it:
        await asked(it, "o", "ChoiceDialog")
        await it.press("slash")
        await it.type("mem")
        grid = it.app.screen.grid  # type: ignore[attr-defined]
        assert grid.key == "memory"
        await it.press("enter", "enter")
        assert it.main.pane.sorted_by[0] == "memory"


async def test_a_capital_makes_case_count() -> None:
    async with opened() as it:
        await asked(it, "question_mark", "HelpDialog")
        await it.press("slash")
        await it.type("EVERYWHERE")
        it.sees("not found")
        await it.press("ctrl+u")
        await it.type("everywhere")
        assert "not found" not in it.text


async def test_the_quoted_keys_stop_no_jail() -> None:
    async with opened() as it:
        burst(it, "end", "enter", "right", "slash", *"host", "enter")
        await it.until(lambda: it.dialog == "JailScreen", "the jail")
        for _ in range(8):
            await it.settle()
        assert it.dialog == "JailScreen"
        assert not it.app.jobs.all
        await it.until(lambda: "host.hostname" in it.text, "the configuration, read meanwhile")
        it.sees("Search  host")
        assert "not found" not in it.text


async def test_every_screen_searches_or_filters() -> None:
    for kind in AppScreen.__subclasses__():
        keys = kind._merge_bindings().key_to_bindings
        assert "slash" in keys or kind.__name__ == "TabScreen", kind


def test_what_was_found_is_marked() -> None:
    line = (("the Host", "text"), ("name", "dim"))
    assert "".join(text for text, _ in marked(line, "host")) == "the Hostname"
    assert [text for text, tone in marked(line, "tn") if tone == "button"] == ["t", "n"]
    assert marked(line, "") == line


def test_lists_and_texts_can_be_searched() -> None:
    assert issubclass(Grid, Findable)
    assert issubclass(Lines, Findable)
