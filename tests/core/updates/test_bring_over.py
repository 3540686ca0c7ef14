"""What a jail changed, brought into a clone of another base, with the tar of a real machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from pathlib import Path

import pytest

from jailer_core.errors import HostError
from jailer_core.execution import bring_over
from jailer_core.host.local import LocalHost
from jailer_core.plan import BringOver

pytestmark = pytest.mark.processes("tar")

BASE = {
    "bin/sh": "shell 1",
    "bin/ed": "editor 1",
    "etc/motd": "one\ntwo\nthree\n",
    "etc/gone": "gone\n",
    "etc/both": "1\n",
    "usr/share/doc/a": "a",
    "rescue/cat": "rescue 1",
}


def fill(root: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """An old base, a jail that changed it, a new base, and its clone."""
    fill(tmp_path / "old", BASE)
    shutil.copytree(tmp_path / "old", tmp_path / "jail")
    jail = tmp_path / "jail"
    (jail / "etc/motd").write_text("zero\none\ntwo\nthree\n")
    (jail / "etc/gone").unlink()
    shutil.rmtree(jail / "usr/share/doc")
    (jail / "bin/ed").unlink()
    (jail / "bin/ed").symlink_to("sh")
    (jail / "bin/sh").chmod(0o700)
    (
        jail / "home/odd \n\udcff".encode(errors="surrogateescape").decode(errors="surrogateescape")
    ).parent.mkdir()
    (jail / "home/odd \n\udcff").write_text("odd")
    (jail / "home/first").write_text("linked")
    os.link(jail / "home/first", jail / "home/second")
    with (jail / "home/sparse").open("wb") as file:
        file.truncate(1 << 22)
        file.seek(1 << 22)
        file.write(b"end")
    os.mkfifo(jail / "home/pipe", 0o620)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(jail / "s"))
    new = BASE | {"bin/sh": "shell 2", "etc/motd": "one\ntwo\nthree\nfour\n", "bin/vi": "vi 2"}
    fill(tmp_path / "new", new)
    shutil.copytree(tmp_path / "new", tmp_path / "clone")
    return tmp_path


def action(trees: Path, *settle: tuple[str, str, str]) -> BringOver:
    clone, old, jail, new = (str(trees / name) for name in ("clone", "old", "jail", "new"))
    return BringOver(clone, old, jail, new, settle=settle)


def bring(trees: Path, *settle: tuple[str, str, str]) -> None:
    host = LocalHost()
    asyncio.run(bring_over.run(host, action(trees, *settle), lambda *_: None, None))


def test_every_kind_of_change(trees: Path) -> None:
    bring(trees)
    clone = trees / "clone"
    assert (clone / "bin/sh").read_text() == "shell 2"
    assert (clone / "bin/sh").stat().st_mode & 0o7777 == 0o700
    assert (clone / "bin/vi").read_text() == "vi 2"
    assert str((clone / "bin/ed").readlink()) == "sh"
    assert (clone / "etc/motd").read_text() == "zero\none\ntwo\nthree\nfour\n"
    assert not (clone / "etc/gone").exists()
    assert not (clone / "usr/share/doc").exists()
    assert (clone / "home/odd \n\udcff").read_text() == "odd"
    first, second = ((clone / "home" / name).stat() for name in ("first", "second"))
    assert (first.st_ino, first.st_nlink) == (second.st_ino, 2)
    # only FreeBSD's tar finds the hole on its own
    assert (clone / "home/sparse").stat().st_size == (1 << 22) + 3
    assert (clone / "home/pipe").is_fifo()
    assert not (clone / "s").exists()


def test_again_changes_nothing(trees: Path) -> None:
    bring(trees)
    before = sorted(
        (str(path), path.lstat().st_ino, path.lstat().st_ctime_ns)
        for path in (trees / "clone").rglob("*")
    )
    bring(trees)
    after = sorted(
        (str(path), path.lstat().st_ino, path.lstat().st_ctime_ns)
        for path in (trees / "clone").rglob("*")
    )
    written = {str(trees / "clone/etc/motd"), str(trees / "clone/etc")}
    assert [one for one in before if one[0] not in written] == [
        one for one in after if one[0] not in written
    ]


def test_a_conflict_stops_it_before_anything_is_changed(trees: Path) -> None:
    (trees / "jail/etc/both").write_text("2\n")
    for name in ("new", "clone"):
        (trees / name / "etc/both").write_text("3\n")
    with pytest.raises(HostError, match="etc/both"):
        bring(trees)
    assert not (trees / "clone/home").exists()
    bring(trees, ("etc", "ours", ""))
    assert (trees / "clone/etc/both").read_text() == "2\n"


def test_nothing_is_written_through_a_link_of_the_jail(trees: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    jail = trees / "jail"
    shutil.rmtree(jail / "etc")
    (jail / "etc").symlink_to(outside)
    bring(trees)
    assert list(outside.iterdir()) == []
    assert (trees / "clone/etc").is_symlink()
