"""Three-way merges of text, as diff3(1) makes them; and of account files by their names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

OURS, BASE, MIDDLE, THEIRS = "<<<<<<< jail", "||||||| old base", "=======", ">>>>>>> new base"


@dataclass(frozen=True, slots=True)
class Merged:
    """The result; with conflicts, `text` has both versions between markers."""

    text: str
    conflicts: int = 0

    @property
    def clean(self) -> bool:
        """Whether there are no conflicts."""
        return self.conflicts == 0


Lines = Sequence[str]


def merge(old: str, ours: str, theirs: str) -> Merged:
    """Merge two versions of a text. Changes in different places are taken from both sides."""
    return _merged(_regions(*(text.splitlines(keepends=True) for text in (old, ours, theirs))))


def _merged(parts: Iterable[tuple[Lines, Lines, Lines]]) -> Merged:
    lines: list[str] = []
    conflicts = 0
    for base, left, right in parts:
        if right in (left, base):
            lines += left
        elif left == base:
            lines += right
        else:
            conflicts += 1
            lines += _marked(base, left, right)
    return Merged("".join(lines), conflicts)


def _marked(base: Lines, left: Lines, right: Lines) -> Iterator[str]:
    for marker, part in ((OURS, left), (BASE, base), (MIDDLE, right)):
        yield f"{marker}\n"
        yield from (line if line.endswith("\n") else f"{line}\n" for line in part)
    yield f"{THEIRS}\n"


def _regions(base: Lines, left: Lines, right: Lines) -> Iterator[tuple[Lines, Lines, Lines]]:
    """The three texts cut at the lines that all of them share."""
    at_base = at_left = at_right = 0
    for start, in_left, in_right, length in _shared(base, left, right):
        yield base[at_base:start], left[at_left:in_left], right[at_right:in_right]
        same = base[start : start + length]
        yield same, same, same
        at_base, at_left, at_right = start + length, in_left + length, in_right + length
    yield base[at_base:], left[at_left:], right[at_right:]


def _shared(base: Lines, left: Lines, right: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Where in each a run of lines begins that all three have, and its length."""
    blocks = [
        SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
        for other in (left, right)
    ]
    first = second = 0
    while first < len(blocks[0]) and second < len(blocks[1]):
        (a, in_left, size), (b, in_right, length) = blocks[0][first], blocks[1][second]
        start, end = max(a, b), min(a + size, b + length)
        if start < end:
            yield start, in_left + start - a, in_right + start - b, end - start
        if a + size <= b + length:
            first += 1
        else:
            second += 1


# --- account files ---------------------------------------------------------------------------


def merge_accounts(old: str, ours: str, theirs: str) -> Merged:
    """master.passwd or group: entries belong together by name, wherever they are in the file.

    Both the jail and the new base usually add entries at the end, which is no contradiction.
    """
    base, left, right = (_entries(text) for text in (old, ours, theirs))
    names = dict.fromkeys([*right, *left])
    return _merged((base.get(name, []), left.get(name, []), right.get(name, [])) for name in names)


def _entries(text: str) -> dict[str, list[str]]:
    """One line each, by name; a comment is its own name."""
    contents: dict[str, list[str]] = {}
    for line in text.splitlines():
        name = line if line.startswith("#") or ":" not in line else line.partition(":")[0]
        while name in contents:
            name += "\0"
        contents[name] = [f"{line}\n"]
    return contents
