"""The statements of a jail.conf(5), and the addresses in its commands.

The blocks of a jail.conf(5) and the statements in them, by their places in the text.

Only the shape is read, so that a setting can be changed where it stands. What it means, jail(8)
says (jail -e). The words are those of jail(8)'s own scanner, as in jailconf.py.

Addresses and hardware addresses in the commands of a jail's configuration.

Commands are a shell's: only what is written plainly is seen. What is not seen is unknown.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*.*?\*/)"
    r"|(?P<sign>\+=|[,;={}])"
    r"|(?P<word>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\$\{[^}\n]*\}"
    r"|(?:\\.|[^\s\"'#,;={}+/\\])+|[+/])",
    re.DOTALL,
)

Place = tuple[int, int]


@dataclass(slots=True)
class Statement:
    """`NAME;`, `NAME = values;` or `NAME += values;`.

    `end` is the offset after its semicolon, `operator` "" where there is none. A statement of
    another shape (an `.include`) has no name.
    """

    name: str
    start: int
    end: int
    operator: str = ""
    operator_at: int = 0
    values: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """`NAME { ... }`, with the offsets after its opening brace and before its closing one."""

    name: str
    start: int
    inside: int
    end: int = -1
    statements: list[Statement] = field(default_factory=list)


@lru_cache(maxsize=16)
def blocks(text: str) -> list[Block] | None:
    """All top-level blocks; None for a text that cannot be parsed safely."""
    reader = _Reader(text)
    return reader.blocks if reader.plain else None


def block(text: str, name: str) -> Block | None:
    """The block of a jail, if the text has exactly one that can be parsed safely."""
    matches = [block for block in blocks(text) or () if block.name == name]
    return matches[0] if len(matches) == 1 else None


DEPENDS = "$depends"
"""Our variable: names of jails, with spaces between, that a jail depends on in other files."""


def depends(text: str, name: str) -> tuple[str, ...]:
    """The value of our variable in a jail's block; of several, jail(8) takes the last."""
    own_block = block(text, name) if DEPENDS in text else None
    if own_block is None:
        return ()
    settings = [statement for statement in own_block.statements if statement.name == DEPENDS]
    places = settings[-1].values if settings else ()
    values = (text[slice(*place)].strip("\"'") for place in places)
    return tuple(word for value in values for word in value.split())


class _Reader:
    """Reads a text once; `plain` tells whether every word and brace was understood."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self.plain = True
        self._depth = 0
        self._words: list[Place] = []
        self._values: list[Place] = []
        self._operator: Place | None = None
        for place, sign in self._tokens():
            self._take(place, sign)
        self.plain = self.plain and not self._depth and not self._words

    def _tokens(self) -> Iterator[tuple[Place, str]]:
        """Signs, and words made of pieces that touch each other (sign "")."""
        at, start = 0, -1
        for token in _TOKEN.finditer(self.text):
            self.plain = self.plain and token.start() == at
            if token.lastgroup != "word" and start >= 0:
                yield (start, at), ""
                start = -1
            if token.lastgroup == "sign":
                yield token.span(), token[0]
            elif token.lastgroup == "word" and start < 0:
                start = token.start()
            at = token.end()
        if start >= 0:
            yield (start, at), ""
        self.plain = self.plain and at == len(self.text)

    def _take(self, place: Place, sign: str) -> None:
        if not sign:
            (self._words if self._operator is None else self._values).append(place)
        elif sign in ("=", "+="):
            self.plain = self.plain and self._operator is None and len(self._words) == 1
            self._operator = place
        elif sign == "{":
            self._open(place)
        elif sign == "}":
            self._close(place)
        elif sign == ";":
            self._end(place[1])

    def _open(self, place: Place) -> None:
        self.plain = self.plain and len(self._words) == 1 and self._operator is None
        if not self._depth and self._words:
            self.blocks.append(Block(self._named(), self._words[0][0], place[1]))
        self._depth += 1
        self._words = []

    def _close(self, place: Place) -> None:
        self._depth -= 1
        self.plain = self.plain and self._depth >= 0 and not self._words
        if not self._depth and self.blocks:
            self.blocks[-1].end = place[0]

    def _end(self, end: int) -> None:
        if self._depth == 1 and self._words and self.blocks:
            name = self._named() if len(self._words) == 1 else ""
            statement = Statement(name, self._words[0][0], end, values=self._values)
            if self._operator is not None:
                statement.operator_at = self._operator[0]
                statement.operator = self.text[slice(*self._operator)]
            self.blocks[-1].statements.append(statement)
        self._words, self._values, self._operator = [], [], None

    def _named(self) -> str:
        return re.sub(r"[\"']", "", self.text[slice(*self._words[0])])


_SPLIT = re.compile(r"[\s\"'`;&|()=]+")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}")
_OF_OTHERS = ("netmask", "broadcast", "gateway", "tunnel", "peer", "dest")


@dataclass(frozen=True, slots=True)
class Given:
    """An address that a command gives to an interface."""

    interface: str
    address: str
    prefix: int | None = None


@lru_cache(maxsize=8192)
def given(commands: tuple[str, ...]) -> tuple[Given, ...]:
    """Addresses that `ifconfig` commands give to interfaces, in order, each once."""
    claims: dict[tuple[str, str], Given] = {}
    for words in map(_words, commands):
        for index, word in enumerate(words):
            if word.rpartition("/")[2] == "ifconfig":
                for claim in _of_ifconfig(words[index + 1 :]):
                    claims.setdefault((claim.interface, claim.address), claim)
    return tuple(claims.values())


@lru_cache(maxsize=8192)
def named(commands: tuple[str, ...]) -> tuple[str, ...]:
    """All addresses in commands, whatever their purpose."""
    addresses = [_address(word) for command in commands for word in _words(command)]
    return tuple(dict.fromkeys(address[0] for address in addresses if address is not None))


@lru_cache(maxsize=8192)
def macs(commands: tuple[str, ...]) -> tuple[str, ...]:
    """Hardware addresses in commands, in lower case, each once."""
    words = [word.lower() for command in commands for word in _words(command)]
    return tuple(dict.fromkeys(word for word in words if _MAC.fullmatch(word)))


def _words(command: str) -> list[str]:
    return [word for word in _SPLIT.split(command) if word]


def _of_ifconfig(words: list[str]) -> Iterable[Given]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in ("-j", "-f", "-G", "-g") else 1]
    if not rest:
        return
    interface, before = rest[0], ""
    for word in rest[1:]:
        if word.rpartition("/")[2] == "ifconfig" or word in ("-alias", "delete", "remove"):
            return
        address = _address(word)
        if address is not None and before not in _OF_OTHERS:
            yield Given(interface, *address)
        before = word


def _address(word: str) -> tuple[str, int | None] | None:
    text, slash, bits = word.partition("/")
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(address), int(bits) if slash and bits.isdigit() else None
