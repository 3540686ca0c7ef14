"""Requests, results and errors as JSON. Nothing that is read is trusted: see `Fields`.

Transfer entries of file trees over a connection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from typing import Any, TypeVar

from jailer_core import errors
from jailer_core.errors import HostError, JailerError
from jailer_core.host.remote.messages import ProtocolError
from jailer_core.model.trees import EntryKind, TreeEntry

T = TypeVar("T")
_KINDS: dict[str, type[object]] = {"str": str, "int": int, "bool": bool}
"""Types of the fields of dataclasses that are sent as they are."""
_ATTRIBUTES: dict[str, type[object]] = {
    "message": str,
    "hint": str,
    "argv": list,
    "status": int,
    "stderr": str,
    "seconds": float,
    "limit": int,
    "program": str,
    "path": str,
    "reason": str,
}
"""What errors are made of."""
_NEEDED = {
    "CommandFailed": ("argv", "status", "stderr"),
    "CommandTimedOut": ("argv", "seconds"),
    "OutputTooLong": ("argv", "limit"),
    "CommandMissing": ("program",),
    "FileFailed": ("path", "reason"),
}
"""What errors of a kind always have: who handles one asks for it."""
LATEST = 2.0**37
"""Seconds: since 1970, the year 6325."""
STRUCTURE = 4 * 1024 * 1024
"""Bytes of a value outside of its texts: a list of a million empty lists is small in JSON alone."""
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BYTES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that no byte was read as."""


def dumps(value: object) -> bytes:
    """A value as bytes. Text that was not UTF-8 keeps its surrogates."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def loads(data: bytes) -> Any:
    """The value. Raises ProtocolError."""
    if len(data) > STRUCTURE and len(_TEXTS.sub(b"", data)) > STRUCTURE:
        raise ProtocolError("the other end sent a value of too many parts")
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        raise ProtocolError("the other end sent a value that cannot be read") from None


def bytes_of(text: str) -> bytes:
    """The bytes that `decoded` was given. Raises ProtocolError."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ProtocolError("the other end sent text that cannot be bytes") from None


class Fields:
    """An object that the other side sent; every value is checked. Raises ProtocolError."""

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise ProtocolError("the other end sent something other than an object")
        self.value = value

    @classmethod
    def of(cls, data: bytes) -> Fields:
        """From bytes."""
        return cls(loads(data))

    def get(self, name: str, kind: type[T], default: T | None = None) -> T:
        """A value of exactly that kind."""
        value = self.value.get(name, default)
        if type(value) is not kind or not _is_usable(value):
            raise ProtocolError(f"the other end sent no usable {name}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """A string."""
        return self.get(name, str, default)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        return self.get(name, int, default)

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """True or false."""
        return self.get(name, bool, default)

    def seconds(self, name: str) -> float:
        """A number of seconds within the range of calendars."""
        value: Any = self.value.get(name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not abs(value) <= LATEST:  # NaN is not either
            raise ProtocolError(f"the other end sent no usable {name}")
        return float(value)

    def maybe_text(self, name: str) -> str | None:
        """A string, or None."""
        return None if self.value.get(name) is None else self.text(name)

    def texts(self, name: str, least: int = 0) -> tuple[str, ...]:
        """Strings, at least `least` of them."""
        return _texts(name, self.get(name, list), least)

    def commands(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Commands, each with its arguments."""
        listed = self.get(name, list)
        if not listed:
            raise ProtocolError(f"the other end sent no usable {name}")
        return tuple(_texts(name, argv, 1) for argv in listed)

    def numbers(self, name: str, count: int) -> tuple[int, ...] | None:
        """A tuple of whole numbers of that length, or None."""
        value = self.value.get(name)
        if value is None:
            return None
        numbers = isinstance(value, list) and [type(item) for item in value] == [int] * count
        if not numbers or not all(map(_is_usable, value)):
            raise ProtocolError(f"the other end sent no usable {name}")
        return tuple(value)

    def items(self, name: str) -> Iterator[Fields]:
        """Objects in a list."""
        return map(Fields, self.get(name, list))

    def below(self, name: str) -> dict[str, Any]:
        """A nested object."""
        return self.get(name, dict)

    def build(self, kind: type[T]) -> T:
        """The dataclass that `simple` made this object of."""
        values = {
            name: self.seconds(name) if expected == "float" else self.get(name, _KINDS[expected])
            for name, expected in kind.__annotations__.items()
        }
        return kind(**values)


def _texts(name: str, value: Any, least: int) -> tuple[str, ...]:
    texts = isinstance(value, list) and all(type(item) is str for item in value)
    if not texts or len(value) < least or not all(map(_is_usable, value)):
        raise ProtocolError(f"the other end sent no usable {name}")
    return tuple(value)


def _is_usable(value: object) -> bool:
    """Whether a number has a usual size, and a text could have been read from bytes."""
    if isinstance(value, int):
        return -(1 << 63) <= value < 1 << 64
    if isinstance(value, str):
        return value.isascii() or _NO_BYTES.search(value) is None
    return True


def simple(kind: type[T], value: T) -> dict[str, Any]:
    """A dataclass of plain values as an object."""
    return {field.name: getattr(value, field.name) for field in fields(kind)}  # type: ignore[arg-type]


# --- errors ----------------------------------------------------------------------------------


def error_to_json(error: JailerError) -> dict[str, Any]:
    """An error as an object."""
    known = {name: getattr(error, name, None) for name in _ATTRIBUTES}
    present = {name: value for name, value in known.items() if value is not None}
    return {"error": type(error).__name__} | present


def error_of(data: bytes) -> JailerError:
    """The error that the other end raised; one of an unknown kind is a HostError.

    Raises ProtocolError.
    """
    read = Fields.of(data)
    kind = getattr(errors, read.text("error"), HostError)
    if not (isinstance(kind, type) and issubclass(kind, JailerError)):
        kind = HostError
    if any(name not in read.value for name in _NEEDED.get(kind.__name__, ())):
        raise ProtocolError("the other end sent an error that cannot be read")
    error: JailerError = kind.__new__(kind)
    Exception.__init__(error, read.text("message"))
    error.hint = ""
    for name, types in _ATTRIBUTES.items():
        if name not in read.value:
            continue
        if types is list:
            setattr(error, name, read.texts(name, 1))
        else:
            value = read.seconds(name) if types is float else read.get(name, types)
            setattr(error, name, value)
    return error


_TREES_KINDS = [str, str, *[int] * 5, str, str, *[int] * 3]
"""Of the path, then of the fields of an entry."""

Item = tuple[str, TreeEntry]


def tree_rows(items: Iterable[Item]) -> list[list[Any]]:
    """As JSON values."""
    return [[path, *astuple(entry)] for path, entry in items]


def tree_items(values: object) -> list[Item]:
    """Entries that the other end sent. Raises ProtocolError."""
    if not isinstance(values, list):
        raise ProtocolError("the other end sent no usable entries")
    return [_item(value) for value in values]


def _item(value: object) -> Item:
    kinds = [type(part) for part in value] if isinstance(value, list) else []
    if not isinstance(value, list) or kinds != _TREES_KINDS:
        raise ProtocolError("the other end sent no usable entry")
    try:
        return value[0], TreeEntry(EntryKind(value[1]), *value[2:])
    except ValueError:
        raise ProtocolError("the other end sent an unknown kind of file") from None
