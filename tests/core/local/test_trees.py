"""Entries of file trees: what is read of them, what is changed, and no link that leads out."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from jailer_core.errors import FileFailed
from jailer_core.host.local import LocalHost
from jailer_core.model.trees import EntryKind, TreeEntry

pytestmark = pytest.mark.usefixtures("each_host")


def made(root: Path) -> Path:
    (root / "etc").mkdir(parents=True)
    (root / "etc/motd").write_text("hello")
    (root / "etc/odd \udcff\n").write_text("")
    (root / "etc/motd").chmod(0o640)
    (root / "link").symlink_to("/etc")
    os.mkfifo(root / "pipe")
    (root / "etc.d").mkdir()
    (root / ".zfs/snapshot").mkdir(parents=True)
    return root


async def walked(root: Path, below: str = "") -> dict[str, TreeEntry]:
    parts = [part async for part in LocalHost().tree_walk(str(root), below)]
    return {path: entry for part in parts for path, entry in part}


async def test_a_walk_is_in_order_and_does_not_follow_links(tmp_path: Path) -> None:
    found = await walked(made(tmp_path / "root"))
    assert list(found) == ["etc", "etc/motd", "etc/odd \udcff\n", "etc.d", "link", "pipe"]
    assert (found["link"].kind, found["link"].target) == (EntryKind.LINK, "/etc")
    assert found["pipe"].kind is EntryKind.FIFO
    assert (found["etc/motd"].mode, found["etc/motd"].size) == (0o640, 5)
    assert list(await walked(tmp_path / "root", "etc")) == ["etc/motd", "etc/odd \udcff\n"]


async def test_entries_have_digests(tmp_path: Path) -> None:
    root = str(made(tmp_path / "root"))
    wanted = ["etc/motd", "etc/none", "link", "link/passwd", "pipe", "etc/motd/x"]
    found = await LocalHost().tree_entries(root, wanted)
    assert list(found) == ["etc/motd", "link", "pipe"]
    assert found["etc/motd"].digest == hashlib.sha256(b"hello").hexdigest()


async def test_hard_links_have_one_inode(tmp_path: Path) -> None:
    root = made(tmp_path / "root")
    os.link(root / "etc/motd", root / "second")
    found = await LocalHost().tree_entries(str(root), ["etc/motd", "second"])
    first, second = found.values()
    assert (first.inode, first.links) == (second.inode, 2)


async def test_removing_and_changing(tmp_path: Path) -> None:
    root = made(tmp_path / "root")
    host = LocalHost()
    await host.tree_remove(str(root), ["etc/motd", "etc/odd \udcff\n", "etc", "link", "pipe"])
    assert sorted(path.name for path in root.iterdir()) == [".zfs", "etc.d"]
    own = (os.getuid(), os.getgid())
    await host.tree_set(str(root), {"etc.d": (0o2711, *own, 0)})
    assert (root / "etc.d").stat().st_mode & 0o7777 == 0o2711
    with pytest.raises(FileFailed):
        await host.tree_remove(str(root), ["etc"])


async def test_nothing_is_changed_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    root = made(tmp_path / "root")
    (root / "out").symlink_to(outside)
    host = LocalHost()
    with pytest.raises(FileFailed):
        await host.tree_remove(str(root), ["out/file"])
    with pytest.raises(FileFailed):
        await host.tree_set(str(root), {"out/file": (0, 0, 0, 0)})
    assert (outside / "file").stat().st_mode & 0o777 != 0


async def test_a_tree_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileFailed):
        await walked(tmp_path / "none")
    assert await LocalHost().tree_entries(str(tmp_path / "none"), ["x"]) == {}
