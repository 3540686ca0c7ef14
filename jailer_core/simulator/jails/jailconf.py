"""A jail.conf(5) as jail(8) of the simulated FreeBSD understands it.

This imitates FreeBSD: our own program asks `jail -e` and has no such parser.
Messages: recordings 03 and 12. Order of parameters: recordings 07 and 17: globals, `*` and a jail's
own block each count where they stand, so that a global behind a block overrides what is in it.
Whether globals behind a block are a part of their own is that of jailparse.y (# not recorded).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from jailer_core.simulator.jails.jailconf_lexer import ConfError, Piece, Var, Word, words

Include = Callable[[str], Sequence[tuple[str, str]]]
"""Gives name and text of each file that a pattern of `.include` means."""

MAX_DEPTH = 32


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The parameter that `noX` and `some.noX` negate, else the name itself."""
    head, dot, last = name.rpartition(".")
    if last.startswith("no") and len(last) > 2:
        return f"{head}{dot}{last[2:]}"
    return name


@dataclass(slots=True)
class Param:
    """A parameter (or `$variable`) with its values, first unresolved, then plain strings."""

    name: str
    raw: list[tuple[Piece, ...]] = field(default_factory=list)
    values: list[str] | None = None
    append: bool = False

    def copy(self) -> Param:
        """One that can be resolved for itself."""
        return Param(self.name, list(self.raw), self.values, self.append)


