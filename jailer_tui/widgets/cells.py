"""Turn the cells of a console into a strip of the screen; nothing in them reaches it raw."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from jailer_tui.console.core import Cells, Colour, Look

UNKNOWN = "\ufffd"
_BOXES = {
    **dict.fromkeys("─━═╌╍┄┅┈┉⎺⎻⎼⎽", "-"),
    **dict.fromkeys("│┃║╎╏┆┇┊┋", "|"),
    **{chr(code): "+" for code in range(0x250C, 0x254C)},
    **{chr(code): "+" for code in range(0x2552, 0x2571)},
    **dict.fromkeys("█▓▒░■▌▐▀▄", "#"),
    **dict.fromkeys("•·●○◆", "*"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("\u2018\u2019\u201a", "'"),
    **dict.fromkeys("\u2013\u2014", "-"),
}
_JOINERS = dict.fromkeys([0x200D, *range(0xFE00, 0xFE10)])


def strip_of(
    cells: Cells,
    width: int,
    style_of: Callable[[Hashable], Style],
    rest: Style,
    *,
    ascii_only: bool = False,
) -> Strip:
    """A row of exactly that width; what is missing at its end is blank, in the style `rest`.

    With `ascii_only` there are stand-ins: bytes beyond ASCII can be controls to a terminal that
    does not speak UTF-8.
    """
    segments: list[Segment] = []
    texts: list[str] = []
    last: Hashable = None
    for index in range(min(len(cells), width)):
        style, text = cells[index]
        if style is not last:
            if texts:
                segments.append(Segment("".join(texts), style_of(last)))
                texts = []
            last = style
        if not text.isascii() or not text:
            text = _fitted(cells, index, text)
            text = text if text.isascii() or not ascii_only else stand_in(text)
        elif not text.isprintable():
            text = UNKNOWN
        texts.append(text)
    if texts:
        segments.append(Segment("".join(texts), style_of(last)))
    return Strip(segments).adjust_cell_length(width, rest)


def _fitted(cells: Cells, index: int, text: str) -> str:
    """What is in a cell, as wide as its place: two cells when the next one is its second."""
    if not text:
        before = cells[index - 1][1] if index else ""
        return "" if before and not before.isascii() else " "
    wide = index + 1 < len(cells) and not cells[index + 1][1]
    return fitted(text, 2 if wide else 1)


@lru_cache(4096)
def fitted(text: str, width: int) -> str:
    """A character with its combining marks in exactly that many cells, sanitized."""
    shown = text.translate(_JOINERS)
    if shown.isprintable() and cell_len(shown) == width:
        return shown
    first = shown[:1]
    if first.isprintable() and cell_len(first) == width:
        return first
    return UNKNOWN + " " * (width - 1)


@lru_cache(4096)
def stand_in(text: str) -> str:
    """An ASCII replacement of the same width."""
    width = cell_len(text)
    plain = unicodedata.normalize("NFKD", text)[:1]
    if not plain.isascii() or not plain.isprintable():
        plain = _BOXES.get(text[:1], "?")
    return (plain + "?" * width)[:width]


def turned(strip: Strip, start: int, end: int) -> Strip:
    """The strip with a range of cells in reverse video."""
    width = strip.cell_length
    middle = Strip(
        [
            Segment(text, (style or Style()) + Style(reverse=not (style and style.reverse)))
            for text, style, _ in strip.crop(start, end)
        ]
    )
    return Strip.join([strip.crop(0, start), middle, strip.crop(end, width)])


def over(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """The strip with a range of cells in another style."""
    middle = Strip([Segment(text, style) for text, _, _ in strip.crop(start, end)])
    return Strip.join([strip.crop(0, start), middle, strip.crop(end, strip.cell_length)])


def written(look: Look, base: Style, *, inverse: bool) -> Style:
    """A style for rich; blinking becomes bold, hidden text gets the background's colour."""
    fore, back = _colour(look.fore), _colour(look.back)
    reverse = look.reverse is not inverse
    style = base + Style(
        color=fore,
        bgcolor=back,
        bold=look.bold or look.blink or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=reverse or None,
        strike=look.strike or None,
    )
    if look.hidden:
        style += Style(color=style.bgcolor if not reverse else style.color, conceal=True)
        if reverse:
            style += Style(bgcolor=style.color)
    return style


def _colour(colour: Colour) -> Color | None:
    if colour is None:
        return None
    if isinstance(colour, int):
        return Color.from_ansi(colour)
    return Color.from_rgb(*colour)
