"""Lines that are too long, wrapped at spaces."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells

from jailer_tui.presenters.jails import Line, Span

INDENT = 2


def wrapped(line: Line, width: int) -> list[Line]:
    """One line as as many as it needs in that width, the later ones indented a little more."""
    if width < 1 or sum(cell_len(text) for text, _ in line) <= width:
        return [line]
    text = "".join(text for text, _ in line)
    indent = min(len(text) - len(text.lstrip(" ")) + INDENT, width // 4)
    rows: list[Line] = []
    row: list[Span] = []
    room = width
    for word, tone in _words(line):
        parts = [word] if cell_len(word) <= width - indent else chop_cells(word, width - indent)
        for part in parts:
            if cell_len(part.rstrip()) > room:
                rows.append(tuple(row))
                row = [(" " * indent, "text")] if indent else []
                room = width - indent
            row.append((part, tone))
            room -= cell_len(part)
    return [*rows, tuple(row)]


def _words(line: Line) -> list[Span]:
    """The spans cut after their spaces; leading spaces stay with the first word."""
    words: list[Span] = []
    for text, tone in line:
        start = 0
        for index in range(1, len(text)):
            if text[index - 1] == " " and text[index] != " " and text[start:index].strip():
                words.append((text[start:index], tone))
                start = index
        words.append((text[start:], tone))
    return words
