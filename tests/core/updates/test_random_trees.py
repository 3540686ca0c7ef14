"""Random trees on a real file system: what tar(1) makes of a decision is what was decided."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings, strategies as st

from jailer_core.execution import bring_over
from jailer_core.host.local import LocalHost
from jailer_core.model.trees import EntryKind, TreeEntry
from jailer_core.operations.updates.decision import Settlement
from jailer_core.plan import BringOver
from tests.core.updates.drawn import as_tree, trees
from tests.core.updates.plain import Whole, reference

pytestmark = pytest.mark.processes("tar")

KINDS = (EntryKind.FILE, EntryKind.DIRECTORY, EntryKind.LINK, EntryKind.FIFO)
NUL = "\0"
OURS = (("", "ours", ""),)


def possible(tree: Whole) -> Whole:
    """What a test can make here: no devices, sockets and flags; owners only as root."""
    as_root = os.getuid() == 0
    made = {}
    for path, entry in tree.items():
        kind = entry.kind if entry.kind in KINDS else EntryKind.FIFO
        uid = entry.uid if as_root else os.getuid()
        text = entry.digest or "one\n"
        made[path] = replace(
            entry, kind=kind, uid=uid, gid=os.getgid(), flags=0, device=0, digest=text
        )
    return as_tree(made)


def build(root: Path, tree: Whole) -> None:
    """The tree as files."""
    root.mkdir()
    for path in sorted(tree, key=lambda path: path.count("/")):
        entry, place = tree[path], root / path
        match entry.kind:
            case EntryKind.DIRECTORY:
                place.mkdir()
            case EntryKind.LINK:
                place.symlink_to(entry.target)
            case EntryKind.FIFO:
                os.mkfifo(place)
            case _:
                place.write_text(entry.digest + NUL * entry.digest.startswith("binary"))
        os.lchown(place, entry.uid, entry.gid)
        if entry.kind is not EntryKind.LINK:
            place.chmod(entry.mode)


def built(root: Path) -> Whole:
    """The files as a tree, without what every jail has of its own here."""
    paths = {os.fspath(path.relative_to(root)): path for path in root.rglob("*")}
    return {name: _entry(path) for name, path in paths.items() if not name.startswith("own ")}


def _entry(path: Path) -> TreeEntry:
    seen = path.lstat()
    kind = {
        stat.S_IFDIR: EntryKind.DIRECTORY,
        stat.S_IFLNK: EntryKind.LINK,
        stat.S_IFIFO: EntryKind.FIFO,
        stat.S_IFREG: EntryKind.FILE,
    }[stat.S_IFMT(seen.st_mode)]
    return TreeEntry(
        kind,
        0 if kind is EntryKind.LINK else stat.S_IMODE(seen.st_mode),
        seen.st_uid,
        seen.st_gid,
        digest=path.read_text().rstrip(NUL) if kind is EntryKind.FILE else "",
        target=os.fspath(path.readlink()) if kind is EntryKind.LINK else "",
    )


def plain(tree: Whole) -> Whole:
    """Without what the file system does not tell alike."""
    return {
        path: replace(entry, size=0, mode=0 if entry.kind is EntryKind.LINK else entry.mode)
        for path, entry in tree.items()
    }


def bring(top: Path) -> None:
    clone, old, jail, new = (str(top / name) for name in ("clone", "old", "jail", "new"))
    action = BringOver(clone, old, jail, new, settle=OURS)
    asyncio.run(bring_over.run(LocalHost(), action, lambda *_: None, None))


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(trees(), st.binary(min_size=1, max_size=40), st.integers(0, 1 << 20))
def test_the_files_are_those_of_the_reference(
    three: tuple[Whole, Whole, Whole], data: bytes, hole: int
) -> None:
    old, jail, new = map(possible, three)
    with TemporaryDirectory() as folder:
        top = Path(folder)
        for name, tree in (("old", old), ("jail", jail), ("new", new), ("clone", new)):
            build(top / name, tree)
        inside = top / "jail/own \udcff"
        inside.mkdir()
        (inside / "first").write_bytes(data)
        for other in ("second", "third\n"):
            os.link(inside / "first", inside / other)
        with (inside / "sparse").open("wb") as file:
            file.seek(hole)
            file.write(data)
        before = built(top / "jail")
        bring(top)
        expected = plain(reference(old, jail, new, Settlement(ours=True))[0])
        assert built(top / "clone") == expected
        names = ("first", "second", "third\n")
        inodes = {(top / "clone/own \udcff" / name).stat().st_ino for name in names}
        assert len(inodes) == 1
        assert (top / "clone/own \udcff/sparse").read_bytes() == b"\0" * hole + data
        # again it changes nothing, and the jail itself was never touched
        bring(top)
        assert built(top / "clone") == expected
        assert built(top / "jail") == before
        shutil.rmtree(top / "clone")
