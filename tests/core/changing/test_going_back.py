"""Going back and forth: the whole host compared, by what ZFS says of it afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.operations.jails.requests import Clone, Destroy
from jailer_core.operations.snapshots.requests import (
    Rollback,
    SnapshotDestroy,
    SnapshotTake,
    UndoRollback,
)
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Run
from jailer_core.simulator.comparison import dump
from tests.core.changing.workbench import Bench
from tests.core.parse.commands import commands

DB01, IMAGE = "zroot/jails/db01", "zroot/jails/image/15.1-RELEASE@base"
ENTRY = "zroot/jails/.trash/db01-S1"
LIE = f"a\tb\n{DB01}\tquota\t1\tlocal\n"


def bench() -> Bench:
    """A jail that is a clone of the image, with children of all kinds and clones of its own."""
    one = Bench()
    one.hook("", "db01")
    for name, options in (
        ("data", ()),
        ("own", ("-o", "mountpoint=/srv/db01")),
        ("quiet", ("-o", "canmount=noauto")),
    ):
        one.run_now("zfs", "create", *options, f"{DB01}/{name}")
    one.run_now("zfs", "set", "quota=500M", "atime=off", f"jailer:note={LIE}", DB01)
    one.run_now("zfs", "set", "refquota=100M", f"{DB01}/data")
    one.run_now("zfs", "clone", IMAGE, "zroot/jails/sister")
    one.run_now("zfs", "snapshot", "-r", f"{DB01}@old")
    one.run_now("zfs", "snapshot", "-r", f"{DB01}@prod")
    one.run_now("touch", "/usr/local/jails/db01/newer", "/srv/db01/newer")
    one.run_now("zfs", "create", f"{DB01}/late")
    one.run_now("zfs", "snapshot", "-r", f"{DB01}@later")
    for name in ("old", "prod", "later"):
        one.run_now("zfs", "clone", f"{DB01}@{name}", f"zroot/jails/of-{name}")
    return one


def outside(found: dict[str, Any]) -> dict[str, Any]:
    """All datasets but the jail's, the trash's and our own."""
    away = (DB01, "zroot/jails/.trash", "zroot/jails/.jailer-tui")
    return {name: one for name, one in found["datasets"].items() if not name.startswith(away)}


def origins(found: dict[str, Any]) -> dict[str, str]:
    return {name: one["origin"] for name, one in found["datasets"].items()}


def of_jail(found: dict[str, Any], what: str) -> dict[str, Any]:
    return {name: one[what] for name, one in found["datasets"].items() if name.startswith(DB01)}


async def test_nothing_outside_and_nothing_set_inside_is_lost() -> None:
    host = bench()
    before = dump(host.machine)
    done = await host.do(Rollback("db01", "prod", "S1"))
    assert done.ok, done
    after = dump(host.machine)
    # clones of the snapshot and of older ones keep their origin; that of newer ones is in the trash
    moved = {"zroot/jails/of-later": f"{ENTRY}@later"}
    expected = {
        name: one | {"origin": moved.get(name, one["origin"])}
        for name, one in outside(before).items()
    }
    assert outside(after) == expected
    assert origins(after)[DB01] == IMAGE
    assert of_jail(after, "properties") == of_jail(before, "properties")
    assert after["mounts"] == before["mounts"]
    files = before["datasets"][DB01]["snapshots"]["prod"]["files"]
    assert after["datasets"][DB01]["files"] == files | {"late": "dir 755 0:0"}
    assert after["datasets"][f"{DB01}/late"] == before["datasets"][f"{DB01}/late"]
    # guids: what went back has its snapshots, the trash what is newer, none is lost
    for name in (DB01, f"{DB01}/data", f"{DB01}/own", f"{DB01}/quiet"):
        then = before["datasets"][name]["snapshots"]
        now = after["datasets"][name]["snapshots"]
        entry = after["datasets"][ENTRY + name[len(DB01) :]]
        assert list(now) == [one for one in then if one != "later"]
        assert now | entry["snapshots"] == then
        assert entry["guid"] == before["datasets"][name]["guid"]


async def test_a_second_promote_would_be_seen() -> None:
    """Done again, it steals the image's snapshot: what the test above compares must differ."""
    host = bench()
    before = origins(dump(host.machine))
    assert (await host.do(Rollback("db01", "prod", "S1"))).ok
    assert origins(dump(host.machine))["zroot/jails/sister"] == before["zroot/jails/sister"]
    host.run_now("zfs", "promote", DB01)
    assert origins(dump(host.machine))["zroot/jails/sister"] == f"{DB01}@base"


