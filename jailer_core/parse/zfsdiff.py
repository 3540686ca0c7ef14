r"""`zfs diff -FHt` (recording 05 lines 13 and 14), and the tree that its lines make.

Paths come with everything but printable ASCII as four octal digits, `\0040` for a space
(lib/libzfs/libzfs_diff.c; # not recorded, as are `R` and the counts of links: zfs-diff(8)).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jailer_core.parse.base import decimal, wrong

COMMAND = ("zfs", "diff", "-FHt")

ADDED, REMOVED, CHANGED, RENAMED = "+", "-", "M", "R"
DIRECTORY = "/"

_OCTAL = re.compile(rb"\\(0[0-3][0-7]{2})")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between a snapshot and what came after it.

    `sign` is + (new), - (gone), M (changed) or R (renamed, then to `new`); `kind` is the type of
    the file: F, / (a directory), @ (a symbolic link), B, C, |, =, >. `path` is absolute, as the
    dataset is mounted. `time` is when it changed, in seconds;
    """

    sign: str
    kind: str
    path: str
    time: float = 0.0
    new: str = ""

    @property
    def name(self) -> str:
        """The current or former path."""
        return self.new or self.path


def change(line: str) -> Change:
    """One line. Raises ParseError."""
    fields = line.split("\t")
    if len(fields) < 4 or fields[1] not in (ADDED, REMOVED, CHANGED, RENAMED):
        wrong("zfs diff", "an unknown line", line)
    when, sign, kind, path, *more = fields
    if sign == RENAMED and not more:
        wrong("zfs diff", "a renamed file without its new name", line)
    # of another one it tells how many links came or went
    new = unescaped(more[0]) if sign == RENAMED else ""
    return Change(sign, kind, unescaped(path), decimal("zfs diff", when), new)


def unescaped(path: str) -> str:
    """A path as it is; bytes that are not UTF-8 become surrogate escapes. Raises ParseError."""
    if "\\" not in path:
        return path
    try:
        raw = path.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        wrong("zfs diff", "no path", path)
    plain = _OCTAL.sub(lambda match: bytes((int(match[1], 8),)), raw)
    return plain.decode(errors="surrogateescape")


# --- the tree --------------------------------------------------------------------------------


@dataclass(slots=True)
class Branch:
    """A name in the tree of changes: what happened to it, what is below it, how much that is.

    `added`, `removed`, `changed` (with renamed) count the changes below, without its own.
    """

    name: str
    change: Change | None = None
    below: dict[str, Branch] = field(default_factory=dict)
    added: int = 0
    removed: int = 0
    changed: int = 0

    @property
    def total(self) -> int:
        """How many changes lie below."""
        return self.added + self.removed + self.changed

    def sorted(self) -> list[Branch]:
        """Children, sorted by name."""
        return [self.below[name] for name in sorted(self.below)]


def grow(top: Branch, change: Change, base: str = "") -> None:
    """Add a change to the tree; `base` is where the dataset is mounted."""
    path = change.name
    base = base.rstrip("/")
    if base and (path == base or path.startswith(base + "/")):
        path = path[len(base) :]
    branch = top
    for part in filter(None, path.split("/")):
        if change.sign == ADDED:
            branch.added += 1
        elif change.sign == REMOVED:
            branch.removed += 1
        else:
            branch.changed += 1
        branch = branch.below.setdefault(part, Branch(part))
    branch.change = change
