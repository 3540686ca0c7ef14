"""Packages inside jails of the simulated host: the host's pkg, or the jail's own."""

from __future__ import annotations

import copy
from functools import cache

import pytest

from jailer_core.simulator.kernel.machine import Done, Machine
from jailer_core.simulator.scenarios import build


@cache
def _built() -> Machine:
    return build("busy")


@pytest.fixture
def host() -> Machine:
    return copy.deepcopy(_built())


def run(host: Machine, line: str) -> Done:
    return host.now_run(tuple(line.split()))


def test_the_hosts_pkg_works_in_a_jail_by_name_or_jid(host: Machine) -> None:
    assert run(host, "pkg -j 75 install -y nginx").status == 0
    assert run(host, "pkg -j www0 info").stdout == "nginx-1.28.0_3,3\n"
    assert run(host, "pkg -j app0 info").status == 1
    assert "already installed" in run(host, "pkg -j www0 install -y nginx").stdout
    assert run(host, "service -j www0 nginx onestart").stdout == "Starting nginx.\n"
    assert run(host, "pkg -j www0 delete -y nginx").status == 0
    assert run(host, "pkg -j www0 delete -y nginx").status == 1
    missing = run(host, "pkg -j www0 install -y nope")
    assert (missing.status, "No packages available" in missing.stderr) == (1, True)


def test_without_pkg_on_the_host_it_asks_as_recorded(host: Machine) -> None:
    """Recording 12."""
    host.state.packages.clear()
    done = run(host, "pkg -j www0 info")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.startswith("The package management tool is not yet installed")


def test_the_jails_own_is_fetched_first_when_that_is_wanted(host: Machine) -> None:
    before = dict(host.state.packages)
    assert run(host, "jexec www0 pkg info").status == 1
    done = run(host, "jexec www0 env ASSUME_ALWAYS_YES=yes pkg install -y redis")
    assert done.status == 0
    assert done.stdout.startswith("Bootstrapping pkg from")
    assert run(host, "jexec www0 pkg info").stdout == "pkg-2.3.1\nredis-8.2.1\n"
    assert host.state.packages == before


def test_what_is_installed_goes_back_with_a_snapshot(host: Machine) -> None:
    run(host, "zfs snapshot zroot/jails/app0@before")
    run(host, "pkg -j app0 install -y nginx")
    run(host, "zfs rollback zroot/jails/app0@before")
    assert run(host, "pkg -j app0 info").stdout == ""
