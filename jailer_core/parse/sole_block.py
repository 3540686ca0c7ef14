"""Check whether a jail.conf(5) holds one plain block and nothing else.

Only the shape is checked, never the meaning: what a file means, jail(8) says. The answer is "no"
for everything that is not surely plain, so that such a file is read on its own.

The words are those of jail(8)'s own scanner (FreeBSD's jaillex.l): a comment may follow a word
directly, quoted strings may go over lines, `/`, `*` and `+` are words of one letter.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"(?!\d+$)[A-Za-z0-9_-]+", re.ASCII)
_TOKEN = re.compile(
    r"""
      (?P<space>   [ \t\r\n]+ | \#[^\n]* | //[^\n]* | /\*.*?\*/ )
    | (?P<mark>    \+= | [,;={}] )
    | (?P<word>    [A-Za-z0-9_!%&()\-.:<>?@\[\]^`|~]+ )
    | (?P<piece>   [*+/] (?!\*) | '(?:[^'\\\0]|\\[^\0])*' | "(?:[^"\\$\0]|\\[^\0])*"
                 | "(?:[^"\\$\0]|\$[A-Za-z_][A-Za-z_0-9]*|\$\{[A-Za-z0-9_.]+\})*"
                 | \$\{[A-Za-z0-9_.]+\} )
    | (?P<variable> \$[A-Za-z_][A-Za-z_0-9]* )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_LETTERS = {"space": " ", "word": "w", "piece": "p", "variable": "v"}
_VALUES = r"[wpv]+ *(?:, *[wpv]+ *)*"
_SHAPE = re.compile(rf" *[wp] *\{{ *(?:[wv] *(?:[=+] *{_VALUES})?; *|; *)*\}} *")
"""A file as one letter a word: a parameter or `$variable`, then `=` or `+=` and its values."""


def sole_block(text: str) -> str:
    """The name of the block when the file is exactly one `NAME { ... }`, else "".

    Plain means: no parameter or variable outside the block, no other block or block inside it, no
    `.include`, no wildcard, a name without dots that is not a number, and nothing that jail(8)
    could read in another way.
    """
    shape, name, at = [], "", 0
    for token in _TOKEN.finditer(text):
        if token.start() != at or token[0] == ".include":
            return ""
        kind, at = token.lastgroup or "", token.end()
        shape.append(_LETTERS.get(kind, token[0][0]))
        if not name and kind in ("word", "piece"):
            name = token[0].strip("\"'")
    plain = at == len(text) and _SHAPE.fullmatch("".join(shape))
    return name if plain and _NAME.fullmatch(name) else ""
