"""Parse text into the value of a field, for the command line and for forms."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from jailer_core.errors import UsageError
from jailer_core.operations.spec import FieldSpec, Kind
from jailer_core.text import sanitize

_NUMBERS: Mapping[Kind, tuple[float, str]] = {
    Kind.NUMBER: (0, "is not a number of at least 0"),
    Kind.COUNT: (1, "is not a positive number"),
    Kind.SECONDS: (0.001, "is not a number of seconds"),
}

_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def size(text: str) -> int:
    """Bytes of `20G`, `1.5T`, `800M`. Raises UsageError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{sanitize(text)}" is not a size', "Use a size such as 20G.")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def value(field: FieldSpec, given: str | bool) -> Any:
    """The value of that field. Raises UsageError for a word that is none."""
    word = (field.flags or field.off or (field.metavar,))[-1]
    if field.kind is Kind.SWITCH:
        return bool(given)
    if field.kind is Kind.FAMILY:
        return 6 if given else 0
    text = str(given)
    if field.kind is Kind.SIZE:
        return size(text)
    if field.kind in _NUMBERS:
        return _number(word, field.kind, text)
    if field.kind is Kind.WORDS:
        return _words(text)
    return tuple(text.replace(",", " ").split()) if field.many else text


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        if "quotation" in str(error):
            raise UsageError("a quote is not closed", "Close it, or escape it with \\.") from error
        raise UsageError("trailing \\", "Add the character to escape after it.") from error


def _number(word: str, kind: Kind, text: str) -> float:
    least, complaint = _NUMBERS[kind]
    try:
        number = float(text) if kind is Kind.SECONDS else int(text.strip().lstrip("#"))
    except ValueError:
        number = -1
    if not least <= number < 1e7 or not text.isascii():
        raise UsageError(f'{word}: "{sanitize(text)}" {complaint}', "For example: -n 4, -t 60.")
    return number
