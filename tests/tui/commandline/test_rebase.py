"""`rebase`: conflicts by options, and what happens to the rest after a failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, busy
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]
ROOT = "/usr/local/jails"
OURS, THEIRS = b"*.*\t/var/log/all.log\n", b"*.err;daemon.err;kern.warning"


@pytest.fixture
def machine() -> Machine:
    """db01 has changed a file that the new image has otherwise."""
    machine = busy.build()
    base.image(machine, "zroot/jails", "14.3-RELEASE", "-p2")
    machine.files.write(f"{ROOT}/db01/etc/syslog.conf", OURS)
    return machine


def syslog(machine: Machine) -> bytes:
    return machine.files.read(f"{ROOT}/db01/etc/syslog.conf")


def test_conflicts_are_listed_for_programs(machine: Machine, on: On) -> None:
    ran = on(machine, "rebase", "--conflicts", "-j", "db01", "app0", "--to", "14.3")
    (conflict,) = ran.json
    assert (ran.status, conflict["name"], conflict["path"]) == (1, "db01", "/etc/syslog.conf")
    assert "<<<<<<< jail" in conflict["text"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--ours", "/etc/syslog.conf"), OURS),
        (("--ours", "/"), OURS),
        (("--theirs", "/", "--ours", "/etc"), OURS),
        (("--theirs", "/etc"), THEIRS),
    ],
)
def test_a_conflict_is_settled(
    machine: Machine, on: On, words: tuple[str, ...], text: bytes
) -> None:
    ran = on(machine, "rebase", "-y", "db01", "--to", "14.3", *words)
    assert ran.status == 0, ran.err
    assert syslog(machine).startswith(text)


def test_a_file_of_the_user_settles_it(machine: Machine, on: On, tmp_path: Path) -> None:
    (tmp_path / "merged").write_text("*.*\t/var/log/merged\n")
    merge = f"/etc/syslog.conf={tmp_path}/merged"
    ran = on(machine, "rebase", "-y", "db01", "--to", "14.3", "--merge", merge)
    assert ran.status == 0, ran.err
    assert syslog(machine) == b"*.*\t/var/log/merged\n"


@pytest.mark.parametrize("merge", ["etc/x", "=file", "etc/x=", "etc/x=/nonexistent/file"])
def test_what_is_no_merge_is_refused(machine: Machine, on: On, merge: str) -> None:
    ran = on(machine, "rebase", "-y", "db01", "--to", "14.3", "--merge", merge)
    assert ran.status != 0
    assert syslog(machine) == OURS


def test_the_rest_goes_on_after_a_failure_or_not(machine: Machine, on: On) -> None:
    ran = on(machine, "rebase", "-y", "--stop-on-failure", "db01", "app1", "--to", "14.3")
    assert ran.status == 1
    assert "app1: not started: an earlier one failed" in ran.err
    ran = on(machine, "rebase", "-y", "db01", "app1", "--to", "14.3")
    assert ran.status == 1
    assert machine.state.datasets["zroot/jails/app1"].origin.endswith("14.3-RELEASE@base")


def test_packages_of_another_release_are_replaced_afterwards(machine: Machine, on: On) -> None:
    machine.files.mkdir(f"{ROOT}/app0/var/db/pkg", parents=True)
    machine.files.write(f"{ROOT}/app0/var/db/pkg/local.sqlite", b"nginx 1.26\n")
    ran = on(machine, "rebase", "-y", "app0", "app1", "--to", "14.3")
    assert ran.status == 0, ran.err
    hints = [line.strip() for line in ran.out.splitlines() if "packages" in line]
    assert hints == ["Next, replace its packages: pkg app0 --snapshot -- upgrade -f"]
    again = on(machine, "pkg", "app0", "--snapshot", "-D", "--", "upgrade", "-f")
    assert "upgrade -y -f" in again.out


def test_a_dataset_with_a_mount_point_of_its_own_there_and_back(machine: Machine, on: On) -> None:
    assert machine.now_run(("zfs", "set", "mountpoint=/srv/db", "zroot/jails/db01")).status == 0
    conf = "/etc/jail.conf.d/db01.conf"
    text = machine.files.read(conf).decode()
    machine.files.write(conf, text.replace('"/usr/local/jails/${name}"', '"/srv/db"').encode())

    def state() -> tuple[str, str | None, bytes]:
        dataset = machine.state.datasets["zroot/jails/db01"]
        place = machine.files.mounted("/srv/db")
        return (
            place.device if place is not None else "",
            dataset.props.get("mountpoint"),
            machine.files.read("/srv/db/bin/freebsd-version"),
        )

    device, point, old = state()
    assert (device, point) == ("zroot/jails/db01", "/srv/db")
    ran = on(machine, "rebase", "-y", "db01", "--to", "14.3", "--ours", "/")
    assert ran.status == 0, ran.err
    device, point, new = state()
    assert (device, point, b"14.3" in new) == ("zroot/jails/db01", "/srv/db", True)
    assert machine.files.read("/srv/db/etc/syslog.conf") == OURS
    assert not machine.files.exists("/srv/.rebase-db01")
    assert on(machine, "start", "db01").status == 0
    assert on(machine, "undo", "-y").status == 0
    ran = on(machine, "rollback", "--undo", "db01", "-y")
    assert ran.status == 0, ran.err
    assert state() == ("zroot/jails/db01", "/srv/db", old)
