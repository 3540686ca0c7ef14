"""ZFS of the simulated host: the rules of freebsd.md, whatever things are called."""

from __future__ import annotations

import copy
import json

import pytest

from jailer_core.host.simulated.kernel import Machine
from jailer_core.host.simulated.state import SimJail, SimProcess
from tests.core.sim.storage import fresh, ok, run

IMAGE = "tank/jails/image/15.1-RELEASE"
DEPENDENT = "use '-R' to destroy the following datasets:\ntank/jails/web\n"
TRASH = "tank/jails/.trash"


@pytest.fixture
def host() -> Machine:
    machine = fresh("tank")
    ok(
        machine,
        "zfs create -o mountpoint=/jails tank/jails",
        f"zfs create -p {IMAGE}",
        "fetch -o /tmp/base.txz http://10.0.2.2:8000/releases/amd64/15.1-RELEASE/base.txz",
        "tar -xf /tmp/base.txz -C /jails/image/15.1-RELEASE",
        f"zfs snapshot {IMAGE}@base",
        f"zfs clone {IMAGE}@base tank/jails/web",
    )
    return machine


def value(machine: Machine, name: str, prop: str) -> str:
    return ok(machine, f"zfs get -Hp -o value {prop} {name}").rstrip("\n")


def number(machine: Machine, name: str, prop: str) -> int:
    return int(value(machine, name, prop))


def names(machine: Machine, kind: str = "all") -> list[str]:
    return ok(machine, f"zfs list -H -o name -t {kind}").split("\n")[:-1]


def refused(machine: Machine, line: str, message: str, status: int = 1, user: str = "root") -> None:
    """The command fails in these words and changes nothing."""
    before = copy.deepcopy(machine.state)
    done = run(machine, line, user=user)
    assert (done.status, done.stderr) == (status, message)
    assert machine.state == before


# --- making and destroying --------------------------------------------------------------------


def test_a_clone_shows_its_origins_files_and_costs_nothing(host: Machine) -> None:
    assert value(host, "tank/jails/web", "origin") == f"{IMAGE}@base"
    assert number(host, "tank/jails/web", "used") == 0
    assert number(host, "tank/jails/web", "referenced") == number(host, IMAGE, "referenced")
    assert "bin\n" in ok(host, "ls /jails/web")


def test_writing_to_a_clone_costs_there_only(host: Machine) -> None:
    before = number(host, IMAGE, "used")
    ok(host, "dd if=/dev/random of=/jails/web/fill bs=1m count=3")
    assert number(host, "tank/jails/web", "used") == 3 << 20
    assert number(host, IMAGE, "used") == before


def test_parents_use_what_their_children_use(host: Machine) -> None:
    ok(host, "dd if=/dev/random of=/jails/web/fill bs=1m count=3", "zfs snapshot tank/jails/web@a")
    ok(host, "rm /jails/web/fill")
    children = ["tank/jails/image", "tank/jails/web"]
    own = number(host, "tank/jails", "usedbydataset")
    assert number(host, "tank/jails", "used") == own + sum(
        number(host, child, "used") for child in children
    )
    assert number(host, "tank/jails/web@a", "used") == 3 << 20
    assert number(host, "tank/jails/web", "usedbysnapshots") == 3 << 20
    assert number(host, "tank/jails/web", "usedbydataset") == 0


def test_the_pool_has_as_much_less_as_is_used(host: Machine) -> None:
    free = number(host, "tank", "available")
    ok(host, "dd if=/dev/random of=/jails/web/fill bs=1m count=5")
    assert number(host, "tank", "available") == free - (5 << 20)
    assert ok(host, "zpool list -Hp -o allocated").strip() == value(host, "tank", "used")


def test_a_quota_limits_what_can_be_written(host: Machine) -> None:
    ok(host, "zfs set quota=10M tank/jails/web")
    assert number(host, "tank/jails/web", "available") == 10 << 20
    done = run(host, "dd if=/dev/random of=/jails/web/fill bs=1m count=20")
    assert done.status == 1
    assert done.stderr.startswith("dd: /jails/web/fill: Disc quota exceeded\n")
    assert number(host, "tank/jails/web", "available") == 0


