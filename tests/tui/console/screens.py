"""Two screens cell by cell: ours, and tmux's as `capture-pane -e` tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from wcwidth import wcwidth

from jailer_tui.console.core import Colour, Look
from jailer_tui.console.emulator import Emulator

CORPUS = Path(__file__).parent / "corpus"
_PART = re.compile(r"\x1b\[([0-9;:]*)m|\x0e|\x0f|(.)", re.DOTALL)
_LINES = dict(zip("`afghijklmnopqrstuvwxyz{|}~", "◆▒°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))


@dataclass(frozen=True, slots=True)
class Cell:
    """A character with its marks ("" behind a wide one), and how it is written."""

    text: str = " "
    look: Look = Look()  # noqa: RUF009 - frozen


def ours(core: Emulator) -> list[list[Cell]]:
    """What our emulator shows."""
    return [
        [Cell(text, _plain(text, core.look(style))) for style, text in core.row(y)]
        for y in range(core.rows)
    ]


def theirs(capture: str) -> list[list[Cell]]:
    """What tmux shows, as far as it tells: cells erased at the end of a row are left out."""
    look, graphics = Look(), False
    rows = []
    for line in capture.removesuffix("\n").split("\n"):
        row: list[Cell] = []
        for found in _PART.finditer(line):
            if found[0] in ("\x0e", "\x0f"):
                graphics = found[0] == "\x0e"
            elif found[1] is not None:
                look = _sgr(look, found[1])
            else:
                char = _LINES.get(found[2], found[2]) if graphics else found[2]
                if wcwidth(char) == 0 and row:
                    at = len(row) - (1 if row[-1].text else 2)
                    row[at] = replace(row[at], text=row[at].text + char)
                    continue
                row.append(Cell(char, _plain(char, look)))
                if wcwidth(char) == 2:
                    row.append(Cell("", _plain("", look)))
        rows.append(row)
    return rows


def _plain(text: str, look: Look) -> Look:
    """Without what is not to be seen, or told otherwise: on a blank only its background is."""
    look = replace(look, hidden=False, blink=False)
    if text.strip():
        return look
    if look.reverse or look.underline or look.strike:
        return replace(look, bold=False, dim=False, italic=False)
    return Look(back=look.back)


def _sgr(look: Look, text: str) -> Look:
    codes = iter([int(one or 0) for one in text.replace(":", ";").split(";")])
    for code in codes:
        look = _one(look, code, codes)
    return look


_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


def _one(look: Look, code: int, rest: Iterator[int]) -> Look:  # noqa: PLR0911 - one a kind
    if code == 0:
        return Look()
    if code in _ON:
        return replace(look, **{_ON[code]: True})
    if code in _OFF:
        return replace(look, **dict.fromkeys(_OFF[code], False))
    if code in (38, 48):
        kind = next(rest)
        colour: Any = next(rest) if kind == 5 else (next(rest), next(rest), next(rest))
        return _coloured(look, "fore" if code == 38 else "back", colour)
    for low, name, add in ((30, "fore", 0), (40, "back", 0), (90, "fore", 8), (100, "back", 8)):
        if low <= code < low + 8:
            return _coloured(look, name, code - low + add)
    if code in (39, 49):
        return _coloured(look, "fore" if code == 39 else "back", None)
    return look


def _coloured(look: Look, name: str, colour: Colour) -> Look:
    return replace(look, fore=colour) if name == "fore" else replace(look, back=colour)


def session(name: str) -> list[dict[str, Any]]:
    """A recorded one; the first has the size."""
    found: list[dict[str, Any]] = json.loads((CORPUS / f"{name}.json").read_text("ascii"))
    return found


def differences(core: Emulator, shot: dict[str, Any]) -> list[str]:
    """Where the two screens are not the same, in words.

    Of the last column a blank is taken too: what erases from there while the next character
    would wrap takes the last one away in xterm and in ours, and nothing in tmux (top does that).
    """
    found = []
    for y, (mine, tmux) in enumerate(zip(ours(core), theirs(shot["shot"]), strict=True)):
        for x, (one, other) in enumerate(zip_longest(mine, tmux)):
            told = other if other is not None else Cell(one.text.strip() or " ", one.look)
            edge = x == core.columns - 1 and one == Cell() and told.text == " "
            if other is None and one.text.strip():
                found.append(f"row {y} column {x}: ours {one}, tmux nothing")
            elif one != told and not edge:
                found.append(f"row {y} column {x}: ours {one}, tmux {told}")
    cursor = core.cursor
    if cursor is not None and [cursor.x, cursor.y] != shot["cursor"]:
        found.append(f"cursor: ours {cursor.x} {cursor.y}, tmux {shot['cursor']}")
    if core.alternate is not shot["alternate"]:
        found.append(f"alternate screen: ours {core.alternate}, tmux {shot['alternate']}")
    return found
