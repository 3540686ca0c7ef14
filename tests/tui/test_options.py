"""What kind of screen fits which terminal."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jailer_tui.terminal_options import (
    FULL,
    NONE,
    SLOW_INTERVAL,
    TERMINAL,
    Options,
    detect,
    prepare,
    unfit,
)


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({"TERM": "xterm-256color"}, FULL),
        ({"TERM": "screen", "COLORTERM": "truecolor"}, FULL),
        ({"TERM": "xterm"}, TERMINAL),
        ({"TERM": "screen"}, TERMINAL),
        ({"TERM": "vt100"}, TERMINAL),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, FULL),
        ({}, TERMINAL),
    ],
)
def test_colours(environ: dict[str, str], colour: str) -> None:
    assert detect(environ, "UTF-8").colour == colour


@pytest.mark.parametrize(
    ("encoding", "ascii_"),
    [("UTF-8", False), ("utf8", False), ("US-ASCII", True), ("latin1", True)],
)
def test_signs(encoding: str, ascii_: bool) -> None:
    assert detect({}, encoding).ascii is ascii_


def test_a_thin_line_is_asked_less_and_sent_less() -> None:
    found = detect({"TERM": "xterm-256color"}, "UTF-8", low_bandwidth=True)
    assert found == Options(interval=SLOW_INTERVAL, low_bandwidth=True, colour=TERMINAL)
    assert detect({"NO_COLOR": "1"}, "UTF-8", low_bandwidth=True).colour == NONE


@pytest.mark.parametrize(
    ("term", "terminal", "word"),
    [
        ("xterm", (True, True), ""),
        ("dumb", (True, True), "TERM=dumb"),
        ("", (True, True), "TERM"),
        ("xterm", (False, True), "pipe"),
        ("xterm", (True, False), "pipe"),
    ],
)
def test_where_there_can_be_no_screen(term: str, terminal: tuple[bool, bool], word: str) -> None:
    said = unfit({"TERM": term}, stdin_tty=terminal[0], stdout_tty=terminal[1])
    assert bool(said) is bool(word)
    assert word in said


def test_what_textual_reads_on_import(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEXTUAL_ANIMATIONS", "TEXTUAL_FPS"):
        monkeypatch.delenv(name, raising=False)
    prepare(Options())
    assert os.environ["TEXTUAL_ANIMATIONS"] == "none"
    assert "TEXTUAL_FPS" not in os.environ
    prepare(Options(low_bandwidth=True))
    assert os.environ["TEXTUAL_FPS"] == "10"


@pytest.mark.processes
def test_options_are_known_before_textual_is_imported() -> None:
    code = "import sys, jailer_tui.terminal_options; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
