"""A terminal is worth more than a program: whatever ends it, the terminal is left in order."""

from __future__ import annotations

import os
import signal

import pytest

from tests.tui.terminal import Terminal, keyboard

ALTERNATE, MOUSE, CURSOR = 1049, 1000, 25


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_in_order(number: signal.Signals) -> None:
    with Terminal("--demo", "small") as it:
        it.until(b"www0", b"99d6c13c")
        assert it.wrong_modes[ALTERNATE]
        assert it.wrong_modes[MOUSE]
        assert not it.wrong_modes[CURSOR]
        assert it.settings_now != it.settings
        os.kill(it.process.pid, number)
        assert it.end() == 128 + number
        assert it.wrong_modes == {}
        assert keyboard(it.output) == 0
        assert it.settings_now == it.settings
        assert b"Traceback" not in it.output


@pytest.mark.processes
def test_quitting_leaves_the_terminal_in_order() -> None:
    with Terminal("--demo", "small", "--mouse=off") as it:
        it.until(b"www0", b"99d6c13c")
        assert MOUSE not in it.wrong_modes
        it.type("q")
        assert it.end() == 0
        assert it.wrong_modes == {}
        assert it.settings_now == it.settings


@pytest.mark.processes
def test_a_terminal_that_goes_takes_the_program_along() -> None:
    with Terminal("--demo", "small") as it:
        it.until(b"www0", b"99d6c13c")
        assert it.hang_up() != 0


@pytest.mark.processes
def test_a_dumb_terminal_is_refused_in_one_line() -> None:
    with Terminal("--demo", TERM="dumb") as it:
        assert it.end() == 1
        assert it.output.startswith(b"jailer-tui: the screen needs a real terminal")
        assert b"\x1b" not in it.output


@pytest.mark.processes
def test_the_name_is_asked_for_on_a_terminal() -> None:
    with Terminal("--demo", "small", "destroy", "www0") as it:
        it.until(b"Type www0 to continue: ")
        it.type("no\n")
        assert it.end() == 1
        assert b"not confirmed: nothing was changed" in it.output


@pytest.mark.processes
def test_a_question_can_be_interrupted() -> None:
    with Terminal("--demo", "small", "destroy", "www0") as it:
        it.until(b"Type www0 to continue: ")
        it.type("\x03")
        assert it.end() == 1
        assert b"interrupted" in it.output
        assert b"Traceback" not in it.output