@pytest.mark.parametrize(
    ("line", "message", "status"),
    [
        ("zfs create tank/jails", "cannot create 'tank/jails': dataset already exists\n", 1),
        ("zfs create no/x", "cannot create 'no/x': no such pool 'no'\n", 1),
        ("zfs create tank/a/b", "cannot create 'tank/a/b': parent does not exist\n", 1),
        ("zfs clone tank/x@y tank/z", "cannot open 'tank/x@y': dataset does not exist\n", 1),
        ("zfs set x=1 tank", "cannot set property for 'tank': invalid property 'x'\n", 255),
        (
            "zfs set quota=1K tank/jails",
            (
                "cannot set property for 'tank/jails': "
                "size is less than current used or reserved space\n"
            ),
            255,
        ),
        ("zfs destroy tank/x", "cannot open 'tank/x': dataset does not exist\n", 1),
        (
            "zfs destroy tank/jails/web@x",
            "could not find any snapshots to destroy; check snapshot names.\n",
            1,
        ),
        (
            f"zfs destroy -r {IMAGE}",
            f"cannot destroy '{IMAGE}': filesystem has dependent clones\n" + DEPENDENT,
            1,
        ),
        (
            f"zfs destroy {IMAGE}@base",
            f"cannot destroy '{IMAGE}@base': snapshot has dependent clones\n" + DEPENDENT,
            1,
        ),
        ("zfs rename tank/x tank/y", "cannot open 'tank/x': dataset does not exist\n", 1),
        (
            "zfs rename tank/jails/web tank/jails/image",
            "cannot rename 'tank/jails/web': dataset already exists\n",
            1,
        ),
    ],
)
def test_refusals_change_nothing(host: Machine, line: str, message: str, status: int) -> None:
    refused(host, line, message, status)


@pytest.mark.parametrize(
    "line",
    [
        "zfs create tank/x",
        "zfs destroy -r tank/jails/web",
        "zfs snapshot tank/jails/web@x",
        "zfs rename tank/jails/web tank/jails/x",
        "zfs promote tank/jails/web",
        "zfs set quota=1G tank/jails/web",
        "zfs unmount tank/jails/web",
        f"zfs clone {IMAGE}@base tank/jails/x",
    ],
)
def test_an_ordinary_user_changes_nothing(host: Machine, line: str) -> None:
    before = copy.deepcopy(host.state)
    done = run(host, line, user="guest1")
    assert done.status == 1
    assert done.stderr.endswith("permission denied\n")
    assert host.state == before


