"""Bounded output: the first and last lines are kept, and those between are counted."""

from __future__ import annotations

from hypothesis import given, strategies as st

from jailer_core.execution.output_buffer import HEAD_LINES, LONGEST, TAIL_LINES, OutputBuffer


def test_streams_do_not_mix_within_a_line() -> None:
    said = OutputBuffer()
    said.feed(b"one ", error=False)
    said.feed(b"bad\nworse", error=True)
    said.feed(b"line\n", error=False)
    said.end()
    assert said.lines() == [("bad", True), ("one line", False), ("worse", True)]
    assert (said.first, said.last) == ("bad", "worse")
    assert said.text(error=False) == "one line\n"


def test_the_begin_and_the_end_of_a_flood_are_kept() -> None:
    said = OutputBuffer(100, 200)
    for number in range(1000):
        said.feed(f"line {number:04d}\n".encode(), error=False)
    lines = [line for line, _ in said.lines()]
    assert lines[0] == "line 0000"
    assert lines[-1] == "line 0999"
    assert said.before_lost == 10
    assert len(lines) + said.lost == 1000
    assert sum(len(line) + 1 for line in lines) <= 300


def test_one_great_piece_is_cut_too() -> None:
    said = OutputBuffer(100, 200)
    said.feed(b"".join(b"line %04d\n" % number for number in range(1000)), error=False)
    lines = [line for line, _ in said.lines()]
    assert (lines[0], lines[-1]) == ("line 0000", "line 0999")
    assert len(lines) + said.lost == 1000
    assert sum(len(line) + 1 for line in lines) <= 300


def test_a_flood_of_short_lines_is_cut_by_their_number() -> None:
    said = OutputBuffer()
    for _ in range(20):
        said.feed(b"y\n" * 32768, error=False)
    assert len(said.lines()) == HEAD_LINES + TAIL_LINES
    assert said.lost == 20 * 32768 - HEAD_LINES - TAIL_LINES


def test_a_line_without_end_is_told_in_parts() -> None:
    said = OutputBuffer()
    said.feed(b"x" * (2 * LONGEST + 5), error=False)
    assert [len(line) for line, _ in said.lines()] == [LONGEST, LONGEST, 5]


@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans()), max_size=30))
def test_memory_is_bounded_and_no_line_is_forgotten(pieces: list[tuple[bytes, bool]]) -> None:
    said = OutputBuffer(30, 60)
    for data, error in pieces:
        said.feed(data, error=error)
    said.end()
    fed = [b"".join(data for data, one in pieces if one is error) for error in (False, True)]
    assert said.total == sum(map(len, fed))
    wanted = sum(len(one.removesuffix(b"\n").split(b"\n")) for one in fed if one)
    assert len(said.lines()) + said.lost == wanted