async def test_each_dataset_is_promoted_exactly_once() -> None:
    plan = await prepare(bench().reader, Rollback("db01", "prod", "S1"))
    commands = [step.action.argv for step in plan.steps if isinstance(step.action, Run)]
    promoted = [argv[-1] for argv in commands if argv[:2] == ("zfs", "promote")]
    assert promoted == [DB01, f"{DB01}/data", f"{DB01}/own", f"{DB01}/quiet"]


async def test_there_and_back() -> None:
    host = bench()
    before = dump(host.machine)
    assert (await host.do(Rollback("db01", "prod", "S1"))).ok
    host.run_now("touch", "/usr/local/jails/db01/after")
    done = await host.do(UndoRollback("db01", "S2"))
    assert done.ok, done
    after = dump(host.machine)
    trash = "zroot/jails/.trash"
    kept = {name: one for name, one in after["datasets"].items() if name.startswith(trash)}
    assert {name for name in kept if name.startswith(f"{trash}/db01-S1")} == set()
    assert f"{trash}/db01-S2" in kept
    assert "after" in kept[f"{trash}/db01-S2"]["files"]
    rest = {name: one for name, one in after["datasets"].items() if name not in kept}
    assert rest == before["datasets"]
    assert after["mounts"] == before["mounts"]
    # what was gone back to can be destroyed now, and nothing depends on it (recording 11)
    host.run_now("zfs", "destroy", "-r", f"{trash}/db01-S2")
    assert origins(dump(host.machine)) == origins(before) | {trash: ""}


async def test_back_and_forth_again_and_again() -> None:
    host = bench()
    before = dump(host.machine)
    for round_ in range(3):
        assert (await host.do(Rollback("db01", "prod", f"2026A{round_}0"))).ok
        assert (await host.do(UndoRollback("db01", f"2026A{round_}1"))).ok
    after = dump(host.machine)
    assert outside(after) == outside(before)
    assert of_jail(after, "guid") == of_jail(before, "guid")
    assert of_jail(after, "origin") == of_jail(before, "origin")


async def test_back_twice_and_forward_twice() -> None:
    host = bench()
    before = dump(host.machine)
    assert (await host.do(Rollback("db01", "prod", "S1"))).ok
    assert (await host.do(Rollback("db01", "old", "S2"))).ok
    assert outside(dump(host.machine)).keys() == outside(before).keys()
    assert (await host.do(UndoRollback("db01-S2", "T1"))).ok
    assert (await host.do(UndoRollback("db01-S1", "T2"))).ok
    after = dump(host.machine)
    assert outside(after) == outside(before)
    assert of_jail(after, "guid") == of_jail(before, "guid")
    assert of_jail(after, "origin") == of_jail(before, "origin")


async def test_it_is_not_guessed_what_is_set() -> None:
    """The answer of one of the questions is not there: refused."""
    host = bench()
    found = await host.reader.gather()
    from jailer_core.operations.registry import decide  # noqa: PLC0415 - only here

    with pytest.raises(Refused):
        decide(found, Rollback("db01", "prod", "S1"))


async def test_many_snapshots_are_not_asked_for_one_by_one() -> None:
    host = Bench()
    names = tuple(f"zroot/jails/app0@n{number}" for number in range(40))
    host.run_now("zfs", "snapshot", names[0])
    for name in names[1:]:
        host.run_now("zfs", "snapshot", name)
    plan = await prepare(host.reader, SnapshotDestroy(names))
    before = len(host.host.log)
    assert (await host.carry_out(plan)).ok
    asked = [argv for argv in list(host.host.log)[before:] if argv[:2] == ("zfs", "get")]
    assert len(asked) <= 3


