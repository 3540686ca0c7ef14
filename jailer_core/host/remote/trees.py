"""Transfer entries of file trees over a connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from jailer_core.host.remote.frames import ProtocolError
from jailer_core.model.trees import EntryKind, TreeEntry

_NUMBERS = (1, 2, 3, 4, 5, 8, 9, 10)
_TEXTS = (0, 6, 7)

Item = tuple[str, TreeEntry]


def rows(items: Iterable[Item]) -> list[list[Any]]:
    """As JSON values."""
    return [[path, *astuple(entry)] for path, entry in items]


def items(values: object) -> list[Item]:
    """What the other end sent. Raises ProtocolError."""
    if not isinstance(values, list):
        raise ProtocolError("the other end sent no usable entries")
    return [_item(value) for value in values]


def _item(value: object) -> Item:
    if not isinstance(value, list) or len(value) != 12 or not isinstance(value[0], str):
        raise ProtocolError("the other end sent no usable entry")
    row = value[1:]
    right = all(type(row[at]) is int for at in _NUMBERS)
    if not right or not all(isinstance(row[at], str) for at in _TEXTS):
        raise ProtocolError("the other end sent no usable entry")
    try:
        return value[0], TreeEntry(EntryKind(row[0]), *row[1:])
    except ValueError:
        raise ProtocolError("the other end sent an unknown kind of file") from None
