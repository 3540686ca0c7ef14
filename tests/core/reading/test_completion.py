"""What completes a field: directories of hosts and jails as they are, and names."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from jailer_core.completion import MOST, Completed, complete, shown
from jailer_core.errors import FileFailed
from jailer_core.facts import Reader
from jailer_core.host.local import LocalHost
from jailer_core.model import Dataset, Inventory, Jail, JailState, Owner
from jailer_core.operations.completion import Source, source_of
from jailer_core.operations.spec import Kind, declared

INSIDE = Source(Kind.INSIDE, "web")
HOST = Source(Kind.DIRECTORY)


def inventory(root: Path) -> Inventory:
    jail = Jail("web", JailState.RUNNING, Owner.NATIVE, 1, path=str(root))
    other = replace(jail, name="web2", path="")
    datasets = tuple(
        Dataset(f"zroot/{name}", name, 1, 1, 1, f"/zroot/{name}", "", 1, mounted=True)
        for name in "ab"
    )
    return Inventory(jails=(jail, other), datasets=datasets)


async def done(root: Path, source: Source, text: str) -> Completed:
    return await complete(Reader(LocalHost()), inventory(root), source, text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("usr/local/www", "usr/local/wwwlog", "usr/local/.git", "var", "mnt/odd"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "usr/local/wfile").write_text("")
    (tmp_path / "usr/local/wlink").symlink_to("/etc")
    (tmp_path / "out").symlink_to("/")
    return tmp_path


async def test_directories_of_a_jail(root: Path) -> None:
    assert await done(root, INSIDE, "/usr") == Completed("/usr/")
    assert await done(root, INSIDE, "/usr/") == Completed("/usr/local/")
    both = ("/usr/local/www/", "/usr/local/wwwlog/")
    assert await done(root, INSIDE, "/usr/local/w") == Completed("/usr/local/www", both)
    assert shown(both) == [(both[0], "www/"), (both[1], "wwwlog/")]
    assert (await done(root, INSIDE, "/usr/local/.")).text == "/usr/local/.git/"
    assert (await done(root, INSIDE, "")).choices == ("/mnt/", "/usr/", "/var/")
    nothing = await done(root, INSIDE, "/usr/local/www/")
    assert (nothing.text, nothing.message) == ("/usr/local/www/", "it contains no directories")
    assert (await done(root, INSIDE, "/nosuch/x")).message == "no match"
    assert (await done(root, INSIDE, "usr")).message == "no match"
    unknown = Source(Kind.INSIDE, "web2")
    assert (await done(root, unknown, "/usr")).message == "no match"


async def test_no_link_of_a_jail_is_followed(root: Path) -> None:
    for text in ("/out/", "/out/e", "/usr/local/wlink/", "/../", "/usr/../../"):
        found = await done(root, INSIDE, text)
        assert (found.text, found.choices) == (text, ()), text
        assert found.message, text


async def test_odd_names_many_names_and_what_cannot_be_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = root / "mnt/odd"
    for raw in (b'quo"te', b"back\\slash", b"li\nne", b"\xff\xfe", b"$dollar", b" "):
        (odd / os.fsdecode(raw)).mkdir()
    found = await done(root, HOST, f"{odd}/")
    assert "cannot be used" in found.message
    for name in ("a b", "ünï", "(x)"):
        (odd / name).mkdir()
    assert [label for _, label in shown((await done(root, HOST, f"{odd}/")).choices)] == [
        "(x)/",
        "a b/",
        "ünï/",
    ]
    assert (await done(root, HOST, f"{odd}/a")).text == f"{odd}/a b/"
    many = [f"user{number:06}" for number in range(100_000)]
    reader = Reader(LocalHost())
    looked_at: list[int] = []

    async def listdir(_path: str, **_given: object) -> tuple[str, ...]:
        return tuple(many)

    async def stat(paths: list[str]) -> dict[str, object]:
        looked_at.append(len(paths))
        return {}

    monkeypatch.setattr(reader.host, "listdir", listdir)
    monkeypatch.setattr(reader.host, "stat", stat)
    found = await complete(reader, inventory(root), HOST, "/home/")
    assert (found.text, found.message) == ("/home/user0", "100,000 names fit: type more")
    await complete(reader, inventory(root), HOST, "/home/user0000")
    assert looked_at == [100]
    assert max(looked_at) <= MOST


async def test_a_directory_that_is_closed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def listdir(path: str, **_given: object) -> tuple[str, ...]:
        raise FileFailed("read", path, "Permission denied")

    monkeypatch.setattr(LocalHost, "listdir", staticmethod(listdir))
    found = await done(root, INSIDE, "/var/")
    assert (found.text, found.choices) == ("/var/", ())
    assert found.message == "the directory cannot be read: Permission denied"
    own = Source(Kind.SOURCE, words=("/var/x",))
    assert (await done(root, own, "/var/")).text == "/var/x"


async def test_names(root: Path) -> None:
    assert await done(root, Source(Kind.DATASET), "z") == Completed(
        "zroot/", ("zroot/a", "zroot/b")
    )
    assert (await done(root, Source(Kind.JAIL), "w")).text == "web"
    words = Source(Kind.TEXT, words=("+web", "+db", "-old"), many=True)
    assert await done(root, words, "+db, -") == Completed("+db, -old")
    assert (await done(root, words, "+web ")).choices == ("+web +db", "+web -old")
    own = Source(Kind.SOURCE, words=("zroot/a", "tmpfs"))
    assert (await done(root, own, "t")).text == "tmpfs"
    assert (await done(root, own, f"{root}/us")).text == f"{root}/usr/"


def test_paths_and_datasets_of_all_operations_complete() -> None:
    """A field for a path, a dataset or a name of something says so by its kind."""
    for request, spec in declared().items():
        for field in (*spec.operands, *spec.options):
            wanted = field.metavar in ("PATH", "TARGET", "SOURCE", "DATASET", "POOL/DATASET")
            if wanted or field.metavar in ("IMAGE", "JAIL", "IF", "ZONE"):
                assert source_of(field) is not None, (request, field.name)
