"""Bookmarks and permissions, as recording 14 shows them."""

from __future__ import annotations

from jailer_core.model import CommandResult, Inventory
from jailer_core.operations.snapshots import dataset_properties as loose
from tests.core.changing.hosts import dataset, inventory, snapshot

TOP = "zroot/jails/db01"
ALLOWED = f"""\
---- Permissions on {TOP} ---------------------------------
Local+Descendent permissions:
	user joe create,mount
---- Permissions on zroot/jails ---------------------------
Local permissions:
	user ann snapshot
"""


def host(bookmarks: str = "", allowed: str = "") -> Inventory:
    answers = {
        loose.bookmarks_ask(TOP): CommandResult(0, bookmarks, ""),
        loose.allow_ask(TOP): CommandResult(0, allowed, ""),
    }
    return inventory(datasets=(dataset(TOP), dataset(f"{TOP}/data")), command_results=answers)


def test_nothing_is_said_of_nothing() -> None:
    assert loose.bookmark_notes(host(), (dataset(TOP),)) == []
    assert loose.bookmark_notes(inventory(), (dataset(TOP),)) == []


def test_bookmarks_are_named() -> None:
    found = host(f"{TOP}#old\t5\n{TOP}#new\t50\n{TOP}/data#x\t60\n")
    (note,) = loose.bookmark_notes(found, (dataset(TOP),))
    assert note == f"Bookmarks stay in the trash: {TOP}#old, {TOP}#new."
    chosen = snapshot(f"{TOP}@prod", 10)
    assert loose.newer_bookmarks(found, TOP, chosen) == (f"{TOP}#new",)


def test_only_permissions_of_the_dataset_itself_count() -> None:
    (note,) = loose.bookmark_notes(host(allowed=ALLOWED), (dataset(TOP),))
    assert note.endswith(f"too: {TOP}.")
    above = ALLOWED.replace(f"on {TOP} ", "on zroot ")
    assert loose.bookmark_notes(host(allowed=above), (dataset(TOP),)) == []
