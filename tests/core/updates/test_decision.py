"""The decision about each file when a jail moves to another base."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

from hypothesis import given, settings, strategies as st

from jailer_core.facts.three_trees import Told, gather
from jailer_core.host import Host
from jailer_core.model.trees import EntryKind, ThreeTrees, TreeEntry, TreesQuestion, equal
from jailer_core.operations.updates.decision import (
    Clash,
    Conflict,
    Decision,
    Outcome,
    Settlement,
    Source,
    decide,
)
from tests.core.updates.drawn import DIR, file, trees
from tests.core.updates.plain import Memory, Whole, applied, is_tree, reference

QUESTION = TreesQuestion("old", "jail", "new")


def looked(memory: Memory, told: Told | None) -> ThreeTrees:
    return asyncio.run(gather(cast("Host", memory), QUESTION, told))


def read(old: Whole, jail: Whole, new: Whole, changed: set[str] | None = None) -> ThreeTrees:
    memory = Memory({"old": old, "jail": jail, "new": new})
    return looked(memory, None if changed is None else Told(changed))


CHOICES = st.sampled_from([None, Settlement(ours=True), Settlement(ours=False)])


@settings(max_examples=120, deadline=None)
@given(trees(), CHOICES)
def test_the_same_as_over_all_files(
    three: tuple[Whole, Whole, Whole], choice: Settlement | None
) -> None:
    old, jail, new = three
    decision = decide(read(old, jail, new), {"": choice} if choice is not None else {})
    expected, conflicts = reference(old, jail, new, choice)
    result = applied(new, decision)
    unequal = {
        path for path in {*result, *expected} if not equal(result.get(path), expected.get(path))
    }
    assert unequal == set()  # a link's mode may be another one: it means nothing
    assert {conflict.path for conflict in decision.conflicts} == conflicts
    assert is_tree(result)


@settings(max_examples=50, deadline=None)
@given(trees(), CHOICES)
def test_what_zfs_tells_is_enough(
    three: tuple[Whole, Whole, Whole], choice: Settlement | None
) -> None:
    old, jail, new = three
    told = {path for path in {*old, *jail} if old.get(path) != jail.get(path)}
    settle = {"": choice} if choice is not None else {}
    assert decide(read(old, jail, new, told), settle) == decide(read(old, jail, new), settle)


@settings(max_examples=50, deadline=None)
@given(trees())
def test_moving_again_changes_nothing(three: tuple[Whole, Whole, Whole]) -> None:
    old, jail, new = three
    ours = {"": Settlement(ours=True)}
    result = applied(new, decide(read(old, jail, new), ours))
    assert applied(new, decide(read(new, result, new), ours)) == result


@settings(max_examples=30, deadline=None)
@given(trees())
def test_without_changes_the_new_base_is_all(three: tuple[Whole, Whole, Whole]) -> None:
    old, _, new = three
    assert decide(read(old, old, new), {}) == Decision()


def test_memory_is_bounded_by_what_the_jail_changed() -> None:
    old = {f"d{number}": DIR for number in range(10)}
    old |= {f"d{number % 10}/f{number}": file(f"{number}\n") for number in range(3000)}
    jail = old | {"d1/f1": file("mine\n"), "d2/new": file("new\n")}
    new = {path: replace(entry, mode=0o600) for path, entry in old.items()}
    memory = Memory({"old": old, "jail": jail, "new": new})
    found = looked(memory, Told({"d1/f1", "d2/new", "d1"}))
    assert found.changed == {"d1/f1", "d2/new"}
    assert len(found.old) + len(found.jail) + len(found.new) < 15
    assert memory.seen < 30


def test_all_names_of_a_changed_hard_link_count() -> None:
    """`zfs diff` tells one name of a file (recording 14)."""
    linked = {path: replace(file("1"), inode=7, links=2) for path in ("a", "b")}
    changed = {path: replace(file("2"), inode=7, links=2) for path in ("a", "b")}
    found = read(linked, changed, linked, {"a"})
    assert found.changed == {"a", "b"}
    alone = {"a": replace(file("1"), inode=8), "b": replace(file("1"), inode=9)}
    assert read(linked, alone | {"b": file("3")}, linked, {"a"}).changed == {"b"}


def test_what_is_in_a_renamed_directory_counts() -> None:
    """`zfs diff` tells the directory alone (recording 14)."""
    old: Whole = {"d": DIR, "d/x": file("x"), "d/y": file("y")}
    jail: Whole = {"e": DIR, "e/x": file("x"), "e/y": file("y")}
    memory = Memory({"old": old, "jail": jail, "new": old})
    told = Told({"d", "e"}, {"d"}, {"e"})
    found = looked(memory, told)
    assert found.changed == {*old, *jail}
    assert applied(old, decide(found, {})) == jail


# --- single rules ----------------------------------------------------------------------------


def three(sides: list[Whole]) -> tuple[Whole, Whole, Whole]:
    old, jail, new = sides
    return old, jail, new


def decided(old: TreeEntry | None, jail: TreeEntry | None, new: TreeEntry | None) -> Decision:
    sides: list[Whole] = [
        {"etc": DIR} | ({"etc/x": entry} if entry is not None else {}) for entry in (old, jail, new)
    ]
    return decide(read(*three(sides)), {})


def test_text_is_merged() -> None:
    lines = ["1\n", "2\n", "3\n", "4\n", "5\n"]
    jail, new = ["0\n", *lines], [*lines, "6\n"]
    found = decided(*(file("".join(text), size=9) for text in (lines, jail, new)))
    assert found.outcomes["etc/x"].text == "".join(["0\n", *lines, "6\n"])
    assert found.conflicts == []


def test_text_that_cannot_be_merged_is_a_conflict_with_both_versions() -> None:
    found = decided(file("1\n"), file("2\n"), file("3\n"))
    (conflict,) = found.conflicts
    assert (conflict.path, conflict.clash) == ("etc/x", Clash.BOTH_CHANGED)
    assert conflict.text is not None
    assert conflict.text.splitlines()[1::2] == ["2", "1", "3"]


def test_what_the_jail_deleted_and_the_base_changed() -> None:
    assert decided(file("1"), None, file("2")).conflicts == [Conflict("etc/x", Clash.DELETED)]
    assert decided(file("1"), file("2"), None).conflicts == [Conflict("etc/x", Clash.DROPPED)]
    assert decided(file("1"), None, file("1")).outcomes == {"etc/x": Outcome(None, Source.JAIL)}


def test_a_directory_that_the_jail_made_a_file_of_takes_everything_with_it() -> None:
    old: Whole = {"d": DIR, "d/x": file("1")}
    new: Whole = {"d": DIR, "d/x": file("2"), "d/y": file("y")}
    found = decide(read(old, {"d": file("mine")}, new), {})
    assert applied(new, found) == {"d": file("mine")}
    assert found.conflicts == []


def test_a_setuid_bit_that_was_removed_stays_removed() -> None:
    found = decided(file("1", mode=0o4555), file("1", mode=0o555), file("2", mode=0o4555))
    assert found.outcomes["etc/x"] == Outcome(file("2", mode=0o555), Source.NEW)


def test_accounts_belong_together_by_name() -> None:
    old = "root:*:0:0\nnobody:*:65534:65534\n"
    mine, theirs = f"{old}web:*:1001:1001\n", "root:*:0:0\nntpd:*:123:123\nnobody:*:65534:65534\n"
    sides: list[Whole] = [
        {"etc": DIR, "etc/master.passwd": file(text)} for text in (old, mine, theirs)
    ]
    found = decide(read(*three(sides)), {})
    text = found.outcomes["etc/master.passwd"].text
    assert text.splitlines() == [*theirs.splitlines(), "web:*:1001:1001"]
    assert found.rebuild == {"etc/master.passwd"}


def test_nothing_is_rebuilt_through_a_link() -> None:
    """The host's own programs rebuild: a link would lead them out of the jail."""
    link = TreeEntry(EntryKind.LINK, target="/etc")
    base: Whole = {"etc": DIR, "etc/master.passwd": file("root:\n")}
    for jail in (
        {"etc": link},
        {"etc": DIR, "etc/master.passwd": TreeEntry(EntryKind.LINK, target="/etc/master.passwd")},
    ):
        assert decide(read(base, jail, base), {"": Settlement()}).rebuild == frozenset()
    planted = base | {
        "etc/master.passwd": file("root:x\n"),
        "etc/pwd.db.tmp": link,
        "etc/pwd.db": link,
    }
    found = decide(read(base, planted, base), {})
    assert found.rebuild == {"etc/master.passwd"}
    assert "etc/pwd.db" not in applied(base, found)
    assert "etc/pwd.db.tmp" not in applied(base, found)


def test_a_text_of_the_user_settles_a_conflict() -> None:
    sides: list[Whole] = [{"x": file(text)} for text in ("1\n", "2\n", "3\n")]
    found = decide(read(*three(sides)), {"x": Settlement(text="4\n")})
    assert (found.conflicts, found.outcomes["x"].text) == ([], "4\n")


def test_a_directory_settles_what_is_below_it() -> None:
    sides: list[Whole] = [{"r": DIR, "r/x": file(text)} for text in ("1", "2", "3")]
    found = decide(read(*three(sides)), {"r": Settlement(ours=False)})
    assert (found.conflicts, found.outcomes) == ([], {})
