"""A line that a parser does not know costs that line only, wherever it is, and is reported."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jailer_core.parse.base import Parsed
from tests.core.parse.commands import READERS, Command, commands, reader_of
from tests.examples import some

LONGEST = 20_000
ODD_LINES = st.text("abcxyzäß .,;'=()<>", max_size=20).map(lambda text: f"?? {text}")
ODD_ROWS: st.SearchStrategy[object] = st.sampled_from([{"odd": 1}, {}, 7, None, "odd", []])


def read(command: Command, text: str) -> object:
    reader = reader_of(command)
    assert reader is not None
    return reader(command.argv, text)


def any_line_may_be_a_value(command: Command) -> bool:
    """`zfs list -o name`, `sysctl -n`."""
    if command.argv[:2] == ["sysctl", "-n"]:
        return True
    return "-o" in command.argv and "," not in command.argv[command.argv.index("-o") + 1]


def of_each() -> Iterator[Command]:
    """For each parser of many lines its longest output that is quick to read."""
    for _, reader in READERS:
        fitting = [
            command
            for command in commands()
            if reader_of(command) is reader
            and len(command.stdout.splitlines()) > 1
            and len(command.stdout) <= LONGEST
            and not any_line_may_be_a_value(command)
        ]
        if fitting and isinstance(read(fitting[0], fitting[0].stdout), Parsed):
            yield max(fitting, key=lambda command: len(command.stdout))


def of_json() -> Iterator[Command]:
    """For each parser of JSON its longest output."""
    for _, reader in READERS:
        fitting = [
            command
            for command in commands()
            if reader_of(command) is reader and command.stdout.startswith(("{", "["))
        ]
        if fitting:
            yield max(fitting, key=lambda command: len(command.stdout))


LINES = [command for command in of_each() if not command.stdout.startswith(("{", "["))]
JSON = list(of_json())
few = settings(max_examples=some(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def places(command: Command, rows: list[str]) -> list[int]:
    """Where a line is a line of its own: `sysrc` prints values raw, over several lines."""
    begins = re.compile(r"\w+=" if command.argv[0] == "sysrc" else "")
    return [index for index, row in enumerate(rows) if begins.match(row)] + [len(rows)]


def ids(command: Command) -> str:
    return command.line[:40]


def test_there_is_an_output_for_every_parser() -> None:
    assert len(LINES) > 18
    assert len(JSON) > 7


@pytest.mark.parametrize("command", LINES, ids=ids)
@few
@given(data=st.data())
def test_an_odd_line(command: Command, data: st.DataObject) -> None:
    whole = read(command, command.stdout)
    rows = command.stdout.split("\n")[:-1]
    place, odd = data.draw(st.sampled_from(places(command, rows))), data.draw(ODD_LINES)
    found = read(command, "\n".join([*rows[:place], odd, *rows[place:], ""]))
    assert isinstance(whole, Parsed)
    assert isinstance(found, Parsed)
    assert not whole.unread
    assert any("??" in message for message in found.unread), found.unread
    if command.argv[0] == "jail":
        assert_only_one_parameter_is_missing(whole.value, found.value)
    else:
        assert found.value == whole.value


def assert_only_one_parameter_is_missing(whole: Any, found: Any) -> None:
    """Where jail(8) ends a value without quotes, a line behind it might belong to it."""
    assert [name for name, _ in found] == [name for name, _ in whole]
    pairs = [{(name, key) for name, params in side for key in params} for side in (whole, found)]
    assert pairs[1] <= pairs[0]
    assert len(pairs[0] - pairs[1]) <= 1


@pytest.mark.parametrize("command", JSON, ids=ids)
@few
@given(data=st.data())
def test_an_odd_row(command: Command, data: st.DataObject) -> None:
    whole = read(command, command.stdout)
    assert isinstance(whole, Parsed)
    output = json.loads(command.stdout)
    places = list(row_lists(output))
    copied = copy.deepcopy(output)
    rows = list(row_lists(copied))[data.draw(st.integers(0, len(places) - 1))]
    rows.insert(data.draw(st.integers(0, len(rows))), data.draw(ODD_ROWS))
    found = read(command, json.dumps(copied))
    assert isinstance(found, Parsed)
    assert found.value == whole.value
    assert len(found.unread) == 1


def row_lists(value: Any) -> Iterator[list[Any]]:
    """All lists of objects within a value."""
    if isinstance(value, list) and any(isinstance(row, dict) for row in value):
        yield value
    inside = value.values() if isinstance(value, dict) else value
    for inner in inside if isinstance(value, dict | list) else ():
        yield from row_lists(inner)
