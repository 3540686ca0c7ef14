"""The words of a jail.conf(5), as jail(8) of the simulated FreeBSD reads them.

Its rules: a string is made of pieces that touch each other, quoted or not; variables may be in
double quotes and outside of quotes; C-like backslash escapes count everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


class ConfError(Exception):
    """What jail(8) prints about a file that it cannot read, without `jail: `."""


@dataclass(frozen=True, slots=True)
class Var:
    """A variable inside a value."""

    name: str


Piece = str | Var


@dataclass(frozen=True, slots=True)
class Word:
    """A token: `text` as written (for messages); a string has pieces, anything else none."""

    text: str
    line: int
    pieces: tuple[Piece, ...] = ()
    glued: bool = False
    string: bool = False


_SKIP = re.compile(r"[ \t\r]+|#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
_OPERATOR = re.compile(r"\+=|[,;={}]")
_BARE = re.compile(
    r"[^\s#\"'$\\*+/,;={}]+|[*+/]|\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.|\n)", re.DOTALL
)
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z_0-9]*)|\{([^\n{}]*)\})")
_ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": ""}


def _unescape(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        if code[0] == "x" and len(code) > 1:
            return chr(int(code[1:], 16))
        return _CONTROLS.get(code, code)

    return _ESCAPE.sub(one, text)


def _double(text: str) -> tuple[Piece, ...]:
    """The pieces of a double-quoted string: text and variables."""
    pieces: list[Piece] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        before = text[at : match.start()]
        if (len(before) - len(before.rstrip("\\"))) % 2:
            continue
        pieces += [_unescape(before), Var(match.group(1) or match.group(2) or "")]
        at = match.end()
    pieces.append(_unescape(text[at:]))
    return tuple(piece for piece in pieces if piece != "") or ("",)


@lru_cache(maxsize=1024)
def words(text: str, name: str) -> tuple[Word, ...]:
    """All tokens of a file. ConfError for what is not closed."""
    found: list[Word] = []
    at, line, glued = 0, 1, False
    while at < len(text):
        if text[at] == "\n":
            at, line, glued = at + 1, line + 1, False
            continue
        skip = _SKIP.match(text, at)
        if skip is not None:
            glued = glued and skip.group()[0] == "/"
            at, line = skip.end(), line + skip.group().count("\n")
            continue
        word, at = _word(text, at, line, name, glued=glued)
        line += word.text.count("\n")
        found.append(word)
        glued = word.string
    return tuple(found)


def _word(text: str, at: int, line: int, name: str, *, glued: bool) -> tuple[Word, int]:
    operator = _OPERATOR.match(text, at)
    if operator is not None:
        return Word(operator.group(), line), operator.end()
    match = _VARIABLE.match(text, at)
    if match is not None:
        pieces: tuple[Piece, ...] = (Var(match.group(1) or match.group(2) or ""),)
    else:
        match = _SINGLE.match(text, at) or _DOUBLE.match(text, at)
        if match is not None:
            quoted = match.group(1)
            pieces = (_unescape(quoted),) if text[at] == "'" else _double(quoted)
        else:
            match = _BARE.match(text, at)
            if match is None:
                # not recorded
                what = "invalid variable name" if text[at] == "$" else "unterminated string"
                raise ConfError(f"{name} line {line}: {what}")
            pieces = (_unescape(match.group()),)
    return Word(match.group(), line, pieces, glued, string=True), match.end()
