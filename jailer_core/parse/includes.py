"""Find where a jail.conf(5) includes other files; nothing else in it is read here.

`.include "/etc/jail.conf.d/*.conf";` (FreeBSD 14.0 and later, recordings 07 and 17). A pattern
without a slash in front is relative to the file that includes it (include_config of jail(8);
# not recorded).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.)*)"'
    r"|'((?:[^'\\]|\\.)*)'"
    r"|(#[^\n]*|//[^\n]*|/\*.*?\*/)"
    r"|([{};=,])"
    r"|(\$\{[^}\n]*\}|[^\s\"'#{};=,/]+|/)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Include:
    """One directive: where it is in the text, its semicolon included, and its patterns."""

    start: int
    end: int
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Includes:
    """All directives of a text; `balanced` tells whether every block in it is closed in it."""

    found: tuple[Include, ...]
    balanced: bool


@lru_cache(maxsize=4096)
def includes(text: str) -> Includes:
    """Find them, without being misled by strings and comments."""
    if ".include" not in text and "{" not in text and "}" not in text:
        return Includes((), balanced=True)
    includes: list[Include] = []
    depth, lowest = 0, 0
    words: list[str] = []
    start, end = 0, -1
    for token in _TOKEN.finditer(text):
        double, single, comment, sign, bare = token.groups()
        if comment is not None:
            continue
        if sign is None:
            glued = end == token.start() and bool(words)
            piece = next(part for part in (double, single, bare) if part is not None)
            if not words:
                start = token.start()
            if glued:
                words[-1] += piece
            else:
                words.append(piece)
            end = token.end()
            continue
        depth += {"{": 1, "}": -1}.get(sign, 0)
        lowest = min(lowest, depth)
        if sign == ";" and words[:1] == [".include"]:
            includes.append(Include(start, token.end(), tuple(words[1:])))
        if sign in "{};":
            words = []
    return Includes(tuple(includes), balanced=depth == 0 == lowest)
