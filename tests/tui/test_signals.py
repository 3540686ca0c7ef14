"""Questions on a terminal, and one that cannot do what the screen needs.

Signals: test_driver.py and console/test_real.py.
"""

from __future__ import annotations

import pytest

from tests.tui.terminal import Terminal


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
