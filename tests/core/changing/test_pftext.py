"""pf.conf as text: where lines go, and that nothing else changes."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given, strategies as st

from jailer_core.operations.setup.pftext import (
    ANCHORS,
    missing_anchors,
    nat_covers,
    nat_line,
    statements,
    with_translation,
)
from jailer_core.simulator.pf import rules

NET = IPv4Network("10.0.0.0/24")
LINES = (
    "# a comment",
    "",
    'ext = "vtnet0"',
    "set skip on lo0",
    "scrub in all",
    "table <bad> persist { 192.0.2.1,\n  192.0.2.2 }",
    "nat on vtnet0 inet from 192.0.2.0/24 to any -> (vtnet0:0)",
    "rdr pass on vtnet0 inet proto tcp from any to any port 80 -> 192.0.2.9 port 80",
    'nat-anchor "other/*"',
    "block in all",
    "pass out all",
    "pass in \\\n  proto tcp",
)
KINDS = ("set", "scrub", "nat", "rdr", "nat-anchor", "rdr-anchor", "block", "pass")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "A\n"),
        ("set skip on lo0", "set skip on lo0\nA\n"),
        ("set skip on lo0\n", "set skip on lo0\nA\n"),
        ("pass\n", "A\npass\n"),
        ("# x\npass\n", "# x\nA\npass\n"),
        ("nat on e from any to any -> e\npass\n", "nat on e from any to any -> e\nA\npass\n"),
        ("no nat on e\n\n# later\nblock\n", "no nat on e\nA\n\n# later\nblock\n"),
        ("nat on e \\\n from any\npass\n", "nat on e \\\n from any\nA\npass\n"),
        ("table <a> {\n nat,\n b }\npass", "table <a> {\n nat,\n b }\nA\npass"),
        ('anchor "x" {\n pass\n}\n', 'A\nanchor "x" {\n pass\n}\n'),
    ],
)
def test_where_it_goes(text: str, wanted: str) -> None:
    assert with_translation(text, ["A"]) == wanted


@given(st.lists(st.sampled_from(LINES)), st.booleans())
def test_only_lines_are_added_and_once(lines: list[str], ends: bool) -> None:
    text = "\n".join(lines) + ("\n" if ends and lines else "")
    new = with_translation(text, missing_anchors(text))
    kept = [line for line in new.split("\n") if line not in ANCHORS]
    assert "\n".join(kept).rstrip("\n") == text.rstrip("\n")
    assert missing_anchors(new) == ()
    assert [new.count(one) for one in ANCHORS] == [1, 1]


@given(st.lists(st.sampled_from(LINES)))
def test_in_pf_order_when_it_was(lines: list[str]) -> None:
    """A file with options, then translation, then filters keeps that order."""
    rank = {"set": 0, "scrub": 1, "nat": 2, "rdr": 2, "nat-anchor": 2, "rdr-anchor": 2}
    ordered = sorted(lines, key=lambda one: rank.get(one.split(" ")[0].strip(), -1) % 4)
    text = "\n".join(ordered) + "\n"
    new = with_translation(text, missing_anchors(text))
    seen = [rank.get(one.word, 3) for one in statements(new) if one.word in KINDS]
    assert seen == sorted(seen)
    rules.parse(new, "new")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (nat_line("vtnet0", NET), True),
        ("nat on em0 from any to any -> (em0)", True),
        ("nat on em0 from 10.0.0.0/8 to any -> (em0)", True),
        ("nat on em0 from bridge0:network to any -> (em0)", True),
        ("nat on em0 from { 10.1.0.0/24, 10.0.0.0/24 } to any -> (em0)", True),
        ("nat pass on em0 inet from 10.0.0.0/24 to any -> (em0)", True),
        ('net = "10.0.0.0/24"\nnat on em0 from $net to any -> (em0)', True),
        ("# nat on em0 from any to any -> (em0)", False),
        ("nat on em0 from 10.0.0.11 to any -> (em0)", False),
        ("nat on em0 from 10.0.1.0/24 to any -> (em0)", False),
        ("no nat on em0 from 10.0.0.0/24 to any", False),
        ("", False),
    ],
)
def test_nat_covers(text: str, wanted: bool) -> None:
    assert nat_covers(text, NET) is wanted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('nat-anchor "jailer/*"\nrdr-anchor "jailer/*"', 0),
        ("nat-anchor jailer/*\nrdr-anchor jailer/*", 0),
        ('nat-anchor "jailer"\n', 1),
        ('# nat-anchor "jailer/*"', 2),
        ('nat-anchor "jailers/*"', 2),
        ('rdr-anchor "jailer/*" # ours', 1),
    ],
)
def test_anchors_there(text: str, count: int) -> None:
    assert len(missing_anchors(text)) == count
