"""What happened to each jail over time."""

from __future__ import annotations

import time

import pytest

from jailer_tui.presenters.timeline import CHANGED, DIED, SNAPSHOT, STARTED, Mark, line, scale
from jailer_tui.screens.jails import JailScreen
from jailer_tui.screens.overview import TimelineScreen
from jailer_tui.stores.events import Event, Kind
from jailer_tui.theme import ASCII, UNICODE
from tests.tui.harness import Stage, opened


async def timeline(it: Stage) -> TimelineScreen:
    await it.press("f8")
    screen = it.app.screen
    assert isinstance(screen, TimelineScreen)
    await it.until(lambda: bool(screen.pane.grid.rows))
    return screen


async def test_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    async with opened("trouble") as it:
        now = it.machine.state.now
        for ago, kind, jail in (
            (7200, Kind.DIED, "www0"),
            (3600, Kind.STARTED, "www0"),
            (60, Kind.FAILED, "db01"),
        ):
            it.app.session.events.all.append(Event(now - ago, kind, jail))
        await timeline(it)
        await it.refresh()
        it.compare("timeline-80")
        await it.press("plus")
        assert "the last week" in it.text
        await it.press("minus", "minus")
        assert "the last 6 hours" in it.text


async def test_enter_opens_the_jail() -> None:
    async with opened() as it:
        screen = await timeline(it)
        screen.typed("shop")
        await it.press("enter")
        await it.settle()
        screen.pane.grid.focus()
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, JailScreen))


def test_cells() -> None:
    marks = [
        Mark("a", 990, STARTED),
        Mark("a", 991, DIED),
        Mark("a", 901, SNAPSHOT),
        Mark("a", 800, CHANGED),
        Mark("a", 1005, CHANGED),
    ]
    assert line(marks, 1000, 100, 10, UNICODE) == ("s·······▲!", "bad")
    assert line(marks[2:3], 1000, 100, 10, ASCII) == ("s.........", "accent")
    assert line([], 1000, 100, 4, ASCII) == ("....", "dim")
    assert len(scale(1e9, 3600, 40)) == 40
