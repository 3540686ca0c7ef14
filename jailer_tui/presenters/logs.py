"""Present lines of a log: timestamps, search matches, wrapping. Pure."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import cell_len, set_cell_size

from jailer_core.logs import LogLine, Place
from jailer_core.text import human_bytes, sanitize
from jailer_tui.presenters.jails import Line, Span, keyed
from jailer_tui.presenters.messages import wrapped
from jailer_tui.stores.merged_logs import stamp_of
from jailer_tui.theme import Glyphs


class Stamps(StrEnum):
    """How timestamps of lines are shown."""

    SHOWN = "as logged"
    HIDDEN = "hidden"
    ARRIVAL = "time received"


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are shown. `shift`: hidden cells on the left, unless wrapped."""

    wrap: bool = True
    stamps: Stamps = Stamps.SHOWN
    words: str = ""
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The position of the last visible line in a file of that size; None: at its end."""

    end: int | None
    size: int
    follows: bool


def title_spans(name: str, place: Place | None, room: int) -> Line:
    """Whose log it is and which; its path where there is room."""
    if place is None:
        return ((f" {name}", "strong"),)
    title, path = sanitize(place.title), sanitize(place.path)
    if len(name) + len(title) + len(path) + 6 <= room:
        return ((f" {name}", "strong"), (f"  {title}  ", "text"), (path, "dim"))
    return ((f" {name}", "strong"), (f"  {title}", "text"))


def looking_spans(come: int, size: int, glyphs: Glyphs) -> list[Span]:
    """The progress of a search."""
    percent = come * 100 // max(1, size)
    at = f"searching, at {percent}% of {human_bytes(size)}"
    return [(at, "accent"), *keyed(f" {glyphs.dot} {{back}} stops it ", "dim")]


def status_spans(look: Look, words: str, where: Whereabouts, glyphs: Glyphs) -> list[Span]:
    """The display options and the position."""
    parts: list[str] = []
    parts += [f"&{sanitize(words)}"] if words else []
    parts += [f"/{sanitize(look.words)}"] if look.words else []
    parts += [f"times {look.stamps.value}"] if look.stamps is not Stamps.SHOWN else []
    parts += ["unwrapped"] if not look.wrap else []
    dot: Span = (f" {glyphs.dot} ", "dim")
    spans: list[Span] = [span for text in parts for span in ((text, "accent"), dot)]
    if where.end is not None:
        spans.append((f"{where.end * 100 // max(1, where.size)}%", "text"))
    else:
        spans.append(("follows", "ok") if where.follows else ("end", "text"))
    return [*spans, dot, (f"{human_bytes(where.size)} ", "text")]


def rows(  # noqa: PLR0913, PLR0917 - a line, and all that decides how it is shown
    line: LogLine, look: Look, width: int, glyphs: Glyphs, arrived: float | None, current: bool
) -> list[Line]:
    """One line as rows of the screen. `current`: it is the match that was found last."""
    text = line.text
    stamp = stamp_of(text)
    front: list[Span] = []
    if look.stamps is Stamps.ARRIVAL:
        when = time.strftime("%H:%M:%S", time.localtime(arrived)) if arrived is not None else ""
        front.append((f"{when:<8} ", "accent"))
    body = text[len(stamp) :]
    if stamp and look.stamps is not Stamps.HIDDEN:
        front.append((stamp, "dim"))
    spans = (*front, *_marked(body, look.words, "button" if current else "warn"))
    if look.wrap:
        return wrapped(spans, width) or [()]
    return [_shifted(spans, look.shift, width, glyphs)]


def _marked(text: str, words: str, tone: str) -> list[Span]:
    """The text with what was searched for in another tone."""
    if not words:
        return [(text, "text")]
    flags = 0 if any(word.isupper() for word in words) else re.IGNORECASE
    spans: list[Span] = []
    at = 0
    for match in re.finditer(re.escape(words), text, flags):
        spans += [(text[at : match.start()], "text"), (match[0], tone)]
        at = match.end()
    return [span for span in (*spans, (text[at:], "text")) if span[0]]


def _shifted(spans: tuple[Span, ...], shift: int, width: int, glyphs: Glyphs) -> Line:
    """One row of an unwrapped line; signs at the ends say that there is more."""
    total = sum(cell_len(text) for text, _ in spans)
    if not shift and total <= width:
        return spans
    row: list[Span] = []
    skip, room = shift + (1 if shift else 0), width - (1 if shift else 0)
    more = total - shift > width
    room -= 1 if more else 0
    for text, tone in spans:
        size = cell_len(text)
        if skip >= size:
            skip -= size
            continue
        cut = _tail(text, skip)
        skip = 0
        if cell_len(cut) > room:
            cut = set_cell_size(cut, room)
        row.append((cut, tone))
        room -= cell_len(cut)
        if room <= 0:
            break
    return ((glyphs.before if shift else "", "dim"), *row, (glyphs.more if more else "", "dim"))


def _tail(text: str, skip: int) -> str:
    """The text without its first cells."""
    size = 0
    for index, character in enumerate(text):
        if size >= skip:
            return " " * (size - skip) + text[index:]
        size += cell_len(character)
    return ""
