"""Transfer entries of file trees over a connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from jailer_core.host.remote.frames import ProtocolError
from jailer_core.model.trees import EntryKind, TreeEntry

_KINDS = [str, str, *[int] * 5, str, str, *[int] * 3]
"""Of the path, then of the fields of an entry."""

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
    kinds = [type(part) for part in value] if isinstance(value, list) else []
    if not isinstance(value, list) or kinds != _KINDS:
        raise ProtocolError("the other end sent no usable entry")
    try:
        return value[0], TreeEntry(EntryKind(value[1]), *value[2:])
    except ValueError:
        raise ProtocolError("the other end sent an unknown kind of file") from None
