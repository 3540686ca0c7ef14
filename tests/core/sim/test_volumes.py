"""Volumes, bookmarks and encryption: what recording 14 shows, and that the rest says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from jailer_core.simulator import persist
from jailer_core.simulator.comparison import dump
from jailer_core.simulator.kernel.machine import Machine
from tests.core.sim.storage import fresh, names, number, ok, run, value

TYPED = "secretsecret\n"
ENCRYPTED = "zfs create -o encryption=on -o keyformat=passphrase"


@pytest.fixture
def machine() -> Machine:
    """`tank/t` with a file system, a volume, a bookmark older than a snapshot, and a locked one."""
    machine = fresh("tank")
    ok(
        machine,
        "zfs create tank/t",
        "zfs create -V 8M tank/t/vol",
        "zfs snapshot -r tank/t@x",
        "zfs bookmark tank/t@x tank/t#old",
        "zfs snapshot tank/t@y",
        "zfs bookmark tank/t@y #new",
    )
    assert run(machine, f"{ENCRYPTED} tank/t/locked", stdin=TYPED).status == 0
    ok(machine, "zfs create tank/t/locked/child")
    ok(machine, "zfs unmount tank/t/locked", "zfs unload-key tank/t/locked")
    return machine


def test_each_type_is_in_its_own_list(machine: Machine) -> None:
    assert names(machine, "volume") == ["tank/t/vol"]
    assert names(machine, "bookmark") == ["tank/t#old", "tank/t#new"]
    assert "tank/t/vol" not in names(machine, "filesystem")
    assert "tank/t/vol" in ok(machine, "zfs list -H -o name").split()
    assert names(machine, "snapshot") == ["tank/t@x", "tank/t@y", "tank/t/vol@x"]


def test_a_volume_reserves_its_space(machine: Machine) -> None:
    assert number(machine, "tank/t/vol", "volsize") == 8388608
    assert number(machine, "tank/t/vol", "used") == 10498048
    assert number(machine, "tank/t", "usedbychildren") > 10498048
    assert int(ok(machine, "zpool list -Hp -o allocated tank")) < 8388608
    assert value(machine, "tank/t", "volsize") == value(machine, "tank/t/vol", "mountpoint") == "-"


def test_a_volume_goes_where_datasets_go(machine: Machine) -> None:
    ok(machine, "zfs rename tank/t tank/u", "zfs clone tank/u/vol@x tank/copy")
    ok(machine, "zfs rollback tank/u/vol@x", "zfs promote tank/copy")
    assert names(machine, "volume") == ["tank/copy", "tank/u/vol"]
    ok(machine, "zfs destroy -r tank/u")
    assert names(machine, "volume,bookmark") == ["tank/copy"]


def test_a_rollback_takes_newer_bookmarks_along(machine: Machine) -> None:
    done = run(machine, "zfs rollback tank/t@x")
    assert done.status == 1
    assert done.stderr.endswith("and bookmarks:\ntank/t@y\ntank/t#new\n")
    ok(machine, "zfs destroy tank/t@y")
    assert run(machine, "zfs rollback tank/t@x").stderr.endswith("bookmarks:\ntank/t#new\n")
    ok(machine, "zfs rollback -r tank/t@x")
    assert names(machine, "bookmark") == ["tank/t#old"]
    ok(machine, "zfs destroy tank/t#old")
    assert names(machine, "bookmark") == []


def test_a_key_is_that_of_the_encryption_root(machine: Machine) -> None:
    child = "tank/t/locked/child"
    assert value(machine, child, "encryptionroot") == "tank/t/locked"
    assert value(machine, child, "keylocation") == "none"
    assert value(machine, child, "keystatus") == "unavailable"
    refusal = f"cannot mount '{child}': encryption key not loaded\n"
    assert run(machine, f"zfs mount {child}").stderr == refusal
    ok(machine, "zfs mount -a")
    assert value(machine, child, "mounted") == "no"
    assert run(machine, "zfs load-key tank/t/locked", stdin=TYPED).status == 0
    ok(machine, "zfs mount -a", f"zfs snapshot {child}@s", f"zfs clone {child}@s tank/copy")
    assert value(machine, child, "mounted") == "yes"
    assert value(machine, "tank/copy", "encryptionroot") == "tank/t/locked"


@pytest.mark.parametrize(
    "line",
    [
        "zfs create tank/t/vol/below",
        "zfs create -s -V 8M tank/sparse",
        "zfs create -V 8M -o compression=off tank/v",
        "zfs mount tank/t/vol",
        "zfs set volsize=16M tank/t/vol",
        "zfs send tank/t/vol@x",
        "zfs diff tank/t/vol@x",
        "zfs get all tank/t/vol",
        "zfs list -j -t bookmark -r tank/t",
        "zfs bookmark tank/t@x tank/t#old",
        "zfs destroy tank/t#nosuch",
        "zfs send -i #old tank/t@y",
        "zfs set keylocation=file:///k tank/t",
        "zfs inherit keylocation tank/t/locked",
        "zfs create -o encryption=on -o keyformat=raw tank/e",
        "zfs create tank/t/locked/new",
        "zfs unload-key tank/t/locked",
        "zfs load-key tank/t",
        "zfs rename tank/t/locked/child tank/t/child",
        "zfs change-key tank/t/locked",
        "zfs get nosuch tank",
    ],
)
def test_what_is_not_recorded_says_so(machine: Machine, line: str) -> None:
    before = dump(machine)
    done = run(machine, line)
    assert done.status != 0
    assert done.stderr.endswith("is not simulated\n")
    assert dump(machine) == before


def test_a_wrong_passphrase_is_not_guessed(machine: Machine) -> None:
    assert "not simulated" in run(machine, "zfs load-key tank/t/locked", stdin="wrong\n").stderr
    assert "not simulated" in run(machine, f"{ENCRYPTED} tank/e", stdin="short\n").stderr


def test_all_of_it_is_kept_in_a_file(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    persist.save(machine, path)
    assert persist.load(path).state == machine.state


def test_what_differs_is_seen(machine: Machine) -> None:
    """A comparison of two hosts sees a bookmark, a key and a permission that is gone."""
    before = dump(machine)
    for line in ("zfs destroy tank/t#old", "zfs allow joe mount tank/t"):
        ok(machine, line)
        after = dump(machine)
        assert after != before
        before = after
    run(machine, "zfs load-key tank/t/locked", stdin=TYPED)
    assert dump(machine) != before