async def test_undone_from_the_journal_it_loses_nothing_either() -> None:
    host = bench()
    before = dump(host.machine)
    assert (await host.do(Rollback("db01", "prod", "S1"))).ok
    host.run_now("touch", "/usr/local/jails/db01/after")
    (entry,) = await host.host.listdir("/var/db/jailer-tui/journal")
    done = await host.do(UndoChange(entry.removesuffix(".jsonl"), "S2"))
    assert done.ok, done
    after = dump(host.machine)
    assert of_jail(after, "origin") == of_jail(before, "origin")
    assert of_jail(after, "guid") == of_jail(before, "guid")
    assert "after" in after["datasets"]["zroot/jails/.trash/db01-S2"]["files"]


async def test_the_undo_is_about_the_jail_that_went_back_then() -> None:
    """Not about another one that went back in the same second, nor one that has its name now."""
    host = Bench()
    for name in ("db01", "db02"):
        host.hook("", name)
        host.run_now("zfs", "snapshot", f"zroot/jails/{name}@old")
        assert (await host.do(Rollback(name, "old", "S1"))).ok
    first, second = host.journal()
    plan = await prepare(host.reader, UndoChange(second, "S2"))
    assert plan.jail == "db02"
    assert "db01" not in " ".join(str(step.action) for step in plan.steps)
    assert (await host.do(Destroy("db01", "S3"))).ok
    assert (await host.do(Clone("db02", "db01", stamp="S4"))).ok
    with pytest.raises(Refused, match="db01 has another dataset by now"):
        await prepare(host.reader, UndoChange(first, "S5"))


async def journalled(host: Bench) -> str:
    return (await host.host.listdir("/var/db/jailer-tui/journal"))[-1].removesuffix(".jsonl")


async def test_undoing_a_snapshot_destroys_that_one_and_no_other() -> None:
    host = bench()
    assert (await host.do(SnapshotTake("db01", "x"))).ok
    entry = await journalled(host)
    host.machine.state.now += 3600
    host.run_now("zfs", "destroy", "-r", f"{DB01}@x")
    with pytest.raises(Refused, match="no longer exists"):
        await host.do(UndoChange(entry, "S2"))
    host.run_now("zfs", "snapshot", "-r", f"{DB01}@x")
    with pytest.raises(Refused, match="is not the snapshot"):
        await host.do(UndoChange(entry, "S2"))


async def test_undoing_a_snapshot() -> None:
    host = bench()
    before = dump(host.machine)
    assert (await host.do(SnapshotTake("db01", "x"))).ok
    assert (await host.do(UndoChange(await journalled(host), "S2"))).ok
    assert dump(host.machine) == before


def recorded(first: int, last: int) -> list[tuple[str, ...]]:
    """What recording 11 ran between two of its lines: all that changes something."""
    found = [one for one in commands() if one.where.startswith("11:")]
    chosen = [one for one in found if first <= int(one.where[3:]) <= last]
    return [
        tuple(one.argv) for one in chosen if one.argv[1] in ("rename", "clone", "promote", "mount")
    ]


async def test_the_commands_are_those_of_recording_11() -> None:
    host = Bench()
    host.hook("", "db02")
    host.run_now("zfs", "create", "zroot/jails/db02/data")
    host.run_now("zfs", "snapshot", "-r", "zroot/jails/db02@prod")
    host.run_now(
        "zfs", "create", "-o", "mountpoint=none", "-o", "canmount=off", "zroot/jails/.trash"
    )
    for request, lines in (
        (Rollback("db02", "prod", "S1"), (10, 15)),
        (UndoRollback("db02", "S2"), (20, 28)),
    ):
        done = await host.do(request)
        ran = [step.action.argv for step in done.plan.steps if isinstance(step.action, Run)]
        changing = [argv for argv in ran if argv[:2] not in (("zfs", "create"), ("chmod", "0700"))]
        assert changing == recorded(*lines)
