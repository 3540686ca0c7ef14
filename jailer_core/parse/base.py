"""What the parsers share: numbers, tab separated lines, JSON, and what becomes of odd lines.

A parser returns Parsed: the rows it understood, and a message for each row that it did not.
Only output of which nothing can be understood (no JSON, no heading, no known line) raises
ParseError: then the reading as a whole is unknown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

from jailer_core.errors import ParseError
from jailer_core.text import visible

T = TypeVar("T")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What a parser understood; `unread` has a message for each line or row that it did not."""

    value: T
    unread: tuple[str, ...] = ()


def each(read: Callable[[Row], T], rows: Iterable[Row]) -> Parsed[tuple[T, ...]]:
    """Read every row for itself: one that cannot be read costs that row only.

    Raises ParseError when there are rows and none of them can be read.
    """
    values: list[T] = []
    unread: list[str] = []
    for row in rows:
        try:
            values.append(read(row))
        except ParseError as error:
            unread.append(error.message)
    return understood(tuple(values), unread)


def understood(values: T, unread: Sequence[str]) -> Parsed[T]:
    """The result of a parser. Raises ParseError when it understood nothing but odd lines."""
    if unread and not values:
        raise ParseError(unread[0])
    return Parsed(values, tuple(unread))


def wrong(command: str, why: str, seen: object = "") -> NoReturn:
    """Raise the ParseError that says which command surprised, and with what."""
    shown = visible(str(seen))
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    raise ParseError(f"{command} printed {why}" + (f": {shown}" if shown else ""))


def whole(command: str, word: object) -> int:
    """A whole number that is not negative, printed or as JSON."""
    if isinstance(word, int) and not isinstance(word, bool) and word >= 0:
        return word
    if isinstance(word, str) and word.isascii() and word.isdigit() and len(word) <= 30:
        return int(word)
    wrong(command, "no number", word)


def decimal(command: str, word: object) -> float:
    """A number with decimals, never NaN or infinite."""
    try:
        number = float(word) if isinstance(word, int | float | str) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        wrong(command, "no number", word)
    return number


def string(command: str, word: object) -> str:
    """Text."""
    if not isinstance(word, str):
        wrong(command, "no text", word)
    return word


def truth(command: str, word: object) -> bool:
    """A boolean: true as JSON, as text, or as 0 and 1."""
    if word in (True, "true", "1", "on", "yes", "YES"):
        return True
    if word in (False, "false", "0", "off", "no", "NO", "-"):
        return False
    wrong(command, "neither yes nor no", word)


def lines(text: str) -> list[str]:
    r"""Lines between line feeds: names may hold any other separator that `splitlines` knows."""
    found = text.split("\n")
    if found[-1] == "":
        found.pop()
    return found


def tabbed(command: str, text: str, width: int) -> list[list[str]]:
    """Rows of exactly so many tab separated columns."""
    rows = [line.split("\t") for line in lines(text)]
    for row in rows:
        if len(row) != width:
            wrong(command, f"{len(row)} columns instead of {width}", "\t".join(row))
    return rows


def dash(word: str) -> str:
    """The word, "" where `-` stands for none."""
    return "" if word == "-" else word


def records(command: str, text: str, *path: str) -> list[dict[str, Any]]:
    """The list of JSON objects at that path of libxo's output."""
    try:
        value: Any = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        wrong(command, "no JSON", text.strip()[:60])
    for key in path:
        if not isinstance(value, dict) or key not in value:
            wrong(command, f"no {key}")
        value = value[key]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        wrong(command, f"no list of {path[-1]}" if path else "no list")
    return value
