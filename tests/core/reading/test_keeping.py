"""A refresh does not lose what a form had asked for."""

from __future__ import annotations

from dataclasses import fields

from jailer_core.model import Inventory
from jailer_core.model.host_state import _ANSWERS, _ON_DEMAND
from jailer_core.model.network import Firewall
from tests.core.changing.hosts import snapshot

FULL, LISTED = Firewall(main=()), Firewall()


def test_what_was_asked_for_before_is_kept() -> None:
    old = Inventory(
        snapshots=(snapshot("zroot/jails/web@a", 1),),
        properties=(),
        holders=(),
        file_texts={"/etc/hosts": "old", "/etc/resolv.conf": "old"},
        firewall=FULL,
    )
    fresh = Inventory(snapshots=(), file_texts={"/etc/hosts": "new"}, firewall=LISTED, taken=9.0)
    kept = fresh.keeping(old)
    assert kept.snapshots == ()
    assert kept.properties == ()
    assert kept.holders == ()
    assert kept.file_texts == {"/etc/hosts": "new", "/etc/resolv.conf": "old"}
    assert kept.firewall is FULL
    assert kept.taken == 9.0


def test_rules_that_were_read_again_are_the_new_ones() -> None:
    again = Firewall(main=())
    assert Inventory(firewall=again).keeping(Inventory(firewall=FULL)).firewall is again
    assert Inventory(firewall=LISTED).keeping(Inventory()).firewall is LISTED


def test_all_of_these_are_parts_of_an_inventory() -> None:
    assert {field.name for field in fields(Inventory)} >= {*_ON_DEMAND, *_ANSWERS}
