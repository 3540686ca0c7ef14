"""Light or dark: by variable, by the terminal's answer, and never a long wait."""

from __future__ import annotations

import os
import pty
import threading

import pytest

from jailer_tui import terminal_options
from jailer_tui.terminal_options import of_answer, of_variable, typed_in
from jailer_tui.theme import DARK, LIGHT, TERMINAL, usual


@pytest.mark.parametrize(
    ("text", "light"),
    [("15;0", False), ("0;15", True), ("0;default;7", True), ("", None), ("x", None)],
)
def test_a_variable_may_tell(text: str, light: bool | None) -> None:
    assert of_variable(text) is light


@pytest.mark.parametrize(
    ("answer", "light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62c", True),
        (b"\x1b]11;rgb:12/16/1c\x1b\\", False),
        (b"\x1b]11;rgba:ffff/ffff/dddd/ffff\x07", True),
        (b"\x1b[?1;2c", None),
        (b"q\x1b]11;rgb:zz/0/0\x07", None),
        (b"", None),
    ],
)
def test_answers(answer: bytes, light: bool | None) -> None:
    assert of_answer(answer) is light


@pytest.mark.parametrize(
    ("answer", "typed"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62c", b""),
        (b"jj\x1b]11;rgb:12/16/1c\x1b\\s\x1b[?62;4c\x1b[A", b"jjs\x1b[A"),
        (b"/web\r", b"/web\r"),
        (b"\x1b]11;rgb:12/", b"\x1b]11;rgb:12/"),  # the rest comes later, to the driver
        (b"", b""),
    ],
)
def test_keys_among_the_answers_are_kept(answer: bytes, typed: bytes) -> None:
    assert typed_in(answer) == typed


@pytest.mark.parametrize("reply", [b"\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?62c", b""])
def test_a_terminal_that_answers_and_one_that_does_not(
    reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_options, "WAIT", 5.0 if reply else 0.01)
    ours, theirs = pty.openpty()

    def answers() -> None:
        os.read(ours, 100)
        os.write(ours, reply)

    terminal = threading.Thread(target=answers)
    terminal.start()
    answer = terminal_options._answer(theirs, theirs)
    terminal.join()
    os.close(ours)
    os.close(theirs)
    assert answer == reply


def test_the_usual_theme() -> None:
    assert usual(full=True, light=False) is DARK
    assert usual(full=True, light=True) is LIGHT
    assert usual(full=False, light=True) is TERMINAL
