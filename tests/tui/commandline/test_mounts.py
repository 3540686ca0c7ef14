"""`mount list`, `add` and `remove` as a user types them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jailer_core.simulator.comparison import same
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump

On = Callable[..., Any]


def test_a_directory_of_the_host_read_only(on: On, small: Machine) -> None:
    small.now_run(("mkdir", "-p", "/srv/www"))
    small.files.write("/srv/www/index.html", b"hello\n")
    assert on(small, "mount", "add", "app0", "/srv/www", "/mnt/www", "--read-only").status == 0
    assert on(small, "exec", "app0", "--", "cat", "/mnt/www/index.html").out == "hello\n"
    wrote = on(small, "exec", "app0", "--", "touch", "/mnt/www/x")
    assert (wrote.status, "Read-only file system" in wrote.err) == (1, True)
    assert on(small, "undo", "-y").status == 1  # the last change is what ran in the jail
    assert on(small, "mount", "remove", "app0", "/mnt/www").status == 0
    assert small.files.listdir("/usr/local/jails/app0/mnt/www") == []


def test_a_mount_outlives_a_restart(on: On, small: Machine) -> None:
    small.now_run(("mkdir", "-p", "/srv/www"))
    on(small, "mount", "add", "app0", "/srv/www", "/mnt/www")
    assert on(small, "stop", "app0").status == 0
    states = {row["target"]: row["state"] for row in on(small, "mount", "-j", "app0").json}
    assert states == {"/dev": "not mounted", "/mnt/www": "not mounted"}
    assert on(small, "start", "app0").status == 0
    states = {row["target"]: row["state"] for row in on(small, "mount", "-j", "app0").json}
    assert states == {"/dev": "mounted", "/mnt/www": "mounted"}


def test_what_others_mounted_is_foreign(on: On, small: Machine) -> None:
    small.now_run(("mkdir", "-p", "/srv/www", "/usr/local/jails/app0/mnt/h"))
    small.now_run(("mount", "-t", "nullfs", "/srv/www", "/usr/local/jails/app0/mnt/h"))
    small.now_run(("zfs", "create", "zroot/jails/app0/data"))
    states = {row["target"]: row["state"] for row in on(small, "mount", "list", "-j", "app0").json}
    assert states == {"/data": "dataset", "/dev": "mounted", "/mnt/h": "foreign"}
    assert any("foreign" in line for line in on(small, "mount").lines)


def test_the_program_s_own_read_only_stays_in_front(on: On, small: Machine) -> None:
    refused = on(small, "--read-only", "mount", "add", "app0", "tmpfs", "/mnt")
    assert "--read-only is set" in refused.err


def entry(on: On, machine: Machine, word: str) -> str:
    line = next(line for line in on(machine, "activity").lines if f"-{word}-" in line)
    return str(line.split()[0])


def test_a_change_is_undone_also_after_a_restart(on: On, small: Machine) -> None:
    small.now_run(("mkdir", "-p", "/srv/www"))
    small.now_run(("zfs", "create", "-p", "zroot/data/app"))
    for words in (
        ("mount", "add", "app0", "/srv/www", "/mnt/www"),
        ("dataset", "give", "app0", "zroot/data/app"),
    ):
        assert on(small, *words).status == 0
        assert on(small, "restart", "app0").status == 0
        op = {"mount": "mount", "dataset": "give"}[words[0]]
        undone = on(small, "undo", "-y", entry(on, small, op))
        assert undone.status == 0, undone.err
    assert [row["target"] for row in on(small, "mount", "-j", "app0").json] == ["/dev"]
    assert small.now_run(
        ("zfs", "get", "-H", "-o", "value", "jailed", "zroot/data/app")
    ).stdout == ("off\n")
    assert not next(iter(small.state.jails.values())).datasets


def test_what_a_jail_mounts_of_its_dataset_goes_with_its_stop(on: On, small: Machine) -> None:
    small.now_run(("zfs", "create", "-p", "zroot/data/app"))
    on(small, "dataset", "give", "app0", "zroot/data/app", "-m", "/data")
    assert on(small, "exec", "app0", "--", "zfs", "mount", "zroot/data/app").status == 0
    assert on(small, "stop", "app0").status == 0
    assert not [mount for mount in small.state.mounts if mount.device == "zroot/data/app"]


def test_a_mount_of_a_full_directory_on_a_new_target_is_undone(on: On, small: Machine) -> None:
    """What is seen in the target is what is mounted there, and no use of the directory below."""
    small.now_run(("mkdir", "-p", "/srv/www"))
    small.files.write("/srv/www/index.html", b"hello\n")
    before = dump(small)
    assert on(small, "mount", "add", "app0", "/srv/www", "/opt/www/deep").status == 0
    undone = on(small, "undo", "-y")
    assert (undone.status, undone.err) == (0, "")
    assert not small.files.exists("/usr/local/jails/app0/opt/www")
    assert not [line for line in same(before, dump(small)) if "mount" in line]
