"""Layout and images from datasets alone."""

from __future__ import annotations

from jailer_core.facts.layout import images, layout, trash
from jailer_core.model import Dataset, Layout


def dataset(name: str, mountpoint: str = "", origin: str = "", *, mounted: bool = True) -> Dataset:
    return Dataset(name, name, 1, 1, 1, mountpoint, origin, 1, mounted)


def test_before_the_set_up() -> None:
    assert layout({}, (dataset("zroot", "/zroot"),)) == Layout()
    assert layout(None, None) == Layout()
    assert trash(Layout(), (dataset("zroot/.trash/x"),), {}) == ()
    assert images(Layout(), (dataset("image/x"),), None, "") == ()


def test_jailer_dir_names_the_dataset() -> None:
    found = layout({"jailer_dir": "zfs:tank/j"}, (dataset("tank/j", "/srv/j"),))
    assert (found.dataset, found.mountpoint, found.state) == (
        "tank/j",
        "/srv/j",
        "/var/db/jailer-tui",
    )


def test_jailer_dir_is_believed_while_zfs_cannot_be_asked() -> None:
    assert layout({"jailer_dir": "zfs:tank/j"}, None).dataset == "tank/j"


def test_a_jailer_dir_that_is_gone_is_not() -> None:
    known = (dataset("tank/other"), dataset("tank/jails", "/usr/local/jails"))
    assert layout({"jailer_dir": "zfs:tank/j"}, known).dataset == "tank/jails"


def test_the_usual_mount_point_when_it_is_mounted() -> None:
    assert layout({}, (dataset("tank/x", "/usr/local/jails"),)).dataset == "tank/x"
    assert layout({}, (dataset("tank/x", "/usr/local/jails", mounted=False),)).dataset == ""


def test_the_one_that_holds_images() -> None:
    known = (
        dataset("tank/a/image/14.3-RELEASE", "/a/image/14.3-RELEASE"),
        dataset("tank/b", "/b"),
        dataset("tank/b/image/15.1-RELEASE", "/b/image/15.1-RELEASE"),
        dataset("tank/b/web", "/b/web", "tank/b/image/15.1-RELEASE@base"),
    )
    assert layout({}, known).dataset == "tank/b"
    assert layout({}, known).mountpoint == "/b"


def test_our_own_directory_counts_when_it_is_mounted() -> None:
    base = dataset("z/jails", "/usr/local/jails")
    own = dataset("z/jails/.jailer-tui", "/usr/local/jails/.jailer-tui")
    assert layout({}, (base, own)).state == "/usr/local/jails/.jailer-tui"
    apart = dataset(own.name, own.mountpoint, mounted=False)
    assert layout({}, (base, apart)).state == "/var/db/jailer-tui"


def test_images_are_only_those_directly_below() -> None:
    where = Layout("z/jails")
    known = (
        dataset("z/jails/image"),
        dataset("z/jails/image/15.1-RELEASE"),
        dataset("z/jails/image/15.1-RELEASE/deep"),
        dataset("z/jails/web", "", "z/jails/image/15.1-RELEASE@base"),
        dataset("z/jails/image/14.3-RELEASE"),
    )
    assert [
        (one.version, one.has_base, one.default) for one in images(where, known, None, "x")
    ] == [
        ("15.1-RELEASE", True, False),
        ("14.3-RELEASE", None, False),
    ]


def test_a_destroyed_jail_keeps_its_name_whatever_its_dataset_is_called() -> None:
    where = Layout("z/jails")
    known = (dataset("z/jails/.trash/disk-7-S1"), dataset("z/jails/.trash/lost-S2"))
    found = trash(where, known, {"disk-7-S1": {"name": "web 01"}})
    assert [(one.id, one.name, one.stamp) for one in found] == [
        ("disk-7-S1", "web 01", "S1"),
        ("lost-S2", "lost", "S2"),
    ]
