"""Whatever a program prints: no exception, nothing gets out of the tab, nothing grows forever."""

from __future__ import annotations

import io
import random
import re
from typing import Any

from hypothesis import example, given, settings, strategies as st
from rich.console import Console as Printer
from rich.style import Style

from jailer_tui.console import bittty_screen as machine, emulator, sanitizer, scrollback
from jailer_tui.console.consoles import new_core
from jailer_tui.console.core import Cursor, MouseEvent
from jailer_tui.console.emulator import Emulator
from jailer_tui.widgets.cells import strip_of, written
from tests.examples import either, some
from tests.tui.console.screens import session

SIZE = (20, 6)
STEPS = settings(max_examples=some(120), deadline=None, derandomize=True)

_MODES = "1 2 3 5 6 7 9 25 40 45 47 69 1000 1003 1006 1047 1049 2004 2026"
NUMBERS = st.sampled_from(["", "0", "1", "2", "5", "7", "19", "20", "21", "99999", "4294967296"])
FINALS = "@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstuxyz{|}~"
CSI = st.builds(
    lambda lead, numbers, middle, final: f"\x1b[{lead}{';'.join(numbers)}{middle}{final}",
    st.sampled_from(["", "?", ">", "=", "<", "!"]),
    st.lists(NUMBERS, max_size=5),
    st.sampled_from(["", "", "", " ", "$", "*", "'", '"', "!"]),
    st.sampled_from(FINALS),
)
MODE = st.builds(
    lambda number, final: f"\x1b[?{number}{final}",
    st.sampled_from(_MODES.split()),
    st.sampled_from("hl"),
)
STRING = st.builds(
    lambda begin, text, end: f"\x1b{begin}{text}{end}",
    st.sampled_from(["]0;", "]2;", "]52;c;", "]8;;", "]4;1;", "]11;?", "]R", "]P1", "P$q", "P+q",
                     "P1;1|", "P0!z", "_G", "^", "X", "k", "Pq"]),
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.sampled_from(["\x1b\\", "\x07", "", "\x18", "\x1b", "\n"]),
)  # fmt: skip
ESC = st.sampled_from([f"\x1b{one}" for one in "78DEHMNOZc=><\\lmno|}~Fn" ] + ["\x1b#8", "\x1b(0", "\x1b(B", "\x1b)A", "\x1b%G", "\x1b F", "\x1b", "\x1b["])  # fmt: skip  # noqa: E501
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.sampled_from(["漢字", "e\u0301\u0301\u0302", "👨\u200d👩\u200d👧",
                     "a\u202eb", "\u200b", "❤\ufe0f",
                     "\x9b31m", "\x9d0;x\x9c", "\x90q", "\r\n", "\t\t", "\b\b\b", "\x05", "\x0e",
                     "x" * 50, "\n" * 9]),
)  # fmt: skip
STREAM = st.lists(st.one_of(CSI, CSI, MODE, STRING, ESC, TEXT), max_size=40).map("".join)
NOISE = st.binary(max_size=300)


def painted(core: Emulator) -> list[str]:
    """What is sent to the terminal for each row: only colours, and text that can be printed."""
    base = Style(color="white", bgcolor="black")
    found = []
    for y in range(core.rows):
        strip = strip_of(
            core.row(y),
            core.columns,
            lambda style: written(core.look(style), base, inverse=core.inverse),
            base,
        )
        assert strip.cell_length == core.columns
        for text, style, control in strip:
            assert text.isprintable(), repr(text)
            assert control is None
            assert style is None or style.link is None
        printer = Printer(file=io.StringIO(), force_terminal=True, color_system="truecolor")
        said = strip.render(printer)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
        assert plain.isprintable(), repr(plain)
        found.append(plain)
    return found


