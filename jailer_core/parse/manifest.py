"""MANIFEST of a release on a mirror."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jailer_core.parse.base import Parsed, each, lines, tabbed, whole, wrong


@dataclass(frozen=True, slots=True)
class Distribution:
    """One archive of a release; `sha256` proves that it is whole, not who made it."""

    file: str
    sha256: str
    files: int


def manifest(text: str) -> Parsed[tuple[Distribution, ...]]:
    """Tab separated: file, sum, number of files, name, description, default (02 line 28)."""
    return each(_distribution, lines(text))


def _distribution(line: str) -> Distribution:
    file, digest, count, _name, _description, _default = tabbed("MANIFEST", line, 6)
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or "/" in file:
        wrong("MANIFEST", "no checksum", digest)
    return Distribution(file, digest, whole("MANIFEST", count))
