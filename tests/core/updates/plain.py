"""Three trees in memory, and a decision over all their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from jailer_core.errors import FileFailed
from jailer_core.facts.three_trees import order
from jailer_core.model.trees import EntryKind, TreeEntry
from jailer_core.operations.updates.decision import Decision, Settlement
from jailer_core.three_way import merge

Whole = dict[str, TreeEntry]


@dataclass(slots=True)
class Memory:
    """What of a host holds three trees in memory; the bytes of a file are its digest."""

    trees: dict[str, Whole]
    seen: int = 0
    """How many entries with digests were asked for."""

    async def tree_entries(self, root: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        self.seen += len(paths)
        return {path: self.trees[root][path] for path in paths if path in self.trees[root]}

    async def tree_walk(
        self, root: str, below: str = ""
    ) -> AsyncIterator[list[tuple[str, TreeEntry]]]:
        tree = self.trees[root]
        for path in sorted(tree, key=order):
            if not below or path.startswith(f"{below}/"):
                yield [(path, replace(tree[path], digest=""))]

    async def read(self, path: str, *, beneath: str, limit: int) -> str:
        entry = self.trees[beneath][path.removeprefix(f"{beneath}/")]
        assert limit
        if not entry.is_file or entry.digest.startswith("binary"):
            raise FileFailed("read", path, "no text")
        return entry.digest


def applied(new: Whole, decision: Decision) -> Whole:
    """The new base after a decision has been applied."""
    result = dict(new)
    for path, outcome in decision.outcomes.items():
        if outcome.entry is None:
            result.pop(path, None)
        elif outcome.text:
            result[path] = replace(outcome.entry, digest=outcome.text)
        else:
            result[path] = outcome.entry
    return result


def is_tree(tree: Whole) -> bool:
    """Whether everything lies in a directory."""
    parents = (path.rpartition("/")[0] for path in tree)
    return all(not parent or (parent in tree and tree[parent].is_dir) for parent in parents)


def reference(  # noqa: C901 - over all files
    old: Whole, jail: Whole, new: Whole, choice: Settlement | None
) -> tuple[Whole, set[str]]:
    """The result and the conflicts, when all conflicts are settled alike (None: not at all)."""
    conflicts: set[str] = set()
    result: Whole = {}
    ours: set[str] = set()
    for path in sorted({*old, *jail, *new}):
        entry = _one(path, old.get(path), jail.get(path), new.get(path), choice, conflicts)
        if entry is not None:
            result[path] = entry
        if jail.get(path) != old.get(path):
            ours.add(path)
    leaves = {path for path in ours if path in result and not result[path].is_dir}
    for path in list(result):
        if any(_is_below(path, leaf) for leaf in leaves):
            del result[path]
    conflicts = {path for path in conflicts if not any(_is_below(path, leaf) for leaf in leaves)}
    for folder in sorted({folder for path in result for folder in _above(path)}):
        present = result.get(folder)
        below = [path for path in result if _is_below(path, folder)]
        if (present is not None and present.is_dir) or not below:
            continue
        if present is None:
            mine = jail.get(folder)
            result[folder] = mine if mine is not None and mine.is_dir else new[folder]
        else:
            if choice is None:
                conflicts.add(folder)
            if choice is None or choice.ours:
                result[folder] = jail[folder]
                continue
            for path in below:
                del result[path]
            conflicts = {path for path in conflicts if not _is_below(path, folder)}
    return result, conflicts if choice is None else set()


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


def _one(  # noqa: C901, PLR0911, PLR0917 - the table of rules
    path: str,
    old: TreeEntry | None,
    jail: TreeEntry | None,
    new: TreeEntry | None,
    choice: Settlement | None,
    conflicts: set[str],
) -> TreeEntry | None:
    if jail in (old, new):
        return new
    if new == old:
        return jail
    if jail is None:
        if new is not None and new.is_dir:
            return None
        return _choose(path, jail, new, choice, conflicts)
    if new is None:
        return jail if jail.is_dir else _choose(path, jail, new, choice, conflicts)
    attributes = jail.attributes
    if jail.kind is new.kind and old is not None and old.kind is jail.kind:
        mode, uid, gid, flags = (
            theirs if mine == was else mine
            for was, mine, theirs in zip(
                old.attributes, jail.attributes, new.attributes, strict=True
            )
        )
        attributes = (mode, uid, gid, flags)
    if jail.is_dir and new.is_dir:
        return new.with_attributes(attributes)
    if jail.same_content(new) or (old is not None and old.same_content(jail)):
        return new.with_attributes(attributes)
    if old is not None and old.same_content(new):
        return jail.with_attributes(attributes)
    sides = [entry for entry in (old, jail, new) if entry is not None]
    if all(entry.kind is EntryKind.FILE and entry.digest[:6] != "binary" for entry in sides):
        merged = merge(old.digest if old is not None else "", jail.digest, new.digest)
        if merged.clean:
            return replace(jail.with_attributes(attributes), digest=merged.text)
    return _choose(path, jail, new, choice, conflicts)


def _choose(
    path: str,
    jail: TreeEntry | None,
    new: TreeEntry | None,
    choice: Settlement | None,
    conflicts: set[str],
) -> TreeEntry | None:
    conflicts.add(path)
    return jail if choice is None or choice.ours else new
