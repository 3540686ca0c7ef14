"""TOML with the line of each key; a statement that is wrong costs that statement alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
MOST_MISTAKES = 20

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?\Z")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class Document:
    """The contents of a file. `lines` has the line of each key, `errors` lines with messages."""

    values: Mapping[str, object]
    lines: Mapping[Path, int]
    errors: tuple[tuple[int, str], ...] = ()

    def line(self, path: Path) -> int:
        """The line of a key, or of the table that contains it; 0 if unknown."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 0


def parse(text: str) -> Document:
    """Parse a file; statements that cannot be parsed are skipped and reported as errors."""
    rows = text.split("\n")
    errors: list[tuple[int, str]] = []
    while True:
        try:
            values = tomllib.loads("\n".join(rows))
        except tomllib.TOMLDecodeError as error:
            match = _LINE.search(str(error))
            line = int(match[1]) if match else len(rows)
            errors.append((line, _LINE.sub("", str(error)).split(" (")[0]))
            if len(errors) >= MOST_MISTAKES or not _leave_out(rows, line - 1):
                return Document({}, {}, tuple(errors))
        else:
            return Document(values, _lines(rows), tuple(errors))


def _leave_out(rows: list[str], index: int) -> bool:
    """Blank the statement around a line; with a wrong header all that is below it."""
    index = min(index, len(rows) - 1)
    start = index
    while start > 0 and not _starts(rows[start]):
        start -= 1
    header = rows[start].lstrip().startswith("[")
    end = start + 1
    while end < len(rows) and not (_is_header(rows[end]) if header else _starts(rows[end])):
        end += 1
    if not any(row.strip() for row in rows[start:end]):
        return False
    rows[start:end] = [""] * (end - start)
    return True


def _starts(row: str) -> bool:
    return bool(_KEY.match(row)) or _is_header(row)


def _is_header(row: str) -> bool:
    return row.lstrip().startswith("[") and not row.rstrip().endswith(",")


def _lines(rows: list[str]) -> dict[Path, int]:
    """The line of each header and each key."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, row in enumerate(rows, 1):
        header = _HEADER.match(row)
        if header is not None and (names := _names(header[2])):
            table = names
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, counts[names])
            lines.setdefault(table, number)
            continue
        key = _KEY.match(row)
        if key is not None:
            lines.setdefault((*table, *_names(key[1])), number)
    return lines


def _names(text: str) -> tuple[str, ...]:
    """The names in a dotted key such as `a."b c"`."""
    try:
        value: object = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    names: list[str] = []
    while isinstance(value, dict):
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)
