"""A jail inside another jail's tree: the outer one's root user decides what its path leads to."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from jailer_core.errors import FileFailed
from jailer_core.host.local import LocalHost
from jailer_core.model.trees import Roots

pytestmark = pytest.mark.usefixtures("each_host")

OUTER = "/usr/local/jails/outer"
INNER = f"{OUTER}/usr/jails/inner"


@pytest.mark.parametrize(
    ("path", "beneath", "outermost"),
    [
        (f"{INNER}/etc/rc.conf", INNER, OUTER),
        (f"{INNER}/etc/rc.conf", "", OUTER),
        (f"/usr//local/jails/./outer/{INNER.removeprefix(OUTER)}/etc/rc.conf", INNER, OUTER),
        (INNER, "", OUTER),
        ("/usr/local/jails/new/etc/rc.conf", "/usr/local/jails/new/", "/usr/local/jails/new"),
        ("/usr/local/jails/outer0/x", "", ""),
        (f"{OUTER}/x", "/usr/local", "/usr/local"),
        ("/var/log/jail/web.log", "/var/log/jail", "/var/log/jail"),
        ("/etc/rc.conf", "", ""),
        ("/etc/rc.conf", "/", "/"),
        (OUTER, "", ""),
        ("/etc/rc.conf", "/elsewhere", "/elsewhere"),
    ],
)
def test_the_outermost_root_counts(path: str, beneath: str, outermost: str) -> None:
    roots = Roots()
    roots.learn(["/", "", f"{INNER}/", OUTER])
    assert roots.outermost(path, beneath) == outermost


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """A jail whose root user made `usr/jails` a link to a directory of the host."""
    (tmp_path / "host" / "inner" / "etc").mkdir(parents=True)
    (tmp_path / "host" / "inner" / "etc" / "rc.conf").write_text("secret")
    root = tmp_path / "jails" / "outer"
    (root / "usr").mkdir(parents=True)
    (root / "usr" / "jails").symlink_to(tmp_path / "host")
    return root


def _host(outer: Path) -> LocalHost:
    host = LocalHost()
    host.learn_roots([str(outer), f"{outer}/usr/jails/inner", "/"])
    return host


async def test_nothing_is_redirected(outer: Path) -> None:
    host, root = _host(outer), f"{outer}/usr/jails/inner"
    etc, target = f"{root}/etc", outer.parent.parent / "host" / "inner" / "etc"
    for beneath in (root, ""):
        with pytest.raises(FileFailed, match="symbolic links"):
            await host.read(f"{etc}/rc.conf", beneath=beneath)
        with pytest.raises(FileFailed, match="symbolic links"):
            await host.window(f"{etc}/rc.conf", 0, 9, beneath=beneath)
        with pytest.raises(FileFailed, match="symbolic links"):
            await host.write(f"{etc}/rc.conf", "x", beneath=beneath)
        with pytest.raises(FileFailed, match="symbolic links"):
            await host.write(f"{etc}/new", "x", beneath=beneath, new=True)
        with pytest.raises(FileFailed, match="symbolic links"):
            await host.listdir(etc, beneath=beneath)
    for act in (host.remove(f"{etc}/rc.conf"), host.mkdir(f"{etc}/made"), host.rmdir(etc)):
        with pytest.raises(FileFailed, match="symbolic links"):
            await act
    assert [one.name for one in target.iterdir()] == ["rc.conf"]
    assert (target / "rc.conf").read_text() == "secret"


async def test_a_root_that_the_host_reaches_by_a_link_counts_by_both_names(outer: Path) -> None:
    alias = outer.parent.parent / "alias"
    alias.symlink_to(outer.parent)
    host = LocalHost()
    host.learn_roots([f"{alias}/outer"])
    for top in (alias / "outer", outer):
        with pytest.raises(FileFailed, match="symbolic links"):
            await host.read(f"{top}/usr/jails/inner/etc/rc.conf")
    (outer / "plain").write_text("inside")
    for top in (alias / "outer", outer):
        assert await host.read(f"{top}/plain") == "inside"


async def test_a_jail_in_a_jail_is_still_served(outer: Path) -> None:
    (outer / "usr" / "jails").unlink()
    root = outer / "usr" / "jails" / "inner"
    root.mkdir(parents=True)
    host = _host(outer)
    await host.mkdir(f"{root}/etc", 0o700)
    assert stat.S_IMODE((root / "etc").stat().st_mode) == 0o700
    await host.write(f"{root}/etc/rc.conf", "a", beneath=str(root))
    assert await host.read(f"{root}/etc/rc.conf", beneath=str(root)) == "a"
    await host.remove(f"{root}/etc/rc.conf")
    await host.rmdir(f"{root}/etc")
    assert list(root.iterdir()) == []


# --- new files -------------------------------------------------------------------------------


@pytest.mark.parametrize("beneath", [True, False])
async def test_a_new_file_does_not_overwrite_what_others_made(
    tmp_path: Path, *, beneath: bool
) -> None:
    host, top = LocalHost(), str(tmp_path) if beneath else ""
    path = tmp_path / "web.conf"
    await host.write(str(path), "ours", mode=0o640, beneath=top, new=True)
    assert path.read_text() == "ours"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_nlink == 1
    with pytest.raises(FileFailed, match="File exists"):
        await host.write(str(path), "again", beneath=top, new=True)
    assert path.read_text() == "ours"
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileFailed, match="File exists"):
        await host.write(str(dangling), "x", beneath=top, new=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "web.conf"]