def bounded(core: Emulator) -> None:
    assert isinstance(core, Emulator)
    board: Any = core._board
    assert (board.width, board.height) == (core.columns, core.rows)
    assert len(board.parser.buffer) <= emulator.MOST_HELD
    assert len(core._guard._string) <= 2 * sanitizer.MOST_STRING + 2
    assert len(core._guard._rest) <= 1
    assert len(core.title) <= sanitizer.MOST_TITLE
    assert len(core.past) <= scrollback.MOST
    assert len(board.title._stack) <= 10
    assert not board.console.clipboard
    assert not board.macros.macros
    assert len(board.blitter.pages) == 1
    for y in range(core.rows):
        cells = core.row(y)
        assert len(cells) == core.columns
        assert all(len(text) <= 1 + machine.MOST_MARKS for _, text in cells)
    cursor = core.cursor
    assert cursor is None or (0 <= cursor.x < core.columns and 0 <= cursor.y < core.rows)


def dump(core: Emulator) -> object:
    screen = [[(core.look(style), text) for style, text in core.row(y)] for y in range(core.rows)]
    rows = [[(core.look(s), text) for s, text in core.past.row(i)] for i in range(len(core.past))]
    place = core.cursor
    assert place is None or isinstance(place, Cursor)
    return screen, rows, place, core.title, core.bells, core.alternate, core.wants_mouse


@STEPS
@given(STREAM)
@example("\x1b[?40h\x1b[?3h" + "x" * 200)
@example("\x1b[8;500;500t\x1b[132$|\x1b[24t\x1b[5i text \x1b[4i")
@example("\x1b[?2l\x1bY!!x\x1b<")
@example("\x1b[2h\x1b[12l\x1b[?66h")
def test_sequences(stream: str) -> None:
    core = new_core(*SIZE)
    answers = core.feed(stream.encode("utf-8", "surrogatepass"))
    assert len(answers) <= emulator.MOST_ANSWERS
    painted(core)
    bounded(core)
    core.resize(7, 3)
    painted(core)
    bounded(core)
    core.resize(31, 9)
    core.feed(b"\x1bc\x1b[m end")
    assert "end" in painted(core)[0]
    for key in ("up", "f5", "ctrl+c", "alt+x", "a"):
        assert core.press(key, "a" if key == "a" else None)
    core.point(MouseEvent(3, 2, 0, "press"))
    core.paste(stream)
    bounded(core)


@STEPS
@given(NOISE)
def test_noise(data: bytes) -> None:
    core = new_core(*SIZE)
    core.feed(data)
    painted(core)
    bounded(core)


@settings(STEPS, max_examples=some(60))
@given(STREAM, st.randoms(use_true_random=False))
def test_pieces_make_no_difference(stream: str, chance: random.Random) -> None:
    data = stream.encode("utf-8", "surrogatepass")
    whole, pieces = new_core(*SIZE), new_core(*SIZE)
    whole.feed(data)
    at = 0
    while at < len(data):
        size = chance.randint(1, 9)
        pieces.feed(data[at : at + size])
        at += size
    assert dump(whole) == dump(pieces)


@settings(STEPS, max_examples=some(60))
@given(st.sampled_from(["vi", "less", "tmux", "top"]), st.randoms(use_true_random=False))
def test_what_programs_draw_mutated(name: str, chance: random.Random) -> None:
    data = bytearray("".join(one.get("out", "") for one in session(name)).encode("latin-1"))
    start = chance.randrange(len(data))
    data = data[start : start + 3000]
    for _ in range(chance.randint(1, 60)):
        at = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[at] = chance.randrange(256)
        else:
            del data[at : at + chance.randint(1, 4)]
    core = new_core(*SIZE)
    core.feed(bytes(data))
    painted(core)
    bounded(core)


