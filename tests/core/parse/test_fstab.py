"""fstab(5): lines as jail(8) reads them, and as they are written."""

from __future__ import annotations

from hypothesis import given, strategies as st

from jailer_core.parse import mount_tables

TEXT = (
    "# mounts\n/srv/www /j/web/mnt nullfs ro 0 0\n\ntmpfs\t/j/web//tmp/ tmpfs rw,size=1m 0 0 # x\n"
)


def test_lines_and_their_places() -> None:
    first, second = mount_tables.fstab_lines(TEXT)
    assert (first.source, first.target, first.fstype, first.read_only) == (
        *("/srv/www", "/j/web/mnt", "nullfs"),
        True,
    )
    assert (second.target, second.options) == ("/j/web/tmp", ("rw", "size=1m"))
    assert TEXT[first.start : first.end] == "/srv/www /j/web/mnt nullfs ro 0 0\n"


def test_what_mounts_nothing() -> None:
    assert mount_tables.fstab_lines("\n#/a /b nullfs\n/a /b\n   \n") == ()
    assert mount_tables.fstab_lines("/a /b nullfs")[0].options == ()
    assert mount_tables.fstab_lines("/a /b nullfs ro")[0].options == ("ro",)


@given(st.text(min_size=1).map(lambda text: f"/{text}"))
def test_a_path_comes_back(path: str) -> None:
    assert mount_tables.fstab_unescaped(mount_tables.fstab_escaped(path)) == path


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1), st.booleans())
def test_a_line_comes_back(word: str, blank: bool) -> None:
    source = f"/srv/{word} {word}" if blank else f"/srv/{word}"
    line = mount_tables.FstabLine(source, f"/j/{word}", "nullfs", ("ro",))
    read = mount_tables.fstab_line(mount_tables.fstab_printed(line))
    assert read is not None
    assert (read.source, read.fstype, read.options) == (source, "nullfs", ("ro",))
