"""The tags of a jail: the user property `jailer:tags` of its dataset, words with commas between."""

from __future__ import annotations

import re
from collections.abc import Iterable

PROPERTY = "jailer:tags"
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LENGTH = 32
LINE_END = re.compile(r"\tfilesystem\t(?:-|[A-Za-z0-9_.,-]*)\Z")
"""The end of a row of `zfs list -o …,type,jailer:tags` whose tags can be understood."""


def tags(value: str) -> tuple[str, ...] | None:
    """The tags that a value of the property means ("-": none), in order; None: unknown.

    # not recorded: that `zfs list` prints "-" where a user property is not set.
    """
    words = [] if value in ("-", "") else value.split(",")
    if not all(TAG.fullmatch(word) for word in words):
        return None
    return tuple(sorted(set(words)))


def text(words: Iterable[str]) -> str:
    """The value of the property for these tags."""
    return ",".join(sorted(set(words)))
