"""Numbers over time: means of spans, gaps where nothing was read, and bounded memory."""

from __future__ import annotations

import sys

from hypothesis import given, strategies as st

from jailer_tui.trends import COARSE_SIZE, FINE_SIZE, Ring, Trend


def told(*values: float, every: float = 2.0) -> Trend:
    trend = Trend()
    for index, value in enumerate(values):
        trend.add(index * every, value)
    return trend


def test_points_are_means_of_spans() -> None:
    trend = told(*map(float, range(100)))
    assert trend.points(198, 2, 3) == [97, 98, 99]
    assert trend.points(198, 10, 3) == [87, 92, 97]
    assert trend.points(198, 60, 4) == [14.5, 44.5, 74.5, 94.5]
    assert trend.points(198, 600, 2) == [None, (14.5 + 44.5 + 74.5 + 94.5) / 4]


def test_old_points_stay_the_same_while_time_passes() -> None:
    trend = told(*map(float, range(100)))
    assert trend.points(199.9, 10, 3) == trend.points(198, 10, 3)
    assert trend.points(201, 10, 3) == [87, 92, 97]
    trend.add(200, 100.0)
    assert trend.points(200, 10, 3) == [92, 97, 100]


def test_where_nothing_was_read_there_is_a_gap() -> None:
    trend = told(1, 2)
    trend.add(20, 5)
    assert trend.points(20, 2, 11) == [1, 2, *[None] * 8, 5]
    assert trend.points(40, 2, 3) == [None, None, None]
    trend.add(42, None)
    assert trend.last is None
    assert trend.points(42, 2, 2) == [None, None]


def test_after_a_long_pause_nothing_old_is_left() -> None:
    ring = Ring(2.0, 4)
    for time in (0, 2, 4, 6):
        ring.add(time, 1.0)
    ring.add(1000, 2.0)
    assert ring.values(496, 500) == [None, None, None, None, 2.0]


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10**6)), max_size=40), st.integers(1, 90)
)
def test_any_times(readings: list[tuple[float, int]], count: int) -> None:
    trend = Trend()
    for time, value in readings:
        trend.add(time, value)
    low = min((value for _, value in readings), default=0)
    high = max((value for _, value in readings), default=0)
    for step in (2.0, 10.0, 60.0, 600.0):
        points = trend.points(max((time for time, _ in readings), default=0), step, count)
        assert len(points) == count
        assert all(point is None or low * 0.99 <= point <= high * 1.01 for point in points)


def test_memory_is_bounded() -> None:
    trend = told(*[1.0] * 5000)
    size = sum(sys.getsizeof(ring._values) for ring in (trend._fine, trend._coarse))
    assert size < (FINE_SIZE + COARSE_SIZE) * 4 + 200
