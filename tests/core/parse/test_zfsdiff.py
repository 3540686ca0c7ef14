"""`zfs diff`: names with odd characters, renames, links, and the tree of changes."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from jailer_core.errors import ParseError
from jailer_core.parse import zfsdiff
from jailer_core.parse.zfsdiff import Change
from jailer_core.simulator.zfs.snapshots import escaped
from tests.core.parse.commands import changes, commands, tree


def recorded() -> str:
    return next(one.stdout for one in commands() if one.where == "05:13")


def test_recorded_lines() -> None:
    found = changes(recorded()).value
    assert [(one.sign, one.kind) for one in found] == [
        ("M", "/"),
        ("M", "/"),
        ("+", "F"),
        ("+", "F"),
        ("-", "F"),
    ]
    assert found[2] == Change("+", "F", "/usr/local/jails/db01/root/new-file", 1795479148.970202)


def test_octal_renames_and_links() -> None:
    line = r"1.5	R	F	/a\0040b\0134c	/a/\0303\0244"
    assert zfsdiff.change(line) == Change("R", "F", "/a b\\c", 1.5, "/a/ä")
    assert zfsdiff.change("1.5\tM\tF\t/a\t(+2)") == Change("M", "F", "/a", 1.5)
    # three digits are no escape: a backslash itself comes as one
    assert zfsdiff.unescaped(r"/a\134") == r"/a\134"
    assert zfsdiff.unescaped(r"/a\0377") == "/a\udcff"


@given(st.text(st.characters(exclude_characters="\0/")))
def test_escaping_and_back(name: str) -> None:
    plain = name.encode(errors="surrogatepass").decode(errors="surrogateescape")
    shown = escaped(f"/{plain}")
    assert shown.isascii()
    assert shown.isprintable()
    assert zfsdiff.unescaped(shown) == f"/{plain}"


@pytest.mark.parametrize(
    "line",
    ["", "1.0\t+\tF\t/\ud800\\0040", "1.0\t+\tF", "1.0\t?\tF\t/a", "x\t+\tF\t/a", "1.0\tR\tF\t/a"],
)
def test_anything_else_is_an_error(line: str) -> None:
    with pytest.raises(ParseError):
        zfsdiff.change(line)


def test_tree_counts_what_is_below() -> None:
    top = tree(changes(recorded()).value, "/usr/local/jails/db01/")
    assert (top.added, top.removed, top.changed, top.total) == (2, 1, 2, 5)
    assert [one.name for one in top.sorted()] == ["etc", "root"]
    etc = top.below["etc"]
    assert etc.change is not None
    assert etc.change.sign == "M"
    assert (etc.added, etc.removed, etc.changed) == (1, 1, 0)
    assert [one.name for one in etc.sorted()] == ["motd.template", "rc.conf"]


def test_what_lies_elsewhere_and_the_top_itself() -> None:
    found = [Change("M", "/", "/jails/db01/"), Change("+", "F", "/jails/db011/a")]
    top = tree(found, "/jails/db01")
    assert top.change == found[0]
    assert list(top.below) == ["jails"]
