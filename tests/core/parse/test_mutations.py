"""Recorded output, damaged at random: a reader answers, or raises ParseError, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jailer_core.errors import ParseError
from jailer_core.parse import process_tables, rcconf, sysctl, zfs
from tests.core.parse.commands import READERS, Command, commands, reader_of
from tests.examples import some

LONGEST = 3000
PIECES = st.one_of(
    st.sampled_from(
        ["", "\t", "\n", " ", "-", ",", '"', "'", "\\", "{", "}", "[", "]", ":", "=", "/", "|"]
    ),
    st.sampled_from(
        ["null", "true", "NaN", "1e999", "-1", "٣", "\x1f", "\udcff", "\x1b[2J", "9" * 40]
    ),
    st.text(st.characters(exclude_categories=()), max_size=8),
)


def one_of_each() -> list[Command]:
    """For each reader the longest command that is still quick to read over and over."""
    best: dict[str, Command] = {}
    for pattern, read in READERS:
        fitting = [
            one
            for one in commands()
            if one.stdout and reader_of(one) is read and len(one.stdout) <= LONGEST
        ]
        if fitting:
            best[pattern] = max(fitting, key=lambda one: len(one.stdout))
    return list(best.values())


@pytest.mark.parametrize("command", one_of_each(), ids=lambda one: one.line[:40])
@settings(max_examples=some(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_output(command: Command, data: st.DataObject) -> None:
    read = reader_of(command)
    assert read is not None
    text = damaged(command.stdout, data)
    try:
        read(command.argv, text)
    except ParseError as error:
        assert error.message.isprintable()  # noqa: PT017 - either way is right


def damaged(text: str, data: st.DataObject) -> str:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(PIECES) + text[start + length :]
    return text


ROWS = {
    "datasets": (
        zfs.datasets,
        "zroot/a\t123\t10\t20\t30\tzroot/i@base\t99\tyes\toff\t/a\tfilesystem\tdb,web\n",
    ),
    "snapshots": (zfs.snapshots, "zroot/d@s\t7\t1\t2\t3\t465\tzroot/x\t2\n"),
    "ages": (
        process_tables.ages,
        '{"process-information":{"process":[{"jail-id":"1","elapsed-times":"2"}]}}',
    ),
    "settings": (rcconf.settings, "a=\"1\"\nb='two words' # why\n"),
    "missing": (sysctl.missing, "sysctl: unknown oid 'kern.racct.enable'\n"),
}


@pytest.mark.parametrize("kind", ROWS)
@settings(max_examples=some(60), deadline=None)
@given(data=st.data())
def test_damaged_rows(kind: str, data: st.DataObject) -> None:
    read, text = ROWS[kind]
    try:
        read(damaged(text, data))
    except ParseError as error:
        assert error.message.isprintable()  # noqa: PT017
