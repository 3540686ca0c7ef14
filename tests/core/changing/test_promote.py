"""Setting clones free: each promoted at most once, nothing taken from the image."""

from __future__ import annotations

import pytest

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory
from jailer_core.operations.shared import clones as depend
from jailer_core.plan import OriginIs, Run
from tests.core.changing.hosts import dataset, inventory, snapshot

IMAGE = "zroot/jails/image/15.1-RELEASE"
T = "zroot/jails/.trash/db01-S"


def host(*clones: tuple[str, str], snaps: tuple[str, ...] = ()) -> Inventory:
    datasets = [dataset("zroot"), dataset(IMAGE), dataset(T, f"{IMAGE}@base")]
    datasets += [dataset(name, origin) for name, origin in clones]
    listed = [snapshot(f"{IMAGE}@base", 1)]
    listed += [snapshot(full, 10 + index) for index, full in enumerate(snaps)]
    return inventory(datasets=tuple(datasets), snapshots=tuple(listed))


def promoted(host: Inventory) -> list[str]:
    steps, _ = depend.promotes(host, entry(host), "db01")
    return [step.action.argv[-1] for step in steps if isinstance(step.action, Run)]


def entry(host: Inventory) -> tuple[Dataset, ...]:
    return host.below(T)


def test_nothing_depends() -> None:
    assert promoted(host(("zroot/jails/app0", f"{IMAGE}@base"))) == []


def test_the_clone_of_the_newest_takes_the_older_snapshots_along() -> None:
    found = host(
        ("zroot/jails/a", f"{T}@one"),
        ("zroot/jails/b", f"{T}@two"),
        snaps=(f"{T}@one", f"{T}@two"),
    )
    assert promoted(found) == ["zroot/jails/b"]


def test_two_clones_of_one_snapshot_need_one_promote() -> None:
    found = host(("zroot/jails/a", f"{T}@one"), ("zroot/jails/b", f"{T}@one"), snaps=(f"{T}@one",))
    assert len(promoted(found)) == 1


def test_children_are_promoted_for_themselves() -> None:
    found = host(
        (f"{T}/data", ""),
        ("zroot/jails/db01", f"{T}@prod"),
        ("zroot/jails/db01/data", f"{T}/data@prod"),
        snaps=(f"{T}@prod", f"{T}/data@prod"),
    )
    assert sorted(promoted(found)) == ["zroot/jails/db01", "zroot/jails/db01/data"]


def test_no_promote_goes_one_origin_further() -> None:
    """Recording 05: the second one took @base from the image."""
    found = host(("zroot/jails/db01", f"{T}@prod"), snaps=(f"{T}@prod",))
    steps, _ = depend.promotes(found, entry(found), "db01")
    assert [step.postconditions for step in steps] == [(OriginIs(T, "zroot/jails/db01@prod"),)]
    (undo,) = steps[0].undo
    assert undo.action == Run(("zfs", "promote", T))
    assert undo.done_when == (OriginIs("zroot/jails/db01", f"{T}@prod"),)


def test_snapshots_of_one_name_clash() -> None:
    found = host(("zroot/jails/a", f"{T}@two"), snaps=(f"{T}@one", f"{T}@two", "zroot/jails/a@one"))
    with pytest.raises(Refused, match="both have a snapshot one"):
        promoted(found)


def test_held_snapshots_are_named() -> None:
    found = host(snaps=())
    held = inventory(datasets=found.datasets, snapshots=(snapshot(f"{T}@kept", 3, holds=1),))
    with pytest.raises(Refused, match="kept is held"):
        depend.nothing(held, entry(held), "")