COLOURED = st.lists(
    st.one_of(
        st.text("ab c", max_size=6),
        st.sampled_from(["\x1b[31m", "\x1b[1;32m", "\x1b[m", "\x1b[38;5;200m", "\x1b[39m"]),
        st.sampled_from(["\x1b[0;7m", "\x1b[4m", "\x1b[24m", "\x1b[44m", "\x1b[38;2;1;2;3m"]),
    ),
    max_size=5,
).map("".join)  # fmt: skip
LINES = st.lists(
    st.one_of(
        st.lists(st.text("ab c", max_size=14), min_size=15, max_size=60).map("\r\n".join),
        st.lists(COLOURED, min_size=15, max_size=60).map("\r\n".join),
        st.sampled_from(["\x1b[31m", "\x1b[44m", "\x1b[m", "\x1b[?1049h", "\x1b[?1049l",
                         "\x1b[2;5r", "\x1b[r", "\x1b[4h", "\x1b[4l", "\x1b[H", "\x1b[5;5H",
                         "\x1b(0", "\x1b(B",
                         "\x1b[?7l", "\x1b[?7h", "ü\t", "\x1b[?6h", "\x1b[20h", "\x1b[",
                         "\x1b]0;"]),
    ),
    max_size=8,
).map("".join)  # fmt: skip


@settings(STEPS, max_examples=either(80, 16))
@given(LINES)
def test_a_flood_is_what_it_would_be_slowly(text: str) -> None:
    quick, slow = Emulator(12, 6), Emulator(12, 6)
    slow._flood.feed = slow._parse  # type: ignore[method-assign]
    for core in (quick, slow):
        core.feed(text.encode())
    assert dump(quick) == dump(slow)
    assert quick.past.first == slow.past.first


@settings(STEPS, max_examples=either(150, 25))
@given(st.lists(st.one_of(STREAM, TEXT, LINES), max_size=6).map("".join))
@example("漢字\x1b[2Dx\x1b[1;2Hy漢\x1b[1;20H漢\x1b[3b")
def test_text_is_written_as_bittty_would(stream: str) -> None:
    straight, roundabout = Emulator(*SIZE), Emulator(*SIZE)
    slowly: Any = roundabout._board
    slowly._straight = lambda _text: False
    for core in (straight, roundabout):
        core.feed(stream.encode("utf-8", "surrogatepass"))
    assert dump(straight) == dump(roundabout)


def test_what_never_ends_is_not_kept() -> None:
    for begin in (
        b"\x1b]0;",
        b"\x1bP$q",
        b"\x1b_G",
        b"\x1bX",
        b"\x1b[",
        b"\x1b[1\x08",
        b"\x1b]52;c;",
    ):
        core = new_core(*SIZE)
        core.feed(begin)
        for _ in range(either(300, 20)):  # ten times what is kept
            core.feed(b"1;" * 1000)
        bounded(core)
        core.feed(b"\x18\x1bcfine")
        assert painted(core)[0].startswith("fine")


def test_a_million_lines_take_no_more_room_than_some_thousand() -> None:
    core = new_core(*SIZE)
    times = either(100, 10)
    for _ in range(times):
        core.feed(b"\x1b[31mred\x1b[m and \xe6\xbc\xa2\r\n" * 100 + b"y\r\n" * 10000)
    assert len(core.past) == scrollback.MOST
    assert core.past.first > times * 9_000


def test_a_flood_of_questions_is_not_answered_for_ever() -> None:
    core = new_core(*SIZE)
    assert 0 < len(core.feed(b"\x1b[c\x1b[6n\x1b[5n" * 5000)) <= emulator.MOST_ANSWERS


def test_nothing_of_a_jail_reaches_a_clipboard_or_comes_back_as_input() -> None:
    core = new_core(*SIZE)
    assert core.feed(b"\x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07") == b""
    assert core.feed(b"\x1b]2;rm -rf /\r\x07\x1b[21t\x1b[20t") == b""
    assert core.feed(b'\x1b[?62;1"p\x1bP1;1|17/6c73\x1b\\\x05') == b""
    assert core.press("f6", None) == b"\x1b[17~"
    assert core.title == "rm -rf /^M"
    assert core.feed(b"\x1b[18t") == b"\x1b[8;6;20t"
