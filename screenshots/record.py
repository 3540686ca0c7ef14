"""A short session, typed into the demo: `python screenshots/record.py`.

Writes session.cast for asciinema (version 2 of its format) and session.svg, an animation for pages
that cannot play one. Times are those of the script below, not of the machine.
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jailer_tui.console.core import Look
from jailer_tui.console.emulator import Emulator
from tests.tui.terminal import Terminal

HERE = Path(__file__).parent
COLUMNS, ROWS = 100, 28
CELL, LINE = 8.4, 18.0
FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
BACK, FORE = "#0d1117", "#c9d1d9"

KEYS = {"enter": "\r", "down": "\x1b[B", "esc": "\x1b", "end": "\x1b[F", "f10": "\x1b[21~"}
SESSION: Sequence[tuple[str, float]] = (
    ("", 2.0),
    ("down", 0.4),
    ("down", 0.4),
    ("end", 1.0),
    ("enter", 2.0),
    ("esc", 0.8),
    *((letter, 0.12) for letter in "/www"),
    ("enter", 1.0),
    ("B", 1.6),
    ("f10", 1.2),
    ("enter", 2.0),
    ("esc", 0.8),
    ("S", 2.5),
    ("esc", 1.0),
    ("0", 2.5),
    ("4", 2.0),
    ("1", 1.0),
    ("?", 2.0),
    ("esc", 1.0),
)
"""Keys, and how long what each shows stays, in seconds."""

QUIET = 0.6
"""Seconds without output after which a key is taken to have had its effect."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the terminal shows from a moment on; `output` is what led to it."""

    at: float
    output: bytes


def play() -> list[Frame]:
    """The session, on a real terminal."""
    frames, at, printed = [], 0.0, 0
    with Terminal("--demo", "busy", size=(COLUMNS, ROWS), COLORTERM="truecolor") as terminal:
        terminal.until(b"www0")
        for key, stays in SESSION:
            if key:
                terminal.type(KEYS.get(key, key))
            terminal.settle(QUIET)
            frames.append(Frame(at, terminal.output[printed:]))
            printed = len(terminal.output)
            at += stays
    return [*frames, Frame(at, b"")]


def cast(frames: Sequence[Frame]) -> str:
    """The session for asciinema."""
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "jailer-tui --demo"}
    lines = [json.dumps(header)]
    lines += [
        json.dumps([round(frame.at, 2), "o", frame.output.decode(errors="replace")])
        for frame in frames
    ]
    return "\n".join(lines) + "\n"


def animation(frames: Sequence[Frame]) -> str:
    """The session as an SVG in which one picture after another is visible."""
    emulator, total = Emulator(COLUMNS, ROWS), frames[-1].at
    width, height = COLUMNS * CELL + 16, ROWS * LINE + 16
    pictures, rules = [], []
    for number, (frame, after) in enumerate(pairwise(frames)):
        emulator.feed(frame.output)
        begin, end = (100 * moment / total for moment in (frame.at, after.at))
        rules.append(
            f"@keyframes k{number}{{0%{{visibility:hidden}}{begin:.2f}%{{visibility:visible}}"
            f"{end:.2f}%{{visibility:hidden}}100%{{visibility:hidden}}}}"
            f"#f{number}{{visibility:hidden;animation:k{number} {total:.1f}s step-end infinite}}"
        )
        pictures.append(f'<g id="f{number}">{"".join(_picture(emulator))}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">'
        f"<style>text{{font:14px {FONT};white-space:pre}}{''.join(rules)}</style>"
        f'<rect width="100%" height="100%" rx="6" fill="{BACK}"/>'
        f'<g transform="translate(8,8)">{"".join(pictures)}</g></svg>\n'
    )


def _picture(emulator: Emulator) -> Iterator[str]:
    for y in range(ROWS):
        x = 0
        for style, text in _runs(emulator, y):
            fore, back = _colours(emulator.look(style))
            place, wide = x * CELL, len(text) * CELL
            if back != BACK:
                yield (
                    f'<rect x="{place:.1f}" y="{y * LINE:.0f}" width="{wide:.1f}" '
                    f'height="{LINE:.0f}" fill="{back}"/>'
                )
            if text.strip():
                weight = ' font-weight="bold"' if emulator.look(style).bold else ""
                yield (
                    f'<text x="{place:.1f}" y="{(y + 0.75) * LINE:.0f}" fill="{fore}"{weight} '
                    f'textLength="{wide:.1f}">{html.escape(text)}</text>'
                )
            x += len(text)


def _runs(emulator: Emulator, y: int) -> Iterator[tuple[object, str]]:
    """Neighbouring cells of one style, as one text."""
    style: object = None
    text = ""
    for other, cell in emulator.row(y):
        if other != style and text:
            yield style, text
            text = ""
        style = other
        text += cell or " "
    if text:
        yield style, text


def _colours(look: Look) -> tuple[str, str]:
    fore, back = _colour(look.fore, FORE), _colour(look.back, BACK)
    return (back, fore) if look.reverse else (fore, back)


def _colour(colour: object, default: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour) if isinstance(colour, tuple) else default


def main() -> None:
    """Record it."""
    frames = play()
    (HERE / "session.cast").write_text(cast(frames), encoding="utf-8")
    (HERE / "session.svg").write_text(animation(frames), encoding="utf-8")


if __name__ == "__main__":
    main()
