"""The small parts of a console: keys, clipboard, the past, what is painted."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from rich.style import Style
from textual.geometry import Region

from jailer_tui.console.consoles import new_core
from jailer_tui.console.core import Look
from jailer_tui.console.emulator import Emulator
from jailer_tui.console.keys import encode
from jailer_tui.console.sanitizer import Sanitizer
from jailer_tui.console.scrollback import Scrollback
from jailer_tui.console.scrollback_view import ScrollbackView
from jailer_tui.console.user_terminal import MOST_COPIED, copy_sequence
from jailer_tui.widgets.cells import fitted, over, strip_of, turned, written
from tests.tui.console.tab import calm, console, tab
from tests.tui.harness import opened

BASE = Style(color="#c0c0c0", bgcolor="#101010")


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("A", "A", b"A"),
        ("ö", "ö", "ö".encode()),
        ("enter", "\r", b"\r"),
        ("tab", "\t", b"\t"),
        ("shift+tab", None, b"\x1b[Z"),
        ("escape", "\x1b", b"\x1b"),
        ("backspace", "\x7f", b"\x7f"),
        ("space", " ", b" "),
        ("delete", None, b"\x1b[3~"),
        ("insert", None, b"\x1b[2~"),
        ("pageup", None, b"\x1b[5~"),
        ("up", None, b"\x1b[A"),
        ("ctrl+right", None, b"\x1b[1;5C"),
        ("shift+alt+left", None, b"\x1b[1;4D"),
        ("home", None, b"\x1b[H"),
        ("f1", None, b"\x1bOP"),
        ("f5", None, b"\x1b[15~"),
        ("shift+f5", None, b"\x1b[15;2~"),
        ("ctrl+f1", None, b"\x1b[1;5P"),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+c", None, b"\x03"),
        ("ctrl+z", None, b"\x1a"),
        ("ctrl+@", None, b"\0"),
        ("ctrl+space", None, b"\0"),
        ("ctrl+backslash", None, b"\x1c"),
        ("ctrl+underscore", None, b"\x1f"),
        ("ctrl+left_square_bracket", None, b"\x1b"),
        ("alt+x", "x", b"\x1bx"),
        ("alt+X", "X", b"\x1bX"),
        ("alt+enter", None, b"\x1b\r"),
        ("alt+ctrl+a", None, b"\x1b\x01"),
        ("slash", "/", b"/"),
        ("question_mark", "?", b"?"),
        ("left_curly_bracket", "{", b"{"),
        ("alt+full_stop", None, b"\x1b."),
        ("scroll_lock", None, b""),
    ],
)
def test_keys(key: str, character: str | None, sent: bytes) -> None:
    assert encode(key, character) == sent


def test_cursor_keys_follow_the_mode() -> None:
    core = new_core(20, 5)
    core.feed(b"\x1b[?1h")
    assert core.press("up", None) == b"\x1bOA"
    assert core.press("ctrl+up", None) == b"\x1b[1;5A"
    core.feed(b"\x1b[?1l\x1b[20h")
    assert core.press("up", None) == b"\x1b[A"
    assert core.press("enter", "\r") == b"\r\n"


def test_the_clipboard_through_what_lies_between() -> None:
    data = base64.b64encode("größe".encode()).decode()
    plain = f"\x1b]52;c;{data}\x07"
    assert copy_sequence("größe", {}) == plain
    tmux = copy_sequence("größe", {"TMUX": "x"})
    assert tmux == f"{plain}\x1bPtmux;\x1b\x1b]52;c;{data}\x07\x1b\\"
    screen = copy_sequence("x" * 2000, {"TERM": "screen-256color"})
    assert screen.count("\x1bP") == screen.count("\x1b\\") > 4
    assert all(len(one) < 600 for one in screen.split("\x1b\\"))
    assert copy_sequence("x" * MOST_COPIED, {}) != ""
    assert copy_sequence("x" * (MOST_COPIED + 1), {}) == ""


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ("plain \x1b[31mred\x1b[m\r\n", "plain \x1b[31mred\x1b[m\r\n"),
        ("\x1b]52;c;aGk=\x07a", "a"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;a\u202eb\x01\x07c", "\x1b]0;ab^A\x07c"),
        ("\x1b]2;" + "t" * 300 + "\x07", "\x1b]2;" + "t" * 80 + "\x07"),
        ("\x1bkscreen's title\x1b\\x", "x"),
        ("\x1bP$qm\x1b\\", "\x1bP$qm\x1b\\"),
        ("\x1bP0;0|17/41\x1b\\x", "x"),
        ("\x1bPq#0;2;0;0;0~~\x1b\\x", "x"),
        ("\x1b_Gf=24;AAAA\x1b\\x\x1b^pm\x1b\\y\x1bXsos\x07z", "xyz"),
        ("\x1b]0;never\x18done", "done"),
        ("\x1b]0;never\x1b[1mdone", "\x1b[1mdone"),
        ("\x1b[" + "1;" * 200 + "mx", "x"),
        ("a\u202e\u200b\u2066b\x9b31m\x85c", "ab31mc"),
        ("e\u0301 \u6f22", "e\u0301 \u6f22"),
    ],
)
def test_what_may_pass(said: str, passes: str) -> None:
    assert Sanitizer().let_through(said.encode()) == passes
    guard = Sanitizer()
    pieces = [guard.let_through(bytes([one])) for one in said.encode()]
    if len(said) < 200:
        assert "".join(pieces) == passes


def test_bytes_that_are_no_text() -> None:
    assert Sanitizer().let_through(b"a\xff\x9b\xc3b") == "a\ufffd\ufffd\ufffdb"


def test_answers_go_back() -> None:
    core = new_core(20, 5)
    assert core.feed(b"\x1b[3;4H\x1b[6n") == b"\x1b[3;4R"
    assert core.feed(b"\x1b[c") == b"\x1b[?62;22c"
    assert core.feed(b"\x1b[?2004$p") == b"\x1b[?2004;2$y"
    assert core.focus(on=True) == b""
    core.feed(b"\x1b[?1004h")
    assert core.focus(on=False) == b"\x1b[O"


def test_the_past_keeps_its_numbers() -> None:
    past = Scrollback(5)
    blank = ("", " ")
    for number in range(8):
        past.add([("", one) for one in f"row {number}"] + [blank] * 5, blank)
    assert (past.first, len(past)) == (3, 5)
    assert [text for _, text in past.row(0)] == list("row 3")
    past.narrow(3)
    assert ["".join(text for _, text in past.row(i)) for i in range(len(past))] == [
        " 5",
        "row",
        " 6",
        "row",
        " 7",
    ]
    past.clear()
    assert len(past) == 0


def test_wide_characters_and_marks() -> None:
    core = new_core(10, 3)
    core.feed("漢e\u0301\u0301\u0301\u0301\u0301\u0301👩\u200d👩".encode())
    texts = [text for _, text in core.row(0)]
    assert texts[:2] == ["漢", ""]
    assert texts[2] == "e" + "\u0301" * 4
    strip = strip_of(core.row(0), 10, lambda _: BASE, BASE)
    assert strip.cell_length == 10
    core.feed("\x1b[2;10H漢".encode())
    assert core.row(2)[0][1] == "漢"
    assert fitted("\u202e", 1) == "\ufffd"
    assert fitted("漢", 1) == "\ufffd"
    assert fitted("a", 2) == "\ufffd "
    assert fitted("e\u0301", 1) == "e\u0301"


def test_how_it_is_written() -> None:
    style = written(Look(fore=1, back=(1, 2, 3), bold=True, reverse=True), BASE, inverse=False)
    assert (style.color is not None and style.color.number) == 1
    assert style.bold
    assert style.reverse
    assert not written(Look(reverse=True), BASE, inverse=True).reverse
    assert written(Look(), BASE, inverse=True).reverse
    assert written(Look(blink=True), BASE, inverse=False).bold
    hidden = written(Look(hidden=True), BASE, inverse=False)
    assert hidden.color == hidden.bgcolor
    strip = strip_of([("", one) for one in "abcdef"], 8, lambda _: BASE, BASE)
    assert turned(strip, 2, 4).text == over(strip, 2, 4, BASE).text == "abcdef  "


def test_a_terminal_without_utf8_gets_stand_ins() -> None:
    core = new_core(20, 2)
    core.feed("gr\u00f6\u00dfe \u2500\u253c\u2502 \u6f22 \u201cx\u201d e\u0301".encode())
    strip = strip_of(core.row(0), 20, lambda _: BASE, BASE, ascii_only=True)
    assert strip.text == 'gro?e -+| ?? "x" e  '


def test_looking_back_stays_where_it_was() -> None:
    core = new_core(20, 4)
    core.feed(b"".join(b"line %d\r\n" % number for number in range(20)))
    back = ScrollbackView.at_the_end(core, 4)
    back.scroll(-3)
    seen = [back.text(back.top + y).strip() for y in range(4)]
    core.feed(b"more\r\n" * 10)
    assert [back.text(back.top + y).strip() for y in range(4)] == seen
    back.word = "LINE 3"
    assert back.find(older=True)
    assert back.text(back.row).strip() == "line 3"
    assert not back.find(older=True)
    assert not back.find(older=False)
    back.word = "line 1"
    assert back.find(older=False)
    assert back.text(back.row).startswith("line 10")
    back.mark = (back.row, 0)
    back.move("down")
    back.x = 3
    assert back.copied() == "line 10\nline"
    back.move("top")
    assert back.row == back.first == 0
    back.move("bottom")
    assert back.live


def test_a_line_that_went_on_is_copied_as_one() -> None:
    core = new_core(10, 4)
    core.feed(b"0123456789abc\r\nnext\r\n")
    back = ScrollbackView.at_the_end(core, 4)
    back.mark, back.row, back.x = (0, 0), 2, 9
    assert back.copied() == "0123456789abc\nnext"


def test_a_smaller_screen_and_back() -> None:
    core = new_core(20, 4)
    core.feed(b"0123456789 123456789\r\n" * 8)
    core.resize(7, 3)
    core.resize(30, 6)
    assert isinstance(core, Emulator)
    assert all(len(core.row(y)) == 30 for y in range(6))
    core.feed(b"\x1b[H\x1b[K\tx\ty\tz")
    assert "".join(text for _, text in core.row(0))[8:25] == "x       y       z"


async def test_only_what_changed_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("busy") as it:
        await console(it)
        view, found = tab(it).terminal, tab(it).consoles.all[0]
        painted: list[Any] = []
        refresh = view.refresh

        def seen(*regions: Region, **options: Any) -> Any:
            painted.extend(regions or [None])
            return refresh(*regions, **options)

        monkeypatch.setattr(view, "refresh", seen)
        found.core.feed(b"\x1b[5;10Hword")
        found.changed()
        await calm(it)
        assert None not in painted
        assert {one.y for one in painted} == {0, 4}
        assert all(one.width <= 6 for one in painted)
        painted.clear()
        found.changed()
        await calm(it)
        assert painted == []
        found.core.feed(b"\x1b[5;10Hword\x1b[?25l")
        found.changed()
        await calm(it)
        assert {one.y for one in painted} == {4}
        found.core.feed(b"\x1b[?5h")
        found.changed()
        await calm(it)
        assert None in painted
        await asyncio.sleep(0)


def rows(core: Emulator) -> list[str]:
    return ["".join(text for _, text in core.row(y)).rstrip() for y in range(core.rows)]


def gone(core: Emulator) -> list[str]:
    return ["".join(text for _, text in core.past.row(y)) for y in range(len(core.past))]


@pytest.mark.parametrize("columns", [20, 18, 24])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_terminal_that_shrinks_moves_its_top_rows_away(columns: int, hidden: bool) -> None:
    core = new_core(20, 10)
    core.feed(b"".join(b"line %d\r\n" % number for number in range(1, 10)) + b"prompt # ")
    if hidden:
        core.feed(b"\x1b[?1049h\x1b[Hfull screen")
    core.resize(columns, 5)
    core.feed(b"\x1b[?1049l" if hidden else b"")
    assert rows(core) == ["line 6", "line 7", "line 8", "line 9", "prompt #"]
    assert gone(core) == [f"line {number}" for number in range(1, 6)]
    core.feed(b"s")
    assert rows(core)[-1] == "prompt # s"


def test_a_terminal_that_shrinks_below_an_empty_end_keeps_everything() -> None:
    core = new_core(20, 10)
    core.feed(b"one\r\ntwo\r\n# ")
    core.resize(20, 4)
    assert rows(core) == ["one", "two", "#", ""]
    assert gone(core) == []
