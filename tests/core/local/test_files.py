"""Files through LocalHost: whole or not at all, and no link of a jail leads out of it."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from jailer_core.errors import Busy, FileFailed, Refused
from jailer_core.host.local import LocalHost, files

pytestmark = pytest.mark.usefixtures("each_host")


async def test_write_read_append_remove(tmp_path: Path) -> None:
    host, path = LocalHost(), str(tmp_path / "web01.conf")
    await host.write(path, "a\udcffö\n")
    assert Path(path).read_bytes() == b"a\xff\xc3\xb6\n"
    await host.append(path, "b\n")
    assert await host.read(path) == "a\udcffö\nb\n"
    with pytest.raises(FileFailed, match="File too large"):
        await host.read(path, limit=1)
    await host.remove(path)
    with pytest.raises(FileFailed, match=r"cannot read .*web01.conf: No such file or directory"):
        await host.read(path)


async def test_write_keeps_mode_and_replaces_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rc.conf"
    path.write_text("old")
    path.chmod(0o640)
    before = path.stat().st_ino
    with path.open() as reader:
        await LocalHost().write(str(path), "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before
    assert [one.name for one in tmp_path.iterdir()] == ["rc.conf"]


async def test_write_with_mode_and_owner(tmp_path: Path) -> None:
    path = tmp_path / "new"
    await LocalHost().write(str(path), "x", mode=0o600, owner=(os.getuid(), os.getgid()))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    plain = tmp_path / "plain"
    await LocalHost().write(str(plain), "x")
    assert stat.S_IMODE(plain.stat().st_mode) == 0o644


async def test_write_keeps_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "theirs"
    path.write_text("old")
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda _fd, uid, gid: given.append((uid, gid)))
    await LocalHost().write(str(path), "new", owner=(1001, 1002))
    assert given == [(1001, 1002)]


async def test_write_follows_the_link_of_an_admin(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    await LocalHost().write(str(tmp_path / "link"), "new")
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "link").is_symlink()


async def test_a_failed_write_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rc.conf"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileFailed, match=r"cannot write .*rc.conf: No space left on device"):
        await LocalHost().write(str(path), "new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("rc.conf", "old")]


async def test_the_temporary_file_is_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    sync = os.fsync

    def look(descriptor: int) -> None:
        seen.extend(os.listdir(tmp_path))  # noqa: PTH208
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    (tmp_path / f".jailer-tui.{os.getpid()}.{next(files._numbers) + 1}").write_text("stale")
    await LocalHost().write(str(tmp_path / "web01.conf"), "x")
    assert all(one.startswith(".jailer-tui.") for one in seen if one != "web01.conf")
    assert len(seen) >= 2


async def test_file_and_directory_are_safely_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: list[bool] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: kinds.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
    )
    host = LocalHost()
    await host.write(str(tmp_path / "a"), "x")
    assert kinds == [False, True]
    await host.append(str(tmp_path / "b"), "x")
    assert kinds == [False, True, False, True]
    await host.append(str(tmp_path / "b"), "y")
    assert kinds == [False, True, False, True, False]


async def test_append_makes_a_private_file_and_follows_no_link(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await LocalHost().append(str(path), "1\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to("journal")
    with pytest.raises(FileFailed):
        await LocalHost().append(str(tmp_path / "link"), "2\n")
    assert path.read_text() == "1\n"


async def test_directories(tmp_path: Path) -> None:
    host, path = LocalHost(), str(tmp_path / "d")
    await host.mkdir(path, 0o700)
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o700
    with pytest.raises(FileFailed, match=r"cannot make .*: File exists"):
        await host.mkdir(path)
    (tmp_path / "d" / "b").touch()
    (tmp_path / "d" / "a").touch()
    assert await host.listdir(path) == ("a", "b")
    with pytest.raises(FileFailed, match=r"cannot remove .*: Directory not empty"):
        await host.rmdir(path)
    await host.remove(f"{path}/a")
    await host.remove(f"{path}/b")
    await host.rmdir(path)
    assert await host.listdir(path) == ()


async def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff$(id)\n.conf")
    (tmp_path / name).touch()
    assert await LocalHost().listdir(str(tmp_path)) == (name,)
    assert list(await LocalHost().stat([str(tmp_path / name)])) == [str(tmp_path / name)]


async def test_stamps(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("abc")
    path.chmod(0o604)
    os.utime(path, (1, 1_795_480_000.9))
    (tmp_path / "link").symlink_to("x")
    found = await LocalHost().stat(
        [str(path), str(tmp_path / "none"), str(tmp_path), str(tmp_path / "link"), "a\0b"]
    )
    stamp = found[str(path)]
    assert (stamp.mtime, stamp.size, stamp.mode, stamp.is_dir) == (1_795_480_000, 3, 0o604, False)
    assert (stamp.uid, stamp.gid) == (os.getuid(), os.getgid())
    assert found[str(tmp_path)].is_dir
    assert found[str(tmp_path / "link")].size == 1
    assert len(found) == 3


# --- what a jail may have placed there -------------------------------------------------------


@pytest.fixture
def jail(tmp_path: Path) -> Path:
    root = tmp_path / "jail"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "freebsd-version").write_text("inside")
    (tmp_path / "secret").write_text("outside")
    return root


async def test_beneath_reads_what_is_there(jail: Path) -> None:
    path = str(jail / "bin" / "freebsd-version")
    for root in (str(jail), f"{jail}/", str(jail.parent)):
        assert await LocalHost().read(path, beneath=root) == "inside"
    assert await LocalHost().read(f"{jail}//bin/./freebsd-version", beneath=str(jail)) == "inside"


async def test_the_root_itself_may_be_a_link(jail: Path) -> None:
    (jail.parent / "alias").symlink_to(jail)
    path = f"{jail.parent}/alias/bin/freebsd-version"
    assert await LocalHost().read(path, beneath=f"{jail.parent}/alias") == "inside"


@pytest.mark.parametrize("target", ["../../secret", "/etc/passwd", "../bin/freebsd-version"])
async def test_no_link_below_is_followed(jail: Path, target: str) -> None:
    (jail / "bin" / "link").symlink_to(target)
    with pytest.raises(FileFailed):
        await LocalHost().read(str(jail / "bin" / "link"), beneath=str(jail))


async def test_no_link_on_the_way_either(jail: Path) -> None:
    (jail / "etc").symlink_to("..")
    with pytest.raises(FileFailed):
        await LocalHost().read(str(jail / "etc" / "secret"), beneath=str(jail))


@pytest.mark.parametrize("path", ["/../secret", "/bin/../../secret", "", "/", "x/bin/y"])
async def test_no_way_up(jail: Path, path: str) -> None:
    with pytest.raises(FileFailed, match="not below"):
        await LocalHost().read(f"{jail}{path}", beneath=str(jail))


async def test_a_fifo_does_not_hold_us(jail: Path) -> None:
    os.mkfifo(jail / "bin" / "fifo")
    host = LocalHost()
    for beneath in (str(jail), ""):
        with pytest.raises(FileFailed, match="not a regular file"):
            await host.read(str(jail / "bin" / "fifo"), beneath=beneath)


async def test_a_stamp_tells_a_file_from_one_that_took_its_place(tmp_path: Path) -> None:
    host, path, other = LocalHost(), tmp_path / "file", tmp_path / "other"
    for one in (path, other):
        one.write_text("same\n")
        os.utime(one, ns=(1_700_000_000_123_456_789,) * 2)
    first = (await host.stat([str(path)]))[str(path)]
    assert (first.mtime, first.nanoseconds) == (1_700_000_000, 123_456_789)
    other.rename(path)
    assert (await host.stat([str(path)]))[str(path)] == replace(first, inode=path.stat().st_ino)
    assert path.stat().st_ino != first.inode
    other.symlink_to(path)
    assert (await host.stat([str(other)]))[str(other)].is_link


# --- lock ------------------------------------------------------------------------------------


async def test_one_change_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    async with LocalHost(path).lock():
        with pytest.raises(Refused, match=rf"another change is under way .*process {os.getpid()}"):
            async with LocalHost(path).lock():
                pytest.fail("two at once")
    async with LocalHost(path).lock():
        assert Path(path).read_text() == f"{os.getpid()}\n"


async def test_a_lock_with_a_name_is_one_of_its_own(tmp_path: Path) -> None:
    host, other = LocalHost(str(tmp_path / "lock")), LocalHost(str(tmp_path / "lock"))
    async with host.lock("archive"):
        assert not await other.changing()
        async with other.lock(), other.lock("another"):
            pass
        with pytest.raises(Busy):
            async with other.lock("archive"):
                pytest.fail("two at once")


async def test_whether_a_change_is_under_way_takes_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    host, other = LocalHost(str(path)), LocalHost(str(path))
    assert not await host.changing()
    assert not path.exists()
    async with host.lock():
        assert await other.changing()
    with monkeypatch.context() as patch:
        patch.setattr("fcntl.flock", None)  # the lock excludes no one
        assert not await other.changing()
        path.write_text("999999999\n")  # it was killed
        assert not await other.changing()
    path.write_text(f"{os.getpid()}\n")  # its number is used again
    assert not await other.changing()
    async with host.lock():
        pass


async def test_the_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    host = LocalHost(str(tmp_path / "lock"))
    with pytest.raises(RuntimeError):
        async with host.lock():
            raise RuntimeError
    async with host.lock():
        pass


async def test_a_lock_that_cannot_be_taken(tmp_path: Path) -> None:
    with pytest.raises(FileFailed, match="cannot lock"):
        async with LocalHost(str(tmp_path / "none" / "lock")).lock():
            pytest.fail("no lock")
    (tmp_path / "link").symlink_to("elsewhere")
    with pytest.raises(FileFailed):
        async with LocalHost(str(tmp_path / "link")).lock():
            pytest.fail("no lock")
    assert not (tmp_path / "elsewhere").exists()
