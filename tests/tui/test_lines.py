"""Lines that grow: what was shown already is not laid out again."""

from __future__ import annotations

import pytest

from jailer_tui.dialogs.base import Dialog
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.messages import wrapped
from jailer_tui.widgets import lines as module
from jailer_tui.widgets.lines import Lines
from tests.tui.harness import opened


def line(number: int) -> Line:
    return ((f"{number} some words that need more than a single row of this width", "text"),)


def test_only_new_lines_are_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Line] = []

    def counted(given: Line, width: int) -> list[Line]:
        asked.append(given)
        return wrapped(given, width)

    monkeypatch.setattr(module, "wrapped", counted)
    before, after = [line(number) for number in range(5)], [line(number) for number in range(1, 7)]
    shown = Lines(before)
    shown._wrap_new(30)
    asked.clear()
    shown.lines = (*after, line(6))
    assert shown._wrap_new(30) == [row for one in (*after, line(6)) for row in wrapped(one, 30)]
    assert asked == [line(5), line(6)]
    assert shown._wrap_new(40) == [row for one in (*after, line(6)) for row in wrapped(one, 40)]


async def test_a_text_that_gets_a_scrollbar_is_wrapped_beside_it() -> None:
    async with opened("busy", (60, 15)) as it:
        await it.press("question_mark")
        it.sees("already", "them again.")
        dialog = it.app.screen
        assert isinstance(dialog, Dialog)
        assert dialog.text.show_vertical_scrollbar
        room = dialog.text.scrollable_content_region.width
        rows = ("".join(text for text, _ in row) for row in dialog.text._rows)
        assert all(len(row.rstrip()) <= room for row in rows)
