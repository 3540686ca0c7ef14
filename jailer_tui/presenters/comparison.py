"""Compare two jails: differences in configuration, rc.conf, packages and datasets.

Changes since a snapshot, as a tree whose directories can be folded: pure, without a widget.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory, Jail
from jailer_core.parse.zfsdiff import ADDED, CHANGED, REMOVED, RENAMED, Branch
from jailer_core.text import human_bytes, sanitize
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.theme import Glyphs

ABSENT = "-"


@dataclass(frozen=True, slots=True)
class Pair:
    """One property of two jails. `left` and `right` are None if unknown."""

    part: str
    name: str
    left: str | None
    right: str | None

    @property
    def same(self) -> bool:
        """Whether both are known and equal."""
        return self.left is not None and self.left == self.right


@dataclass(frozen=True, slots=True)
class Extra:
    """Facts that are read only for a comparison; None is unknown."""

    rc: Mapping[str, str] | None = None
    packages: Mapping[str, str] | None = None


def compare(
    inventory: Inventory, jails: tuple[Jail, Jail], extras: tuple[Extra, Extra]
) -> list[Pair]:
    """Everything of both, part by part, in the order of its names."""
    left, right = jails
    return [
        *_pairs("general", _general(left), _general(right)),
        *_pairs("configuration", _config(left), _config(right)),
        *_pairs("rc.conf", extras[0].rc, extras[1].rc, by_name=True),
        *_pairs("packages", extras[0].packages, extras[1].packages, by_name=True),
        *_pairs("datasets", _datasets(inventory, left), _datasets(inventory, right)),
    ]


def _general(jail: Jail) -> Mapping[str, str]:
    addresses = ", ".join(map(str, jail.addresses)) if jail.addresses is not None else "?"
    return {
        "state": jail.state.value,
        "owner": jail.owner.value,
        "release": jail.release or "?",
        "network": jail.network.words,
        "addresses": addresses or ABSENT,
        "at boot": {True: "starts", False: "does not start", None: "?"}[jail.boots],
    }


def _config(jail: Jail) -> Mapping[str, str]:
    """The parameters, with the jail's own name as it is written in most files."""
    if jail.config is None:
        return {}
    return {
        name: "; ".join(values).replace(jail.name, "${name}") or "true"
        for name, values in jail.config.params.items()
    }


def _datasets(inventory: Inventory, jail: Jail) -> Mapping[str, str]:
    if not jail.dataset:
        return {}
    rows = {}
    for dataset in inventory.below(jail.dataset):
        name = dataset.name[len(jail.dataset) :].lstrip("/") or "(the jail itself)"
        origin = f", clone of {dataset.origin}" if dataset.origin else ""
        rows[name] = f"{human_bytes(dataset.used)}{origin}"
    return rows


def _pairs(
    part: str,
    left: Mapping[str, str] | None,
    right: Mapping[str, str] | None,
    *,
    by_name: bool = False,
) -> list[Pair]:
    """A part, which may not be known of one of them."""
    if left is None and right is None:
        return [Pair(part, "could not be read", None, None)]
    names = dict.fromkeys((*(left or ()), *(right or ())))
    order = sorted(names) if by_name else names
    return [Pair(part, name, _value(left, name), _value(right, name)) for name in order]


def _value(known: Mapping[str, str] | None, name: str) -> str | None:
    return None if known is None else known.get(name, ABSENT)


def shown(value: str | None) -> str:
    """A value for the screen."""
    return "?" if value is None else sanitize(value)


def whole(pair: Pair, names: tuple[str, str]) -> list[Line]:
    """Both values in full."""
    lines: list[Line] = []
    for name, value in zip(names, (pair.left, pair.right), strict=True):
        lines += [()] if lines else []
        lines += [((sanitize(name), "title"),), ((f"  {shown(value)}", "text"),)]
    return lines


TONES = {ADDED: "ok", REMOVED: "bad", CHANGED: "warn", RENAMED: "accent"}
WORDS = {ADDED: "added", REMOVED: "removed", CHANGED: "changed", RENAMED: "renamed"}
FEW = 30
"""With up to this many changes, nothing is folded at first."""
COUNTS = 20


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A line of the tree; a chain of folders without other contents is one line."""

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
    """The visible lines: folders first, both by name."""
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
    """All folders, by their key in `tree_rows`."""
    paths: set[str] = set()
    while True:
        more = {row.path for row in tree_rows(top, paths) if row.folder}
        if more == paths:
            return paths
        paths = more


def columns(width: int) -> tuple[Column, ...]:
    """The columns; the name gets the remaining width."""
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
    """The totals in words."""
    spans: list[Span] = []
    for sign, count in _counts(top):
        spans += [(", ", "dim")] if spans else []
        spans.append((f"{count} {WORDS[sign]}", TONES[sign]))
    return spans
