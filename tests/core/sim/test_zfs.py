"""ZFS of the simulated host: what exists, what it costs, what is told of it."""

from __future__ import annotations

import copy
import json

import pytest

from jailer_core.simulator.kernel.machine import Machine
from tests.core.sim.storage import IMAGE, furnished, names, number, ok, refused, run, value

DEPENDENT = "use '-R' to destroy the following datasets:\ntank/jails/web\n"


@pytest.fixture
def host() -> Machine:
    return furnished()


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
    for line in ("zfs list -Q", "zfs clone", "zfs nosuch", "zpool nosuch"):
        assert run(host, line).status == 2


def test_pools_come_and_go(host: Machine) -> None:
    ok(host, "zpool create -m /data -O atime=off data vtbd2", "zfs create data/x")
    assert names(host, "filesystem")[:2] == ["data", "data/x"]
    assert value(host, "data/x", "mountpoint") == "/data/x"
    refused(host, "zpool destroy nosuch", "cannot open 'nosuch': no such pool\n")
    ok(host, "zpool destroy data")
    assert names(host)[0] == "tank"
    assert "/data" not in ok(host, "mount -p")


def test_a_pool_is_not_destroyed_as_a_dataset(host: Machine) -> None:
    for line in ("zfs destroy tank", "zfs rename tank tank2/x"):
        before = copy.deepcopy(host.state)
        assert run(host, line).status == 1
        assert host.state == before
    ok(host, "zfs destroy -r tank")
    assert names(host) == ["tank"]
