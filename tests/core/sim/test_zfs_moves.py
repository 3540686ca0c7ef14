"""ZFS of the simulated host: what moves, what cannot, going back, and copies."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimJail, SimProcess
from tests.core.sim.storage import IMAGE, furnished, names, number, ok, refused, run, value

TRASH = "tank/jails/.trash"


@pytest.fixture
def host() -> Machine:
    return furnished()


# --- moving -----------------------------------------------------------------------------------


def test_moving_aside_and_back_keeps_identity_and_leaves_it_unmounted(host: Machine) -> None:
    guid = value(host, "tank/jails/web", "guid")
    ok(host, f"zfs create -o mountpoint=none -o canmount=off {TRASH}")
    ok(host, f"zfs rename tank/jails/web {TRASH}/web-1")
    assert value(host, f"{TRASH}/web-1", "guid") == guid
    assert ok(host, f"zfs get -Hp -o value mounted,mountpoint {TRASH}/web-1") == "no\nnone\n"
    assert "web" not in ok(host, "ls /jails")
    ok(host, f"zfs rename {TRASH}/web-1 tank/jails/web")
    assert ok(host, "zfs get -Hp -o value mounted,mountpoint tank/jails/web") == "no\n/jails/web\n"
    ok(host, "zfs mount tank/jails/web")
    assert "bin\n" in ok(host, "ls /jails/web")
    refused(
        host,
        "zfs mount tank/jails/web",
        "cannot mount 'tank/jails/web': filesystem already mounted\n",
    )


def test_a_renamed_dataset_moves_with_its_children_and_its_clones_follow(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data", "zfs snapshot tank/jails/web@a")
    ok(host, "zfs clone tank/jails/web@a tank/jails/copy")
    ok(host, "zfs rename tank/jails/web tank/jails/shop")
    assert value(host, "tank/jails/copy", "origin") == "tank/jails/shop@a"
    mounted = ok(host, "zfs mount")
    assert "/jails/shop/data\n" in mounted
    assert "/jails/web" not in mounted


def test_a_child_with_a_place_of_its_own_stays_mounted_there(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data", "zfs set mountpoint=/elsewhere tank/jails/web/data")
    ok(host, f"zfs create -o mountpoint=none -o canmount=off {TRASH}")
    ok(host, f"zfs rename tank/jails/web {TRASH}/web-1")
    name = f"{TRASH}/web-1/data"
    assert ok(host, f"zfs get -Hp -o value mounted,mountpoint {name}") == "yes\n/elsewhere\n"


def test_renaming_without_unmounting(host: Machine) -> None:
    ok(host, f"zfs create -o mountpoint=none -o canmount=off {TRASH}")
    ok(host, f"zfs rename -u tank/jails/web {TRASH}/web-1")
    assert ok(host, f"zfs get -Hp -o value mounted,mountpoint {TRASH}/web-1") == "yes\nnone\n"
    assert f"{TRASH}/web-1" in ok(host, "mount -p")


BUSY = "cannot unmount '/jails/web': pool or dataset is busy\n"


@pytest.mark.parametrize("holder", ["process", "jail", "devfs", "dying", "nullfs"])
@pytest.mark.parametrize(
    "line",
    [
        "zfs rename tank/jails/web tank/jails/x",
        "zfs destroy -r tank/jails/web",
        "zfs unmount tank/jails/web",
        "zfs set mountpoint=/y tank/jails/web",
    ],
)
def test_what_is_held_cannot_go(host: Machine, holder: str, line: str) -> None:
    state = host.state
    if holder == "process":
        state.processes[7] = SimProcess(7, 1, 0, "sleep 60", cwd="/jails/web/root")
    elif holder == "devfs":
        ok(host, "mount -t devfs -oruleset=4 . /jails/web/dev")
    elif holder == "nullfs":
        ok(host, "mkdir /other", "mount -t nullfs /jails/web/usr /other")
    else:
        state.jails[3] = SimJail(3, "web", "/jails/web", dying=holder == "dying")
    refused(host, line, BUSY)


def test_a_jail_elsewhere_holds_nothing(host: Machine) -> None:
    host.state.jails[3] = SimJail(3, "web2", "/jails/web2")
    host.state.processes[7] = SimProcess(7, 1, 0, "sleep 60", cwd="/jails")
    ok(host, "zfs rename tank/jails/web tank/jails/x")


def test_unmounting_by_force_leaves_the_process_nowhere(host: Machine) -> None:
    host.state.processes[7] = SimProcess(7, 1, 0, "sleep 60", cwd="/jails/web/root")
    assert "sleep" in ok(host, "fstat -f /jails/web")
    ok(host, "zfs unmount -f tank/jails/web", "zfs mount tank/jails/web")
    assert "sleep" not in ok(host, "fstat -f /jails/web")
    ok(host, "zfs rename tank/jails/web tank/jails/x")


# --- going back -------------------------------------------------------------------------------


def test_promote_once_and_twice(host: Machine) -> None:
    ok(host, "zfs snapshot tank/jails/web@prod", "zfs clone tank/jails/web@prod tank/jails/new")
    ok(host, f"zfs clone {IMAGE}@base tank/jails/third")
    guid = value(host, "tank/jails/web@prod", "guid")
    ok(host, "zfs promote tank/jails/new")
    assert value(host, "tank/jails/web", "origin") == "tank/jails/new@prod"
    assert value(host, "tank/jails/new", "origin") == f"{IMAGE}@base"
    assert value(host, "tank/jails/new@prod", "guid") == guid
    ok(host, "zfs promote tank/jails/new")
    assert value(host, "tank/jails/new", "origin") == "-"
    assert value(host, IMAGE, "origin") == "tank/jails/new@base"
    assert value(host, "tank/jails/third", "origin") == "tank/jails/new@base"
    order = ok(host, "zfs list -H -o name -t snapshot tank/jails/new").splitlines()
    assert order == ["tank/jails/new@base", "tank/jails/new@prod"]


def test_promoting_moves_the_bytes_too(host: Machine) -> None:
    total = number(host, "tank", "used")
    size = number(host, IMAGE, "used")
    ok(host, "zfs promote tank/jails/web")
    assert number(host, "tank/jails/web", "used") == size
    assert abs(number(host, "tank", "used") - total) <= 24576


def test_rollback_goes_back_under_a_running_jail(host: Machine) -> None:
    ok(host, "zfs snapshot tank/jails/web@a", "touch /jails/web/later")
    host.state.jails[3] = SimJail(3, "web", "/jails/web")
    ok(host, "zfs rollback tank/jails/web@a")
    assert run(host, "ls /jails/web/later").status == 1
    assert "bin\n" in ok(host, "ls /jails/web")


def test_rollback_over_newer_snapshots_wants_r_and_spares_children(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data")
    for one in "ab":
        ok(host, f"zfs snapshot -r tank/jails/web@{one}")
    refused(
        host,
        "zfs rollback tank/jails/web@a",
        "cannot rollback to 'tank/jails/web@a': more recent snapshots or bookmarks exist\n"
        "use '-r' to force deletion of the following snapshots and bookmarks:\ntank/jails/web@b\n",
    )
    ok(host, "zfs rollback -r tank/jails/web@a")
    assert "tank/jails/web@b" not in names(host)
    assert "tank/jails/web/data@b" in names(host)


def test_a_snapshot_does_not_see_later_changes(host: Machine) -> None:
    ok(host, "zfs snapshot tank/jails/web@a", "touch /jails/web/new", "rm /jails/web/COPYRIGHT")
    changed = [line.split("\t") for line in ok(host, "zfs diff -FH tank/jails/web@a").splitlines()]
    assert changed == [
        ["M", "/", "/jails/web/"],
        ["+", "F", "/jails/web/new"],
        ["-", "F", "/jails/web/COPYRIGHT"],
    ]


def test_recursive_snapshots_are_all_or_none(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data", "zfs snapshot tank/jails/web/data@a")
    refused(
        host,
        "zfs snapshot -r tank/jails/web@a",
        "cannot create snapshot 'tank/jails/web/data@a': dataset already exists\n"
        "no snapshots were created\n",
    )


# --- streams ----------------------------------------------------------------------------------


def test_a_received_copy_has_the_snapshot_but_no_origin(host: Machine) -> None:
    stream = ok(host, f"zfs send {IMAGE}@base")
    assert run(host, "zfs recv tank/jails/thick", stdin=stream).status == 0
    assert value(host, "tank/jails/thick", "origin") == "-"
    assert value(host, "tank/jails/thick@base", "guid") == value(host, f"{IMAGE}@base", "guid")
    assert number(host, "tank/jails/thick", "used") == number(host, IMAGE, "used")
    again = run(host, "zfs recv tank/jails/thick", stdin=stream)
    assert again.status == 1
    assert "destination 'tank/jails/thick' exists" in again.stderr


def test_increments_continue_where_the_copy_ends(host: Machine) -> None:
    ok(host, "zfs snapshot tank/jails/web@a")
    full = ok(host, "zfs send tank/jails/web@a")
    ok(host, "touch /jails/web/more", "zfs snapshot tank/jails/web@b")
    increment = ok(host, "zfs send -i @a tank/jails/web@b")
    assert ok(host, "zfs send -nvP -i a tank/jails/web@b").startswith("incremental\ta\ttank/")
    assert run(host, "zfs recv -u tank/copy", stdin=full).status == 0
    assert run(host, "zfs recv tank/copy", stdin=increment).status == 0
    assert run(host, "zfs recv tank/copy", stdin=increment).status == 1
    assert value(host, "tank/copy", "mounted") == "no"
    ok(host, "zfs mount tank/copy", "ls /tank/copy/more")


def test_force_takes_what_is_mounted_inside_along(host: Machine) -> None:
    ok(host, "mount -t devfs -oruleset=4 . /jails/web/dev", "zfs unmount -f tank/jails/web")
    assert "/jails/web" not in ok(host, "mount -p")
