"""pf.conf as text: its statements, and where a line goes in pf's own order.

pf.conf(5): options, normalization, queueing, translation, filtering, each after the one before
it (macros and tables anywhere). Of translation rules the first that matches counts, so ours go
after those of the admin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

ANCHORS = ('nat-anchor "jailer/*"', 'rdr-anchor "jailer/*"')
"""Each once; recordings 06 and 10."""

_TRANSLATION = ("nat", "rdr", "binat", "nat-anchor", "rdr-anchor", "binat-anchor", "no")
_FILTER = ("pass", "block", "match", "anchor", "antispoof", "load")
_ANCHOR = re.compile(r"""(nat-anchor|rdr-anchor)\s+["']?(jailer(?:/\*)?)["']?\s*\Z""")
_MACRO = re.compile(r'(\w+)\s*=\s*"?([^"]*?)"?\s*\Z', re.DOTALL)
_NAT = re.compile(
    r"nat\s+(?:pass\s+)?(?:log\s+)?on\s+(\S+)\s+(?:inet\s+)?from\s+(.+?)\s+to\s+any\s*->"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: the first and last of its lines (from 0), and its words without comments."""

    first: int
    last: int
    text: str

    @property
    def word(self) -> str:
        """The kind of statement: its first word."""
        return re.split(r"[\s({]", self.text, maxsplit=1)[0]


def statements(text: str) -> Iterator[Statement]:
    """The statements of a file: a backslash and an open brace go on in the next line."""
    joined, first, depth = "", 0, 0
    for number, line in enumerate(text.split("\n")):
        plain = re.sub(r'("[^"]*")|#.*', lambda part: part[1] or "", line).rstrip()
        first = first if joined else number
        bare = re.sub(r'"[^"]*"', "", plain)
        depth = max(0, depth + bare.count("{") - bare.count("}"))
        more = plain.endswith("\\")
        joined += plain.removesuffix("\\") + " "
        if more or depth:
            continue
        if joined.strip():
            yield Statement(first, number, joined.strip())
        joined = ""
    if joined.strip():
        yield Statement(first, number, joined.strip())


def missing_anchors(text: str) -> tuple[str, ...]:
    """The lines of ANCHORS that are missing."""
    anchors = {
        match[1] for statement in statements(text) if (match := _ANCHOR.match(statement.text))
    }
    return tuple(anchor for anchor in ANCHORS if anchor.split()[0] not in anchors)


def nat_covers(text: str, net: IPv4Network) -> bool:
    """Whether a nat rule of the file seems to translate that network."""
    macros: dict[str, str] = {}
    for statement in statements(text):
        macro = _MACRO.match(statement.text)
        if macro:
            macros[macro[1]] = macro[2]
            continue
        plain = re.sub(r"\$(\w+)", lambda name: macros.get(name[1], name[0]), statement.text)
        match = _NAT.match(plain)
        if match and any(_covers(word, net) for word in re.split(r"[\s,{}]+", match[2])):
            return True
    return False


def _covers(source: str, net: IPv4Network) -> bool:
    if source in ("any", "bridge0:network"):
        return True
    try:
        return net.subnet_of(IPv4Network(source, strict=False))
    except ValueError:
        return False


def nat_line(interface: str, net: IPv4Network) -> str:
    """The rule of recording 06, for a whole network instead of one jail."""
    return f"nat on {interface} inet from {net} to any -> ({interface}:0)"


def with_translation(text: str, lines: Sequence[str]) -> str:
    """The text with these lines where translation rules may stand; nothing else changes."""
    parsed = list(statements(text))
    translation = [statement for statement in parsed if statement.word in _TRANSLATION]
    filters = [statement for statement in parsed if statement.word in _FILTER]
    rows = text.split("\n")
    if translation:
        place = translation[-1].last + 1
    elif filters:
        place = filters[0].first
    else:
        place = len(rows) - 1 if rows[-1] == "" else len(rows)
    return "\n".join([*rows[:place], *lines, *(rows[place:] or [""])])


def holds_filters(text: str) -> bool:
    """Whether it has filter rules, which take effect when pf is enabled."""
    return any(statement.word in _FILTER for statement in statements(text))
