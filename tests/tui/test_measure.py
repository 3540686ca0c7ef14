"""The progress of a step, as a bar and in words."""

from __future__ import annotations

import pytest

from jailer_tui.presenters.plan_steps import bar, words
from jailer_tui.stores.job import ProgressRate
from jailer_tui.theme import ASCII, UNICODE


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(*samples: tuple[float, int], total: int = 1000, parts: bool = False) -> ProgressRate:
    clock = Clock()
    measure = ProgressRate(clock, parts=parts)
    for after, done in samples:
        clock.now = 100.0 + after
        measure.tell(done, total)
    return measure


def text(measure: ProgressRate, width: int = 70) -> str:
    return "".join(one for one, _ in bar(measure, width, ASCII))


def test_bytes_speed_and_what_is_left() -> None:
    measure = told((0, 0), (1, 100), (2, 200), total=1024)
    assert measure.percent == 19
    assert measure.speed == 100
    assert measure.left == pytest.approx(8.24)
    assert words(measure) == ["200B of 1K", "100B/s", "8s left"]


def test_the_speed_is_that_of_the_last_seconds() -> None:
    measure = told((0, 0), (100, 1000), (105, 1100), (109, 1180), total=5000)
    assert measure.speed == 20


def test_nothing_is_said_of_what_is_not_known() -> None:
    measure = told((0, 300), total=0)
    assert measure.percent is None
    assert measure.left is None
    assert words(measure) == ["300B"]
    assert text(measure) == "  300B"


def test_what_shrinks_or_stands_has_no_time_left() -> None:
    assert told((0, 500), (1, 100)).speed is None
    assert told((0, 500), (1, 500)).left is None
    assert told((0, 10), (1, 2000)).percent == 100
    assert told((0, 10), (1, 2000)).left is None


def test_parts_are_files() -> None:
    assert words(told((0, 0), (2, 50), total=200, parts=True)) == ["50 of 200 files", "6s left"]


@pytest.mark.parametrize("width", [40, 76, 156])
@pytest.mark.parametrize("done", [0, 1, 499, 999, 1000])
def test_the_bar_fits(width: int, done: int) -> None:
    measure = told((0, 0), (1, done))
    shown = bar(measure, width, UNICODE)
    assert sum(len(one) for one, _ in shown) <= max(width, 60)
    full, empty = shown[1][0], shown[2][0]
    assert 8 <= len(full) + len(empty) <= 30
    assert (full == "") is (done * (len(full) + len(empty)) < 1000)
    assert (empty == "") is (done == 1000)