@dataclass(slots=True)
class ConfJail:
    """A jail of a file. `problems` are warnings; with `failed` it can be shown but not started."""

    name: str
    params: list[Param] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failed: bool = False

    def find(self, name: str) -> Param | None:
        """The parameter of that name, negated or not."""
        wanted = plain(name)
        return next((param for param in self.params if wanted == plain(param.name)), None)

    def value(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        param = self.find(name)
        return param.values[-1] if param is not None and param.values else default

    def values(self, name: str) -> list[str]:
        """All values of a parameter."""
        param = self.find(name)
        return list(param.values or ()) if param is not None else []

    def true(self, name: str) -> bool:
        """Whether a boolean parameter is set."""
        param = self.find(name)
        if param is None or param.name != plain(param.name):
            return False
        return not param.values or param.values[-1].lower() not in ("0", "false", "no", "off")

    def add(self, param: Param) -> None:
        """Set or extend a parameter; the place of an earlier one is kept."""
        if param.name.startswith("$"):
            old = next((one for one in self.params if one.name == param.name), None)
        else:
            wanted = plain(param.name)
            old = next((one for one in self.params if plain(one.name) == wanted), None)
        if old is None:
            self.params.append(param.copy())
        elif old.name in ("name", "jid") and self.params.index(old) == 0:
            self.problems.append(f'cannot redefine parameter "{old.name}".')
            self.failed = True
        else:
            old.name = param.name
            old.raw = old.raw + param.raw if param.append else list(param.raw)
            old.values = None


@dataclass(slots=True)
class Block:
    """A block as it is in the file; the pattern `*` also for what is outside of any."""

    name: str
    params: list[Param] = field(default_factory=list)

    @property
    def wild(self) -> bool:
        """Whether it is for every jail that matches."""
        return "*" in self.name


class Parser:
    """Reads files into blocks, in order."""

    def __init__(self, include: Include) -> None:
        self.include = include
        self.blocks: list[Block] = []
        self._words: tuple[Word, ...] = ()
        self._at = 0
        self._file = ""

    def file(self, name: str, text: str, depth: int = 0) -> None:
        """Read one file and what it includes. ConfError."""
        if depth > MAX_DEPTH:
            raise ConfError(f"{name}: maximum include depth exceeded")  # not recorded
        outer = self._words, self._at, self._file
        self._words, self._at, self._file = words(text, name), 0, name
        while self._peek() is not None:
            self._statement("", None, depth)
        self._words, self._at, self._file = outer

    def _peek(self) -> Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _next(self) -> Word:
        word = self._peek()
        if word is None:
            raise ConfError(f"{self._file}: unexpected EOF")  # not recorded
        self._at += 1
        return word

    def _unexpected(self, word: Word) -> ConfError:
        return ConfError(f"{self._file} line {word.line}: {word.text}: syntax error")

    def _statement(self, prefix: str, block: Block | None, depth: int) -> None:
        word = self._next()
        if word.text == ";" and not word.string:
            return
        if not word.string:
            raise self._unexpected(word)
        pieces = self._glued(word)
        name = "".join(piece if isinstance(piece, str) else f"${piece.name}" for piece in pieces)
        after = self._next()
        if name == ".include" and after.string:
            self._include(after, depth)
        elif after.text == "{" and not after.string:
            self._block(f"{prefix}{name}", depth)
        else:
            param = self._param(name, after)
            (self._globals() if block is None else block).params.append(param)

    def _globals(self) -> Block:
        """The block for what is outside of any, a new one after that of a jail."""
        if not self.blocks or self.blocks[-1].name != "*":
            self.blocks.append(Block("*"))
        return self.blocks[-1]

    def _glued(self, word: Word) -> tuple[Piece, ...]:
        pieces = list(word.pieces)
        while (more := self._peek()) is not None and more.string and more.glued:
            pieces += self._next().pieces
        return tuple(pieces)

    def _include(self, word: Word, depth: int) -> None:
        pattern = "".join(piece for piece in self._glued(word) if isinstance(piece, str))
        end = self._next()
        if end.text != ";":
            raise self._unexpected(end)
        for name, text in self.include(pattern):
            self.file(name, text, depth + 1)

    def _block(self, name: str, depth: int) -> None:
        block = Block(name)
        self.blocks.append(block)
        while (word := self._peek()) is None or word.text != "}" or word.string:
            self._statement(f"{name}.", block, depth)
        self._next()

    def _param(self, name: str, after: Word) -> Param:
        param = Param(name, append=after.text == "+=")
        if after.string:
            raise self._unexpected(after)
        if after.text in ("=", "+="):
            while True:
                word = self._next()
                if not word.string:
                    raise self._unexpected(word)
                param.raw.append(self._glued(word))
                after = self._next()
                if after.text != "," or after.string:
                    break
        if after.text != ";" or after.string:
            raise self._unexpected(after)
        return param


Included = dict[str, Sequence[tuple[str, str]]]
_READ: dict[tuple[str, str], tuple[Included, list[ConfJail]]] = {}
"""What the files read last mean, with what they included; they are read over and over."""


def read_config(name: str, text: str, include: Include) -> list[ConfJail]:
    """The jails of a file, in order, parameters resolved. ConfError when it cannot be read."""
    known = _READ.get((name, text))
    if known is None or any(include(pattern) != files for pattern, files in known[0].items()):
        known = {}, []
        known[1].extend(_read(name, text, partial(_remembered, known[0], include)))
        if len(_READ) >= 256:
            _READ.clear()
        _READ[name, text] = known
    return [
        ConfJail(
            jail.name, [param.copy() for param in jail.params], list(jail.problems), jail.failed
        )
        for jail in known[1]
    ]


def _remembered(known: Included, include: Include, pattern: str) -> Sequence[tuple[str, str]]:
    known[pattern] = include(pattern)
    return known[pattern]


def _read(name: str, text: str, include: Include) -> list[ConfJail]:
    parser = Parser(include)
    parser.file(name, text)
    jails: dict[str, ConfJail] = {}
    for block in parser.blocks:
        if not block.wild and block.name not in jails:
            jails[block.name] = _collect(block.name, parser)
    for jail in jails.values():
        resolve(jail)
    return list(jails.values())


def new_jail(name: str) -> ConfJail:
    """A jail whose name, or jid when it is a number, is its first parameter."""
    jail = ConfJail(name)
    key = "jid" if name.isdigit() and int(name) else "name"
    jail.params.append(Param(key, [(name,)], [name]))
    return jail


def _collect(name: str, parser: Parser) -> ConfJail:
    jail = new_jail(name)
    for block in parser.blocks:
        if block.name == name or (block.wild and fnmatch.fnmatchcase(name, block.name)):
            for param in block.params:
                jail.add(param)
    return jail


def resolve(jail: ConfJail) -> None:
    """Replace variables. One that is missing leaves nothing, a problem, and a failed jail."""
    done: list[Param] = []
    for param in list(jail.params):
        _resolve(jail, param, done, ())
    jail.params = done


def _resolve(jail: ConfJail, param: Param, done: list[Param], above: tuple[str, ...]) -> None:
    if any(one is param for one in done):
        return
    values: list[str] = []
    for pieces in param.raw:
        if len(pieces) == 1 and isinstance(pieces[0], Var):
            values += _variable(jail, param, pieces[0].name, done, above)
            continue
        text = ""
        for piece in pieces:
            if isinstance(piece, str):
                text += piece
                continue
            found = _variable(jail, param, piece.name, done, above)
            if len(found) > 1:
                _bad(jail, f"{param.name}: array cannot be substituted inline")  # not recorded
            else:
                text += "".join(found)
        values.append(text)
    param.values = values
    done.append(param)


def _variable(
    jail: ConfJail, param: Param, name: str, done: list[Param], above: tuple[str, ...]
) -> list[str]:
    found = next((one for one in jail.params if one.name in (f"${name}", name)), None)
    if found is None or not found.raw:
        _bad(jail, f'{param.name}: variable "{name}" not found')
        return []
    if found is param or found.name in above:
        _bad(jail, f"{name}: variable loop")  # not recorded
        return []
    if found.values is None or not any(one is found for one in done):
        _resolve(jail, found, done, (*above, param.name))
    return list(found.values or ())


def _bad(jail: ConfJail, problem: str) -> None:
    jail.problems.append(problem)
    jail.failed = True


def quoted(text: str) -> str:
    """A value as jail(8) prints it: quoted when it is empty or has blanks or quotes."""
    if not text or "'" in text:
        quote = '"'
    elif '"' in text:
        quote = "'"
    else:
        quote = '"' if " " in text or "\t" in text else ""
    body = text.replace("\\", "\\\\")
    if quote:
        body = body.replace(quote, f"\\{quote}")
    return f"{quote}{body}{quote}"


def shown(jail: ConfJail, separator: str) -> str:
    """One line of `jail -e`: every parameter, no variables."""
    return separator.join(
        param.name + ("=" + ",".join(quoted(one) for one in param.values) if param.values else "")
        for param in jail.params
        if not param.name.startswith("$")
    )
