"""What a set-up needs of the simulated host: pools on files, packages, dhcpd, its own undo."""

from __future__ import annotations

import shlex

import pytest

from jailer_core.simulator.kernel.machine import Done, Machine
from jailer_core.simulator.persist import dump, same
from jailer_core.simulator.scenarios import base, build
from jailer_core.simulator.tools import pkg

DISK = "/usr/local/disk0.img"
CONF = "/usr/local/etc/dhcpd.conf"


def run(machine: Machine, line: str) -> Done:
    return machine.now_run(shlex.split(line))


@pytest.fixture
def host() -> Machine:
    return build("fresh")


def test_a_pool_on_a_file_and_back(host: Machine) -> None:
    before = dump(host)
    assert run(host, f"truncate -s 2G {DISK}").status == 0
    assert run(host, f"stat -f %z {DISK}").stdout == "2147483648\n"
    assert run(host, f"zpool create tank {DISK}").status == 0
    size = int(run(host, "zpool list -Hp -o size tank").stdout)
    assert (1 << 30) < size < (2 << 30)
    assert "in use" in run(host, f"zpool create other {DISK}").stderr
    assert run(host, "zfs create tank/x").status == 0
    assert run(host, "zpool destroy tank").status == 0
    assert run(host, f"rm {DISK}").status == 0
    assert same(before, dump(host)) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zpool create tank /nope.img", "no such file or directory"),
        (f"zpool create tank {DISK}", "less than the minimum size"),
        (f"zpool create zroot {DISK}", "pool already exists"),
    ],
)
def test_pools_that_cannot_be(host: Machine, line: str, said: str) -> None:
    run(host, f"truncate -s 1M {DISK}")
    assert said in run(host, line).stderr


@pytest.mark.parametrize(
    ("text", "size"), [("1k", 1024), ("3M", 3 << 20), ("20G", 20 << 30), ("7", 7)]
)
def test_sizes(host: Machine, text: str, size: int) -> None:
    run(host, f"truncate -s {text} /x")
    assert host.files.get("/x").length == size


def test_packages_come_and_go(host: Machine) -> None:
    before = dump(host)
    assert run(host, "pkg info -e dhcpd").status == 1
    assert "not yet installed" in run(host, "pkg install dhcpd").stderr
    assert run(host, "pkg install -y dhcpd").status == 0
    assert run(host, "pkg info -e dhcpd").status == 0
    assert run(host, "service dhcpd onestatus").status == 1
    assert "No packages available" in run(host, "pkg install -y nope").stderr
    assert run(host, "pkg delete -y nope").status == 1
    assert run(host, "pkg delete -y dhcpd").status == 0
    assert run(host, "pkg delete -y -f pkg").status == 0
    assert same(before, dump(host)) == ()


def test_a_package_leaves_the_admins_file_alone(host: Machine) -> None:
    base.put(host, {CONF: "mine\n"})
    run(host, "pkg install -y dhcpd")
    run(host, "pkg delete -y dhcpd")
    assert host.files.read(CONF) == b"mine\n"


def test_without_a_repository_there_are_none() -> None:
    host = base.fresh()
    assert "Host does not resolve" in run(host, "pkg bootstrap -y").stderr
    pkg.repository(host)
    assert run(host, "pkg bootstrap -y").status == 0


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("subnet 10.0.0.0 netmask 255.255.255.0 {\n  range 10.0.0.2 10.0.0.9;\n}\n", 0),
        ("# nothing\n", 1),
        ("subnet 10.0.0.0 netmask 255.255.255.0 {\n  range 10.0.0.2 10.0.0.9\n}\n", 1),
        ("subnet 10.0.0.0 netmask 255.255.255.0 {\n", 1),
    ],
)
def test_dhcpd_checks_its_file(host: Machine, text: str, status: int) -> None:
    assert run(host, f"/usr/local/sbin/dhcpd -n -c {CONF} bridge0").status == 127
    base.put(host, {CONF: text})
    run(host, "pkg install -y dhcpd")
    assert run(host, f"/usr/local/sbin/dhcpd -n -c {CONF} bridge0").status == status


def test_a_daemon_that_was_restarted_is_the_same(host: Machine) -> None:
    run(host, "pkg install -y dhcpd")
    run(host, "sysrc dhcpd_enable=YES")
    run(host, "service dhcpd start")
    before = dump(host)
    assert run(host, "service dhcpd restart").status == 0
    assert same(before, dump(host)) == ()
    run(host, "service dhcpd stop")
    assert same(before, dump(host)) != ()


def test_forwarding_back_to_what_it_was(host: Machine) -> None:
    before = dump(host)
    run(host, "sysctl net.inet.ip.forwarding=1")
    assert same(before, dump(host)) != ()
    run(host, "sysctl net.inet.ip.forwarding=0")
    assert same(before, dump(host)) == ()


def test_a_list_of_pf_goes_over_lines(host: Machine) -> None:
    base.put(host, {"/etc/pf.conf": "table <x> { 192.0.2.1,\n  192.0.2.2 }\npass\n"})
    assert run(host, "pfctl -nf /etc/pf.conf").status == 0
    base.put(host, {"/etc/pf.conf": "table <x> { 192.0.2.1,\n  192.0.2.2 }\nbroken\n"})
    assert run(host, "pfctl -nf /etc/pf.conf").stderr == "/etc/pf.conf:3: syntax error\n"
