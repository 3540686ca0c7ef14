"""Paths compared as paths: `/jails//web/` and `/jails/web` are the same directory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")

_ODD = re.compile(r"/(?:\.?/|\.?$)")
"""A part that changes nothing: an empty one, `.`, or a slash at the end."""


def normal(path: str) -> str:
    """An absolute path without empty parts, `.` and a slash at the end; anything else as it is.

    `..` stays: what it means depends on symbolic links.
    """
    if not path.startswith("/"):
        return path
    if not _ODD.search(path):
        return path
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))


def places_above(path: str) -> tuple[str, ...]:
    """A plain path and every directory above it; the root is ""."""
    names = path.split("/")
    return tuple("/".join(names[:count]) for count in range(len(names), 0, -1)) if path else ()


def way_to(path: str) -> tuple[str, ...]:
    """An absolute path and the directories above it, without the root; the path first."""
    return tuple(filter(None, places_above(normal(path))))


def by_place(items: Iterable[T], path: Callable[[T], str]) -> Mapping[str, list[T]]:
    """What is at or below each path, in its order; names of datasets are paths, too."""
    items_by_place: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        for place in places_above(path(item)):
            items_by_place[place].append(item)
    return items_by_place
