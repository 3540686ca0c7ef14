"""Jails with volumes, bookmarks and encryption keys: done, and undone without a trace."""

from __future__ import annotations

import pytest

from jailer_core.operations.jails.requests import Clone, Destroy, TrashRestore
from jailer_core.operations.snapshots.requests import SnapshotAuto, SnapshotTake
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Request
from jailer_core.simulator.comparison import dump
from jailer_core.simulator.kernel.machine import Fault
from tests.core.changing.workbench import Bench

DB01 = "zroot/jails/db01"
NOW = 1795655131


def bench() -> Bench:
    """The jail db01 with a file system, a volume and a bookmark below."""
    made = Bench()
    made.hook("", "db01")
    for argv in (
        ("create", f"{DB01}/data"),
        ("create", "-V", "8M", f"{DB01}/vol"),
        ("snapshot", "-r", f"{DB01}@mine"),
        ("bookmark", f"{DB01}/data@mine", "#kept"),
        ("set", "jailer:keep=hourly=1", DB01),
    ):
        made.run_now("zfs", *argv)
    return made


def volume_snapshots(host: Bench) -> list[str]:
    return [snapshot.name for snapshot in host.machine.state.datasets[f"{DB01}/vol"].snapshots]


@pytest.mark.parametrize(
    "request_",
    [Destroy("db01", "S1"), SnapshotTake("db01", "x")],
    ids=lambda request: type(request).__name__,
)
async def test_an_undo_leaves_nothing_of_it(request_: Request) -> None:
    host = bench()
    before = dump(host.machine)["datasets"]
    assert (await host.do(request_)).ok
    assert dump(host.machine)["datasets"] != before
    assert (await host.do(UndoChange(host.journal()[-1], "S2"))).ok
    after = dump(host.machine)["datasets"]
    after.pop("zroot/jails/.trash", None)
    assert after == before


async def test_a_clone_that_fails_leaves_no_snapshot_of_a_volume() -> None:
    host = bench()
    before = dump(host.machine)
    clone = f"{DB01}/data@clone-S1"
    host.machine.faults.append(
        Fault("fail", lambda argv: argv[:2] == ("zfs", "clone") and clone in argv)
    )
    assert not (await host.do(Clone("db01", "db02", stamp="S1", start=False))).ok
    assert dump(host.machine) == before


async def test_a_policy_leaves_no_snapshots_of_volumes() -> None:
    """They would pile up: what a policy removes are snapshots of file systems."""
    host = bench()
    for hour in range(3):
        host.machine.state.now = NOW + hour * 3600
        assert (await host.do(SnapshotAuto(int(host.machine.state.now)))).ok
    assert volume_snapshots(host) == ["mine"]
    assert len(host.machine.state.datasets[f"{DB01}/data"].snapshots) == 2


async def test_a_locked_dataset_comes_back_locked_or_says_what_is_missing() -> None:
    host = Bench()
    create = "zfs create -o encryption=on -o keyformat=passphrase"
    host.run_now("sh", "-c", f"echo secretsecret | {create} {DB01}")
    text = 'db01 { path = "/usr/local/jails/db01"; ip4 = inherit; persist; }\n'
    host.write("/etc/jail.conf.d/db01.conf", text)
    assert (await host.do(Destroy("db01", "S1"))).ok
    host.run_now("zfs", "unload-key", "zroot/jails/.trash/db01-S1")
    before = dump(host.machine)
    outcome = await host.do(TrashRestore("db01-S1"))
    assert not outcome.ok
    assert "encryption key not loaded" in outcome.message
    assert outcome.hint.endswith(f"zfs load-key {DB01}")
    assert dump(host.machine) == before
