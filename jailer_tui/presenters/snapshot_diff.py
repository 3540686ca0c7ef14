"""Changes since a snapshot, as a tree whose directories can be folded: pure, without a widget."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from jailer_core.parse.zfsdiff import ADDED, CHANGED, REMOVED, RENAMED, Branch
from jailer_core.text import sanitize
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Column, Span

TONES = {ADDED: "ok", REMOVED: "bad", CHANGED: "warn", RENAMED: "accent"}
WORDS = {ADDED: "added", REMOVED: "removed", CHANGED: "changed", RENAMED: "renamed"}
FEW = 30
"""Up to so many changes nothing is folded at first."""
COUNTS = 20


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A line of the tree: a chain of folders with nothing else in them is one line."""

    path: str
    depth: int
    name: str
    branch: Branch
    open: bool

    @property
    def folder(self) -> bool:
        """Whether something below it changed."""
        return bool(self.branch.below)


def tree_rows(
    top: Branch, opened: Collection[str], depth: int = 0, above: str = ""
) -> Iterator[TreeRow]:
    """The lines in sight: folders first, both by name."""
    ordered = sorted(top.below.values(), key=lambda branch: (not branch.below, branch.name))
    for child in ordered:
        name, end = child.name, child
        while end.change is None and len(end.below) == 1:
            only = next(iter(end.below.values()))
            if not only.below:
                break
            name, end = f"{name}/{only.name}", only
        path = f"{above}/{name}"
        is_open = bool(end.below) and path in opened
        yield TreeRow(path, depth, name, end, is_open)
        if is_open:
            yield from tree_rows(end, opened, depth + 1, path)


def folders(top: Branch) -> set[str]:
    """All that can be opened, by what `tree_rows` calls it."""
    paths: set[str] = set()
    while True:
        more = {row.path for row in tree_rows(top, paths) if row.folder}
        if more == paths:
            return paths
        paths = more


def columns(width: int) -> tuple[Column, ...]:
    """The counts stand at the right; the name gets what is left."""
    return (
        Column("glyph", "", 1, 0),
        Column("name", "FILE", max(20, width - 3 - COUNTS - 2), 0),
        Column("counts", "", COUNTS, 0, right=True),
    )


def cells(row: TreeRow, glyphs: Glyphs) -> tuple[Span, ...]:
    """The sign of what happened to it, its name, and what happened below it."""
    change = row.branch.change
    sign = change.sign if change is not None else " "
    fold = f"{glyphs.down if row.open else glyphs.after} " if row.folder else "  "
    slash = "/" if row.folder or (change is not None and change.kind == "/") else ""
    before = f"  was {sanitize(change.path)}" if change is not None and change.new else ""
    name = f"{'  ' * row.depth}{fold}{sanitize(row.name)}{slash}{before}"
    below = " ".join(f"{sign}{count}" for sign, count in _counts(row.branch))  # +12 -3 M5
    return (
        (sign, TONES.get(sign, "dim")),
        (name, "strong" if row.folder else "text"),
        (below, "text") if row.folder else (WORDS.get(sign, ""), "dim"),
    )


def _counts(branch: Branch) -> list[tuple[str, int]]:
    """How often each thing happened inside."""
    counts = ((ADDED, branch.added), (REMOVED, branch.removed), (CHANGED, branch.changed))
    return [(sign, count) for sign, count in counts if count]


def summary(top: Branch) -> list[Span]:
    """All of it, in words."""
    spans: list[Span] = []
    for sign, count in _counts(top):
        spans += [(", ", "dim")] if spans else []
        spans.append((f"{count} {WORDS[sign]}", TONES[sign]))
    return spans
