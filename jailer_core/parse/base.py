"""Shared parts of the parsers: numbers, tab-separated lines, JSON, handling of odd lines.

A parser returns Parsed: the rows it understood, and a message for each row that it did not.
Only output of which nothing can be understood (no JSON, no heading, no known line) raises
ParseError: then the reading as a whole is unknown.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

from jailer_core.errors import ParseError
from jailer_core.text import sanitize

T = TypeVar("T")
U = TypeVar("U")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """The result of a parser; `unread` has a message for each line it did not understand."""

    value: T
    unread: tuple[str, ...] = ()

    def entire(self) -> T:
        """The complete value. Raises ParseError if any row is missing."""
        if self.unread:
            raise ParseError(self.unread[0])
        return self.value

    def map(self, make: Callable[[T], U]) -> Parsed[U]:
        """The same result with its value converted."""
        return Parsed(make(self.value), self.unread)


def first(rows: Parsed[tuple[T, ...]], fits: Callable[[T], bool]) -> T | None:
    """The first value that fits, None when there is none.

    Raises ParseError when none fits and a row could not be read: that one might.
    """
    return next(filter(fits, rows.value), None) or next(filter(fits, rows.entire()), None)


def each(read: Callable[[Row], T | None], rows: Iterable[Row]) -> Parsed[tuple[T, ...]]:
    """Read every row for itself: one that cannot be read costs that row only.

    `read` gives None for a row that is known and left out. Raises ParseError when there are
    rows and none of them can be read.
    """
    values: list[T] = []
    unread: list[str] = []
    count = 0
    for row in rows:
        count += 1
        try:
            value = read(row)
        except ParseError as error:
            unread.append(error.message)
        else:
            values += () if value is None else (value,)
    return parsed(tuple(values), unread, anything=len(unread) < count)


def parsed(value: T, unread: Sequence[str], *, anything: bool) -> Parsed[T]:
    """The result of a parser. Raises ParseError if it understood no line at all."""
    if unread and not anything:
        raise ParseError(unread[0])
    return Parsed(value, tuple(unread))


def message(command: str, why: str, seen: object = "") -> str:
    """A message about unexpected output: the command, and the start of the output."""
    shown = sanitize(str(seen))
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    return f"{command} printed {why}" + (f": {shown}" if shown else "")


def wrong(command: str, why: str, seen: object = "") -> NoReturn:
    """Raise a ParseError that names the command and the unexpected output."""
    raise ParseError(message(command, why, seen))


def matched(pattern: re.Pattern[str], line: str, command: str, why: str) -> re.Match[str]:
    """Match a pattern at the start of a line. Raises ParseError."""
    match = pattern.match(line)
    if match is None:
        wrong(command, why, line)
    return match


def whole(command: str, word: object) -> int:
    """A non-negative whole number, as text or JSON."""
    if isinstance(word, int) and not isinstance(word, bool) and word >= 0:
        return word
    if isinstance(word, str) and word.isascii() and word.isdigit() and len(word) <= 30:
        return int(word)
    wrong(command, "no number", word)


def decimal(command: str, word: object) -> float:
    """A finite decimal number."""
    try:
        number = float(word) if isinstance(word, int | float | str) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        wrong(command, "no number", word)
    return number


def string(command: str, word: object) -> str:
    """Interned text: the same names and paths occur in the output of many commands."""
    if not isinstance(word, str):
        wrong(command, "no text", word)
    return sys.intern(word)


def truth(command: str, word: object) -> bool:
    """A boolean: true as JSON, as text, or as 0 and 1."""
    if word in (True, "true", "1", "on", "yes", "YES"):
        return True
    if word in (False, "false", "0", "off", "no", "NO", "-"):
        return False
    wrong(command, "neither yes nor no", word)


def lines(text: str) -> list[str]:
    r"""Lines between line feeds: names may hold any other separator that `splitlines` knows."""
    rows = text.split("\n")
    if rows[-1] == "":
        rows.pop()
    return rows


def joined(
    rows: Iterable[str], begins: Callable[[str], bool], ends: Callable[[str], bool], *, again: bool
) -> Iterator[str]:
    """Records, also those with line feeds in them, and the lines that belong to none.

    With `again` what begins a record ends one that is not complete.
    """
    record = ""
    for row in rows:
        if record and again and begins(row):
            yield record
            record = ""
        if not record and not begins(row):
            yield row
            continue
        record += f"\n{row}" if record else row
        if ends(record):
            yield record
            record = ""
    if record:
        yield record


def tabbed(command: str, line: str, width: int) -> list[str]:
    """The columns of a line, exactly `width` of them, separated by tabs."""
    columns = line.split("\t")
    if len(columns) != width:
        wrong(command, f"{len(columns)} columns instead of {width}", line)
    return columns


def dash(word: str) -> str:
    """The word, "" for `-`."""
    return "" if word == "-" else sys.intern(word)


def below(command: str, heading: str, text: str) -> list[str]:
    """The lines of a table without its heading, the first line that begins so.

    Nothing at all is a table without rows.
    """
    rows = lines(text)
    place = next((index for index, row in enumerate(rows) if row.startswith(heading)), None)
    if place is None:
        if rows:
            wrong(command, "no heading", rows[0])
        return []
    return rows[:place] + rows[place + 1 :]


def objects(command: str, text: str, *path: str) -> list[object]:
    """The list at a path in libxo's output; without a path, the output itself."""
    try:
        value: Any = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        wrong(command, "no JSON", text.strip()[:60])
    for key in path:
        if not isinstance(value, dict) or key not in value:
            wrong(command, f"no {key}")
        value = value[key]
    if not isinstance(value, list):
        wrong(command, f"no list of {path[-1]}" if path else "no list")
    return value


def records(
    read: Callable[[dict[str, Any]], T | None], command: str, text: str, *path: str
) -> Parsed[tuple[T, ...]]:
    """Parse each JSON object of the list at a path (see `each`)."""

    def record(row: object) -> T | None:
        if not isinstance(row, dict):
            wrong(command, "no record", row)
        return read(row)

    return each(record, objects(command, text, *path))
