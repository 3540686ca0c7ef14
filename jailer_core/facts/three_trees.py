"""Read the files that decide how a jail moves to another base: only those that it changed.

A jail that is a clone tells by `zfs diff` what it changed; for any other one all files are compared
with those of the base of its release, in order, without keeping what is equal.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from jailer_core.errors import HostError, ParseError
from jailer_core.host import Host
from jailer_core.model.trees import ThreeTrees, Tree, TreeEntry, TreesQuestion, above, equal
from jailer_core.parse import zfsdiff

AT_ONCE = 2000
"""Paths that are looked at by one call."""
TEXT_LIMIT = 262144
"""Bytes of a text that is merged; what is larger is a conflict."""
DIFF_TIMEOUT = 3600.0


def order(path: str) -> tuple[bytes, ...]:
    """The order of a walk: a directory before its contents, names compared as bytes."""
    return tuple(part.encode(errors="surrogateescape") for part in path.split("/"))


@dataclass(slots=True)
class Told:
    """From `zfs diff`: paths, and directories that were renamed (without what is in them)."""

    paths: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)


async def gather(host: Host, question: TreesQuestion, told: Told | None = None) -> ThreeTrees:
    """The three trees. `told`: where the jail may differ from its old base, None: unknown."""
    if told is None:
        candidates: set[str] = {
            path async for path in _differing(host, question.old, question.jail)
        }
    else:
        candidates = await _all_told(host, question, told)
    paths = candidates | {folder for path in candidates for folder in above(path)}
    old, jail, new = [
        await entries(host, root, paths) for root in (question.old, question.jail, question.new)
    ]
    differing = frozenset(
        path
        for path in candidates
        if question.everything or not equal(old.get(path), jail.get(path))
    )
    for path in differing:
        mine, base = jail.get(path), new.get(path)
        if base is not None and base.is_dir and (mine is None or not mine.is_dir):
            async for name, entry in _walk(host, question.new, path):
                new.setdefault(name, entry)
    texts = await _texts(host, question, differing, (old, jail, new))
    return ThreeTrees(differing, old, jail, new, texts)


async def entries(host: Host, root: str, paths: Iterable[str]) -> dict[str, TreeEntry]:
    """Those of the paths that exist, with digests; a part of them at a time."""
    ordered = sorted(paths)
    existing: dict[str, TreeEntry] = {}
    for start in range(0, len(ordered), AT_ONCE):
        existing |= await host.tree_entries(root, ordered[start : start + AT_ONCE])
    return existing


async def _differing(host: Host, old: str, jail: str) -> AsyncIterator[str]:
    """Paths at which two whole trees differ; files of equal size are compared by their bytes."""
    left, right = aiter(_walk(host, old)), aiter(_walk(host, jail))
    first, other = await anext(left, None), await anext(right, None)
    unsure: list[str] = []
    while first is not None or other is not None:
        if other is None or (first is not None and order(first[0]) < order(other[0])):
            assert first is not None  # noqa: S101 - one of them is something
            yield first[0]
            first = await anext(left, None)
        elif first is None or order(other[0]) < order(first[0]):
            yield other[0]
            other = await anext(right, None)
        else:
            path, mine, theirs = first[0], first[1], other[1]
            if not mine.same(theirs) or mine.size != theirs.size:
                yield path
            elif mine.is_file:
                unsure.append(path)
            first, other = await anext(left, None), await anext(right, None)
        if len(unsure) >= AT_ONCE:
            for path in await _unequal(host, old, jail, unsure):
                yield path
            unsure = []
    for path in await _unequal(host, old, jail, unsure):
        yield path


async def _unequal(host: Host, old: str, jail: str, paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    left, right = await host.tree_entries(old, paths), await host.tree_entries(jail, paths)
    return [path for path in paths if not equal(left.get(path), right.get(path))]


async def _all_told(host: Host, question: TreesQuestion, told: Told) -> set[str]:
    """With what is in renamed directories, and with the other names of hard links."""
    changed = set(told.paths)
    before = question.before or question.old
    for root, folders in ((before, told.left), (question.jail, told.entered)):
        for folder in folders:
            async for path, _ in _walk(host, root, folder):
                changed.add(path)
    return changed | await _hard_links(host, (before, question.jail), changed)


async def _hard_links(host: Host, roots: tuple[str, ...], candidates: set[str]) -> set[str]:
    """Other names of changed files: `zfs diff` tells one name of each."""
    paths: set[str] = set()
    for root in roots:
        changed = await entries(host, root, candidates)
        linked = {entry.inode for entry in changed.values() if _has_links(entry)}
        if linked:
            async for path, entry in _walk(host, root):
                if entry.inode in linked and _has_links(entry):
                    paths.add(path)
    return paths


def _has_links(entry: TreeEntry) -> bool:
    return entry.links > 1 and not entry.is_dir


async def _texts(
    host: Host,
    question: TreesQuestion,
    paths: Iterable[str],
    trees: tuple[Tree, Tree, Tree],
) -> dict[str, tuple[str, str, str]]:
    """Texts of what both changed; for what both added, nothing is the old text."""
    rows: dict[str, tuple[str, str, str]] = {}
    for path in sorted(paths):
        old, jail, new = (tree.get(path) for tree in trees)
        if not _mergeable(jail) or not _mergeable(new) or not (old is None or _mergeable(old)):
            continue
        assert jail is not None and new is not None  # noqa: S101, PT018 - both are mergeable
        unchanged = old is not None and (old.same_content(jail) or old.same_content(new))
        if unchanged or jail.same_content(new):
            continue
        try:
            texts = [
                await host.read(f"{root}/{path}", beneath=root, limit=TEXT_LIMIT)
                if entry is not None
                else ""
                for root, entry in zip(
                    (question.old, question.jail, question.new), (old, jail, new), strict=True
                )
            ]
        except HostError:
            continue
        if not any("\0" in text for text in texts):
            rows[path] = (texts[0], texts[1], texts[2])
    return rows


def _mergeable(entry: TreeEntry | None) -> bool:
    return entry is not None and entry.is_file and entry.size <= TEXT_LIMIT


# --- on a host -------------------------------------------------------------------------------


async def _walk(host: Host, root: str, below: str = "") -> AsyncIterator[tuple[str, TreeEntry]]:
    """Everything below a path, without digests, in the order of `order`."""
    async for part in host.tree_walk(root, below):
        for item in part:
            yield item


async def read(host: Host, question: TreesQuestion) -> ThreeTrees:
    """Ask the host. Raises HostError, ParseError."""
    told = await changes(host, question.diff, question.mountpoint) if question.diff else None
    return await gather(host, question, told)


async def changes(host: Host, diff: Sequence[str], mountpoint: str) -> Told:
    """The paths that `zfs diff` tells, relative to where the dataset is mounted.

    Raises CommandFailed, HostError, ParseError: what is not understood may be a change.
    """
    told = Told()
    unread: list[str] = []
    base = f"{mountpoint.rstrip('/')}/"

    def below(path: str) -> set[str]:
        inside = path.startswith(base) and path != base
        return {path[len(base) :].rstrip("/")} if inside else set()

    def heard(line: str, error: bool) -> None:
        if error or not line:
            return
        try:
            change = zfsdiff.change(line)
        except ParseError as failure:
            unread.append(failure.message)
            return
        told.paths |= below(change.path) | below(change.new)
        if change.sign == zfsdiff.RENAMED and change.kind == zfsdiff.DIRECTORY:
            told.left |= below(change.path)
            told.entered |= below(change.new)

    (await host.stream([tuple(diff)], heard, timeout=DIFF_TIMEOUT)).output()
    if unread:
        raise ParseError(unread[0])
    return told
