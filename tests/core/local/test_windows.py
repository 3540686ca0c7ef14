"""Pieces of files through LocalHost: only what is asked for is read, no link of a jail followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jailer_core.errors import FileFailed
from jailer_core.host.local import LocalHost

pytestmark = pytest.mark.usefixtures("each_host")

GIANT = 1 << 30


async def test_a_piece_from_the_begin_and_from_the_end(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    path.write_bytes(b"0123456789")
    host = LocalHost()
    found = await host.window(str(path), 2, 3)
    assert (found.data, found.offset, found.size) == (b"234", 2, 10)
    assert found.inode == path.stat().st_ino
    assert (await host.window(str(path), -4, 10)).data == b"6789"
    assert (await host.window(str(path), -40, 2)).data == b"01"
    assert (await host.window(str(path), 10, 5)).data == b""
    assert (await host.window(str(path), 0, 0)).size == 10


async def test_of_a_giant_no_more_is_read_than_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "messages"
    with path.open("wb") as file:
        file.truncate(GIANT)
    read: list[int] = []
    pread = os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        read.append(size)
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", counted)
    found = await LocalHost().window(str(path), -4096, 4096)
    assert (len(found.data), found.size, found.offset) == (4096, GIANT, GIANT - 4096)
    assert read == [4096]


@pytest.mark.parametrize("planted", ["file", "folder"])
async def test_no_link_is_followed_below_a_jail(tmp_path: Path, planted: str) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "messages").write_text("of the host")
    root = tmp_path / "jail"
    (root / "var").mkdir(parents=True)
    if planted == "file":
        (root / "var" / "log").mkdir()
        (root / "var" / "log" / "messages").symlink_to(tmp_path / "secret" / "messages")
    else:
        (root / "var" / "log").symlink_to(tmp_path / "secret")
    path = str(root / "var" / "log" / "messages")
    host = LocalHost()
    assert (await host.window(path, 0, 99)).data == b"of the host"  # as it would be without
    with pytest.raises(FileFailed):
        await host.window(path, 0, 99, beneath=str(root))


async def test_names_of_a_folder_below_a_jail(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").touch()
    root = tmp_path / "jail"
    (root / "var" / "log").mkdir(parents=True)
    (root / "var" / "log" / "messages").touch()
    (root / "var" / "spool").symlink_to(tmp_path / "secret")
    host, beneath = LocalHost(), str(root)
    assert await host.listdir(f"{root}/var/log", beneath=beneath) == ("messages",)
    assert await host.listdir(f"{root}/var/spool") == ("key",)
    assert await host.listdir(f"{root}/var/none", beneath=beneath) == ()
    try:
        found = await host.listdir(f"{root}/var/spool", beneath=beneath)
    except FileFailed:
        found = ()
    assert found == ()
    with pytest.raises(FileFailed, match="not below"):
        await host.listdir(f"{root}/../secret", beneath=beneath)


async def test_a_fifo_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "messages")
    with pytest.raises(FileFailed, match="not a regular file"):
        await LocalHost().window(str(tmp_path / "messages"), 0, 10)
