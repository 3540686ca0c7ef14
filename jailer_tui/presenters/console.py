"""Present consoles: the row of their names, and the text below one that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.presenters.jails import (
    BY_KEY,
    NOTHING,
    Column,
    Line,
    Span,
    cells,
    fit,
    keyed,
    width_of,
)
from jailer_tui.theme import Glyphs

COLUMNS = (
    BY_KEY["glyph"],
    Column("name", "NAME", 20, 0),
    BY_KEY["jid"],
    BY_KEY["network"],
    Column("address", "ADDRESS", 18, 0),
    Column("consoles", "CONSOLES", 8, 0, right=True),
)
_LAST = "consoles"


@dataclass(frozen=True, slots=True)
class Named:
    """A console in the row of names."""

    label: str
    title: str = ""
    rung: bool = False
    over: bool = False


def jail_cells(jail: Jail, consoles: int, glyphs: Glyphs) -> tuple[Span, ...]:
    """A jail for a console, with the number of its consoles."""
    own = cells(jail, [column for column in COLUMNS if column.key != _LAST], glyphs)
    return (*own, (str(consoles), "accent") if consoles else NOTHING)


def names(
    consoles: Sequence[Named], shown: int | None, hint: Line, width: int, glyphs: Glyphs
) -> Line:
    """All names, the shown one in brackets, with the key to enter or leave on the right."""
    room = max(width - width_of(hint) - 1, 10)
    parts = [
        _name(named, current=index == shown, glyphs=glyphs) for index, named in enumerate(consoles)
    ]
    first = 0
    current = shown or 0
    while first < current and sum(map(width_of, parts[first : current + 1])) > room - 2:
        first += 1
    spans: list[Span] = [(glyphs.before, "dim")] if first else []
    used = len(spans)
    for part in parts[first:]:
        if used + width_of(part) > room - 1:
            spans.append((glyphs.after, "dim"))
            used += 1
            break
        spans += part
        used += width_of(part)
    title = consoles[shown].title if shown is not None and consoles[shown].title else ""
    if title and room - used > 8:
        shown_title = fit(title, min(cell_len(title), room - used - 3), glyphs)
        spans.append((f"  {shown_title}", "dim"))
        used += 2 + cell_len(shown_title)
    return (*spans, (" " * max(1, room - used + 1), "text"), *hint)


def _name(named: Named, *, current: bool, glyphs: Glyphs) -> list[Span]:
    sign = glyphs.failed if named.over else glyphs.broken if named.rung else ""
    tone = "dim" if named.over else "title" if current else "text"
    spans: list[Span] = [("[" if current else " ", "title"), (sanitize(named.label), tone)]
    if sign:
        spans.append((f" {sign}", "dim" if named.over else "warn"))
    return [*spans, ("]" if current else " ", "title")]


def parting(label: str, how: str, *, stopped: bool) -> Line:
    """The last line of a console that has ended."""
    why = ("the jail has stopped", "warn") if stopped else (sanitize(how), "text")
    when = " once it is running" if stopped else ""
    keys = f". {{console_enter}} opens it again{when}, {{console_leave}} leaves."
    return ((f" {label}: ", "strong"), why, *keyed(keys, "text"))
