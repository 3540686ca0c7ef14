"""jail.conf(5): as jail(8) reads it, and where that is not needed.

Check whether a jail.conf(5) holds one plain block and nothing else.

Only the shape is checked, never the meaning: what a file means, jail(8) says. The answer is "no"
for everything that is not surely plain, so that such a file is read on its own.

The words are those of jail(8)'s own scanner (FreeBSD's jaillex.l): a comment may follow a word
directly, quoted strings may go over lines, `/`, `*` and `+` are words of one letter.

Find where a jail.conf(5) includes other files; nothing else in it is read here.

`.include "/etc/jail.conf.d/*.conf";` (FreeBSD 14.0 and later, recordings 07 and 17). A pattern
without a slash in front is relative to the file that includes it (include_config of jail(8);
# not recorded).

`jail -f FILE -e SEPARATOR`: FreeBSD's own reading of its configuration files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from jailer_core.parse.base import Parsed, each, lines, message, parsed, wrong

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


_INCLUDE_TOKEN = re.compile(
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
    """All directives of a text; `balanced`: every block in it is also closed in it."""

    found: tuple[Include, ...]
    balanced: bool


@lru_cache(maxsize=4096)
def includes(text: str) -> Includes:
    """Find the directives, ignoring strings and comments."""
    if ".include" not in text and "{" not in text and "}" not in text:
        return Includes((), balanced=True)
    includes: list[Include] = []
    depth, lowest = 0, 0
    words: list[str] = []
    start, end = 0, -1
    for token in _INCLUDE_TOKEN.finditer(text):
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


SEPARATOR = "\x1f"

Params = dict[str, tuple[str, ...]]


_BEGINS = re.compile(r"^(?=(?:name|jid)=)", re.MULTILINE)
_PARAMETER = re.compile(r"[^\s=]+")
_SPECIAL = re.compile(r"[\\\"'\n]")


def jails(text: str, separator: str = SEPARATOR) -> Parsed[tuple[tuple[str, Params], ...]]:
    """Each configured jail with its parameters in order, variables expanded (recording 08).

    One line a jail, `name=` first, or `jid=` for a block whose name is a number (config.c of
    jail(8); # not recorded). A list is separated by commas; a value in quotes may hold
    anything, with a backslash before a quote or a backslash (recording 17). A parameter without
    a value has an empty tuple; one that cannot be read is missing.
    """
    unread: list[str] = []
    blocks: list[tuple[str, Params]] = []
    parameter = cache(_parameter)  # most parameters are the same in all jails
    for record in filter(None, _BEGINS.split(text)):
        if not record.startswith(("name=", "jid=")):
            unread += [message("jail -e", "no jail", line) for line in lines(record)]
            continue
        params = each(parameter, _parts(record, separator, unread)).map(dict)
        unread += params.unread
        called = params.value.pop(record.partition("=")[0], ())
        if called:
            # a name is no list, and its commas are not quoted
            blocks.append((",".join(called), params.value))
    return parsed(tuple(blocks), unread, anything=bool(blocks))


def _parts(record: str, separator: str, unread: list[str]) -> Iterator[str]:
    """The parameters of a record; lines after one of them that are none go to `unread`."""
    for part in record.removesuffix("\n").split(separator):
        bare, _, rest = part.partition("\n")
        if rest and "=" not in bare:
            unread += [message("jail -e", "no parameter", line) for line in lines(rest)]
            yield bare
        else:
            yield part


def _parameter(part: str) -> tuple[str, tuple[str, ...]]:
    name, equals, values = part.partition("=")
    if not _PARAMETER.fullmatch(name):
        wrong("jail -e", "no parameter", part)
    return name, _values(values) if equals else ()


def _values(text: str) -> tuple[str, ...]:
    """Values between commas; quotes and backslashes as jail(8) writes them.

    A line feed outside of quotes is not part of a value: it looks like a further line.
    """
    if not _SPECIAL.search(text):
        return tuple(text.split(","))
    values, current, quote, index = [], "", "", 0
    while index < len(text):
        char = text[index]
        if char == "\\" and index + 1 < len(text):
            index += 1
            current += text[index]
        elif quote:
            if char == quote:
                quote = ""
            else:
                current += char
        elif char in "\"'" and not current:
            quote = char
        elif char == ",":
            values.append(current)
            current = ""
        elif char == "\n":
            wrong("jail -e", "a value that goes on outside of its quotes", text)
        else:
            current += char
        index += 1
    if quote:
        wrong("jail -e", "a quote that does not end", text)
    return (*values, current)


# --- spellings -----------------------------------------------------------------------------------

_NO = ("0", "false", "no")


def affirmed(param: str) -> str:
    """The parameter that `noX` or `some.noX` turns off, else the parameter itself."""
    head, dot, last = param.rpartition(".")
    return f"{head}{dot}{last[2:]}" if last.startswith("no") and len(last) > 2 else param


def plain(params: Mapping[str, tuple[str, ...]]) -> Params:
    """Parameters by one spelling: `allow.noX` is X with the value "false", X alone "true"."""
    result: Params = {}
    for param, values in params.items():
        name = affirmed(param)
        if name != param:
            result[name] = ("false",)
        elif name.startswith("allow.") or not values:
            off = values[-1:] != () and values[-1].lower() in _NO
            result[name] = ("false",) if off else ("true",)
        else:
            result[name] = values
    return result
