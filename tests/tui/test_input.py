"""What a terminal sends becomes keys; what cannot be understood becomes nothing."""

from __future__ import annotations

import os
import selectors
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st
from textual import constants, events
from textual._xterm_parser import XTermParser

from jailer_tui.terminal.driver import TerminalDriver, _Reading, terminal_size
from jailer_tui.terminal.input import Input


def keys(*parts: bytes) -> list[str]:
    """The keys of these bytes, with a long pause at the end."""
    reading = _Reading(XTermParser(), Input())
    found = [message for part in parts for message in reading.take(part)]
    reading._since -= 10
    found += reading.pause()
    return [one.key for one in found if isinstance(one, events.Key)]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"s", ["s"]),
        ("é".encode(), ["é"]),
        (b"\xe9", []),
        (b"a\xe9b", ["a", "b"]),
        (b"\xff\xfe\x80q", ["q"]),
        (b"\x1b", ["escape"]),
        (b"\x1bx", ["alt+x"]),
        (b"\x1b[", ["alt+left_square_bracket"]),
        (b"\x1b[A", ["up"]),
        (b"\x1bOP", ["f1"]),
        (b"\x1b[[A", ["f1"]),
        (b"\x1b[15~s", ["f5", "s"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1b[27u", ["escape"]),
    ],
)
def test_keys(sent: bytes, expected: list[str]) -> None:
    assert keys(sent) == expected


@pytest.mark.parametrize(
    "broken",
    [
        b"\x1b[M \xa5(",
        b"\x1b[M#\xff\xff",
        b"\x1b[M",
        b"\x1b[<0;12;",
        b"\x1b[?62;22c",
        b"\x1b[>1;10;0c",
        b"\x1b[1;2;3;4;5Z",
        b"\x1b[?2026;9$y",
        b"\x1b[32;96;10M",
        b"\x1b]11;rgb:1111/2222/3333\x07",
        b"\x1b]11;rgb:1111/2222/3333\x1b\\",
        b"\x1bP>|XTerm(388)\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b[" + b"1;" * 200 + b"s",
        b"\x1bO\x80",
    ],
)
def test_broken_sequences_are_no_keys(broken: bytes) -> None:
    assert [one for one in keys(broken) if len(one) == 1] in ([], ["s"])
    assert keys(b"a", broken)[:1] == ["a"]


def test_a_mouse_report_between_keys_leaves_the_keys() -> None:
    assert keys(b"a\x1b[M \xa5(b") == ["a", "b"]
    assert keys(b"a\x1b[", b"M ", b"\xa5", b"(b") == ["a", "b"]


def test_a_character_in_two_pieces() -> None:
    assert keys("é".encode()[:1], "é".encode()[1:]) == ["é"]


def test_what_is_pasted_is_no_keys() -> None:
    reading = _Reading(XTermParser(), Input())
    found = list(reading.take(b"\x1b[200~stop \xe9www0\x1b[201~s"))
    assert [type(one).__name__ for one in found] == ["Paste", "Key"]
    assert found[0].text == "stop www0"  # type: ignore[attr-defined]


@given(st.lists(st.binary(max_size=12), max_size=8))
def test_anything_at_all(parts: list[bytes]) -> None:
    keys(*parts)


@given(st.lists(st.binary(max_size=12), max_size=8))
def test_after_anything_at_all_keys_are_heard_again(parts: list[bytes]) -> None:
    source = Input()
    for part in parts:
        source.feed(part)
    source.flush(long=True)
    if not source._pasting:
        assert source.feed(b"q")[-1].text.endswith("q")


def test_a_size_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_descriptor: int) -> os.terminal_size:
        return os.terminal_size((0, 0))

    monkeypatch.setattr(os, "get_terminal_size", none)
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    assert terminal_size((0,), os.environ) == (80, 24)
    monkeypatch.setenv("COLUMNS", "132")
    monkeypatch.setenv("LINES", "-1")
    assert terminal_size((0,), os.environ) == (132, 24)


def test_nothing_wakes_up_while_no_key_is_pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only after an escape it matters that nothing follows."""
    waits: list[float | None] = []
    pressed: list[str] = []

    class Recording(selectors.SelectSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            waits.append(timeout)
            return super().select(timeout)

    def process(message: events.Key) -> None:
        pressed.append(message.key)
        if message.key == "escape":
            driver.exit_event.set()
            os.write(waker, b"\0")

    monkeypatch.setattr(selectors, "SelectSelector", Recording)
    driver = TerminalDriver.__new__(TerminalDriver)
    terminal, keyboard = os.pipe()
    driver._woken, waker = os.pipe()
    driver._owner = SimpleNamespace(typed=b"")
    driver.fileno, driver.exit_event, driver._debug = terminal, Event(), False
    monkeypatch.setattr(driver, "process_message", process)
    thread = Thread(target=driver.run_input_thread)
    thread.start()
    os.write(keyboard, b"a\x1b")
    thread.join(60)
    for descriptor in (terminal, keyboard, driver._woken, waker):
        os.close(descriptor)
    assert pressed == ["a", "escape"]
    assert waits == [None, constants.ESCAPE_DELAY]