def test_destroying_everything_names_each_thing_once(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data", "zfs snapshot -r tank/jails/web@a")
    listed = ok(host, "zfs destroy -nvpr tank/jails/web").splitlines()
    assert listed == [
        "destroy\ttank/jails/web/data@a",
        "destroy\ttank/jails/web/data",
        "destroy\ttank/jails/web@a",
        "destroy\ttank/jails/web",
    ]
    assert "tank/jails/web@a" in names(host)
    ok(host, "zfs destroy -R tank/jails/image")
    assert names(host) == ["tank", "tank/jails"]
    assert ok(host, "ls /jails") == ""


@pytest.mark.parametrize(
    ("spec", "left"),
    [
        ("a", ["b", "c", "d"]),
        ("b%c", ["a", "d"]),
        ("%b", ["c", "d"]),
        ("c%", ["a", "b"]),
        ("a,c", ["b", "d"]),
        ("%", []),
    ],
)
def test_ranges_of_snapshots(host: Machine, spec: str, left: list[str]) -> None:
    for one in "abcd":
        ok(host, f"zfs snapshot tank/jails/web@{one}")
    said = ok(host, f"zfs destroy -vp tank/jails/web@{spec}").splitlines()
    assert said[-1] == "reclaim\t0"
    found = ok(host, "zfs list -H -o name -t snapshot tank/jails/web").splitlines()
    assert found == [f"tank/jails/web@{one}" for one in left]


def test_a_held_snapshot_stays(host: Machine) -> None:
    ok(host, "zfs snapshot tank/jails/web@a", "zfs hold keep tank/jails/web@a")
    refused(
        host,
        "zfs destroy tank/jails/web@a",
        "cannot destroy snapshot tank/jails/web@a: it's being held. "
        "Run 'zfs holds -r tank/jails/web@a' to see holders.\n",
    )
    assert value(host, "tank/jails/web@a", "userrefs") == "1"
    ok(host, "zfs release keep tank/jails/web@a", "zfs destroy tank/jails/web@a")


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


# --- properties and listings ------------------------------------------------------------------


def test_where_values_come_from(host: Machine) -> None:
    ok(host, "zfs set app:note=hello tank/jails", "zfs set atime=off tank/jails/web")
    rows = ok(
        host, "zfs get -H -o property,value,source app:note,atime,mountpoint,quota tank/jails/web"
    )
    assert [row.split("\t") for row in rows.splitlines()] == [
        ["app:note", "hello", "inherited from tank/jails"],
        ["atime", "off", "local"],
        ["mountpoint", "/jails/web", "inherited from tank/jails"],
        ["quota", "none", "default"],
    ]
    local = ok(host, "zfs get -Hp -o name,property -s local,received all tank/jails tank/jails/web")
    assert local == "tank/jails\tmountpoint\ntank/jails\tapp:note\ntank/jails/web\tatime\n"
    assert "rw,noatime,nfsv4acls" in ok(host, "mount -p")
    ok(host, "zfs inherit atime tank/jails/web")
    assert value(host, "tank/jails/web", "atime") == "on"


def test_a_clone_does_not_take_what_was_set_on_its_origin(host: Machine) -> None:
    ok(host, f"zfs set quota=1G {IMAGE}", f"zfs set app:note=x {IMAGE}")
    ok(host, f"zfs clone {IMAGE}@base tank/jails/b")
    assert ok(host, "zfs get -Hp -o value quota,app:note tank/jails/b") == "0\n-\n"


def test_changed_mount_points_are_mounted_at_once(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data", "zfs unmount tank/jails/web")
    ok(host, "zfs set mountpoint=/srv tank/jails/web")
    assert "/srv/data\n" in ok(host, "zfs mount")
    ok(host, "zfs inherit mountpoint tank/jails/web")
    assert "/jails/web/data\n" in ok(host, "zfs mount")


def test_listings_sort_by_name_with_snapshots_by_age(host: Machine) -> None:
    ok(host, "zfs create tank/jails/web/data", "zfs create tank/jails/web-2")
    ok(host, "zfs snapshot -r tank/jails/web@z", "zfs snapshot tank/jails/web@a")
    done = run(host, "zfs list -H -o name -t all -r tank/jails/web-2 tank/nosuch tank/jails/web")
    assert done.status == 1
    assert done.stderr == "cannot open 'tank/nosuch': dataset does not exist\n"
    assert done.stdout.splitlines() == [
        "tank/jails/web",
        "tank/jails/web@z",
        "tank/jails/web@a",
        "tank/jails/web-2",
        "tank/jails/web/data",
        "tank/jails/web/data@z",
    ]
    assert names(host, "snapshot")[0] == f"{IMAGE}@base"
    top = ok(host, "zfs list -H -o name -d 1 tank/jails").splitlines()
    assert top == ["tank/jails", "tank/jails/image", "tank/jails/web", "tank/jails/web-2"]


def test_columns_for_people(host: Machine) -> None:
    table = ok(host, "zfs list -o name,used,mountpoint tank tank/jails/web").splitlines()
    assert table[0] == "NAME             USED  MOUNTPOINT"
    assert table[2] == "tank/jails/web     0B  /jails/web"
    assert ok(host, "zpool list -H -o name,size,health") == "tank\t11.5G\tONLINE\n"


def test_json_with_numbers_and_without(host: Machine) -> None:
    for flags, kind in (("-j --json-int", int), ("-j -p", str), ("-j", str)):
        found = json.loads(ok(host, f"zfs list {flags} -o name,used,mountpoint tank"))
        used = found["datasets"]["tank"]["properties"]["used"]["value"]
        assert type(used) is kind
        assert isinstance(found["datasets"]["tank"]["createtxg"], kind)
    got = json.loads(ok(host, "zfs get -j --json-int mountpoint tank/jails/web"))
    mountpoint = got["datasets"]["tank/jails/web"]["properties"]["mountpoint"]
    assert mountpoint["source"] == {"type": "INHERITED", "data": "tank/jails"}


def test_wrong_words_end_with_status_2(host: Machine) -> None:
    for line in ("zfs list -Q", "zfs clone", "zfs nosuch", "zpool nosuch", "zfs list -o nosuch"):
        assert run(host, line).status == 2


def test_pools_come_and_go(host: Machine) -> None:
    ok(host, "zpool create -m /data -O atime=off data vtbd2", "zfs create data/x")
    assert names(host, "filesystem")[:2] == ["data", "data/x"]
    assert value(host, "data/x", "mountpoint") == "/data/x"
    refused(host, "zpool destroy nosuch", "cannot open 'nosuch': no such pool\n")
    ok(host, "zpool destroy data")
    assert names(host)[0] == "tank"
    assert "/data" not in ok(host, "mount -p")


def test_force_takes_what_is_mounted_inside_along(host: Machine) -> None:
    ok(host, "mount -t devfs -oruleset=4 . /jails/web/dev", "zfs unmount -f tank/jails/web")
    assert "/jails/web" not in ok(host, "mount -p")


def test_a_pool_is_not_destroyed_as_a_dataset(host: Machine) -> None:
    for line in ("zfs destroy tank", "zfs rename tank tank2/x"):
        before = copy.deepcopy(host.state)
        assert run(host, line).status == 1
        assert host.state == before
    ok(host, "zfs destroy -r tank")
    assert names(host) == ["tank"]
