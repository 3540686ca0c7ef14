"""The screen on terminals as they are found: without a size, with other bytes, hung, gone."""

from __future__ import annotations

import os
import signal

import pytest

from tests.tui.terminal import PATIENCE, Terminal, keyboard

READY = (b"www0", b"99d6c13c")
ALTERNATE, MOUSE, CURSOR = 1049, 1000, 25


@pytest.mark.processes
def test_a_size_that_is_not_known_is_a_usual_one() -> None:
    with Terminal("--demo", "small", "--mouse=off", size=(0, 0)) as it:
        it.until(*READY)
        it.settle(0.2)
        assert MOUSE not in it.wrong_modes
        assert b"\x1b[24;1H" in it.output
        assert b"\x1b[25;1H" not in it.output
        assert len(it.output) < 100_000
        os.kill(it.process.pid, signal.SIGINT)
        assert it.end() == 128 + signal.SIGINT
        assert it.wrong_modes == {}
        assert it.settings_now == it.settings


@pytest.mark.processes
def test_the_end_of_a_terminal_without_a_size_is_the_end_of_the_program() -> None:
    with Terminal("--demo", "small", size=(0, 0)) as it:
        it.until(*READY)
        assert it.hang_up() != 0


@pytest.mark.processes
def test_bytes_that_are_no_text_do_not_end_it() -> None:
    with Terminal("--demo", "small") as it:
        it.until(b"\x1b]11;?")
        os.write(it.master, b":\x1b[?62c")  # a key before the answer is a key all the same
        it.until(*READY, b" Commands ")
        os.write(it.master, b"\x03\xe9")
        os.write(it.master, b"\x1b[M \xa5(")
        os.write(it.master, b"\xe9?")
        it.until(b" Close ")
        assert it.wrong_modes[ALTERNATE]
        assert it.wrong_modes[MOUSE]
        assert not it.wrong_modes[CURSOR]
        assert it.settings_now != it.settings
        os.kill(it.process.pid, signal.SIGTERM)
        assert it.end() == 128 + signal.SIGTERM
        assert it.wrong_modes == {}
        assert keyboard(it.output) == 0
        assert it.settings_now == it.settings
        assert b"Traceback" not in it.output


@pytest.mark.processes
def test_a_terminal_that_takes_nothing_does_not_hold_it() -> None:
    with Terminal("--demo", "small", size=(200, 60)) as it:
        it.until(*READY)
        for _ in range(60):  # each draws the whole screen, and nothing reads it
            os.write(it.master, b"\x0c")
        os.kill(it.process.pid, signal.SIGTERM)
        assert it.process.wait(PATIENCE) == 128 + signal.SIGTERM
