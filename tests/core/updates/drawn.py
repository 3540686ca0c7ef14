"""Random trees: an old base, and two that differ from it at some places."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from jailer_core.model.trees import EntryKind, TreeEntry
from tests.core.updates.plain import Whole

DIR = TreeEntry(EntryKind.DIRECTORY, 0o755)


def file(text: str, mode: int = 0o644, size: int = 1) -> TreeEntry:
    return TreeEntry(EntryKind.FILE, mode, size=size, digest=text)


PATHS = st.sampled_from(
    ["a", "a/b", "a/b/c", "a/b/d\udcff", "a/e f", "a/e f/g\n", "a/h", "i", "i/j", "k"]
)
"""Few, so that they lie in each other."""
LINES = st.lists(st.sampled_from(["one\n", "two\n", "three\n", "four\n"]), max_size=5)
ENTRIES = st.builds(
    TreeEntry,
    st.sampled_from(EntryKind),
    mode=st.sampled_from([0o644, 0o755, 0o4755]),
    uid=st.sampled_from([0, 80]),
    flags=st.sampled_from([0, 0o400000]),
    size=st.just(1),
    digest=LINES.map("".join) | st.sampled_from(["binary 1", "binary 2"]),
    target=st.sampled_from(["a", "/etc"]),
)


def proper(entry: TreeEntry) -> TreeEntry:
    """Only what such a file has."""
    digest = entry.digest if entry.is_file else ""
    target = entry.target if entry.kind is EntryKind.LINK else ""
    return replace(entry, digest=digest, target=target, size=int(entry.is_file))


def as_tree(entries: Whole) -> Whole:
    """Only what lies in directories."""
    tree: Whole = {}
    for path in sorted(entries, key=lambda path: path.count("/")):
        parent = path.rpartition("/")[0]
        if not parent or (parent in tree and tree[parent].is_dir):
            tree[path] = proper(entries[path])
    return tree


@st.composite
def trees(draw: st.DrawFn) -> tuple[Whole, Whole, Whole]:
    """An old base, and two that differ from it at some places."""
    old: Whole = dict.fromkeys(["a", "a/b", "a/e f", "i"], DIR)
    old |= {path: file("one\ntwo\nthree\n") for path in ("a/b/c", "a/e f/g\n", "a/h", "i/j", "k")}
    old |= draw(st.dictionaries(PATHS, ENTRIES, max_size=3))
    sides = []
    for _ in range(2):
        side = dict(old)
        for path in draw(st.lists(st.sampled_from(sorted(old)), max_size=2)):
            side.pop(path, None)
        side |= draw(st.dictionaries(PATHS, ENTRIES, max_size=2))
        # other kinds in the same places, also of directories
        side |= draw(st.dictionaries(st.sampled_from(sorted(old)), ENTRIES, max_size=2))
        sides.append(side)
    return as_tree(old), as_tree(sides[0]), as_tree(sides[1])
