"""Packages are upgraded with a snapshot before, and a way back when the jail fails after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut, JailRun, RunStatus
from jailer_core.facts import Reader
from jailer_core.operations.in_jail.requests import Packages
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.scenarios import busy
from jailer_core.simulator.tools import pkg

ROOT = "/usr/local/jails"
STAMP = "20261126T120000"
SNAPSHOT = f"before-pkg-{STAMP}"
UPGRADE = Packages(("app0", "app1", "www0"), "upgrade", snapshot=True, stamp=STAMP)


@pytest.fixture
def host() -> SimulatedHost:
    machine = busy.build()
    pkg.repository(machine, nginx="1.28")
    for name in UPGRADE.names:
        machine.files.mkdir(f"{ROOT}/{name}/var/db/pkg", parents=True)
        machine.files.write(f"{ROOT}/{name}/var/db/pkg/local.sqlite", b"nginx 1.26\n")
    return SimulatedHost(machine)


async def ran(host: SimulatedHost, request: Packages) -> dict[str, JailRun]:
    reader = Reader(host)
    many = FanOut(reader, await prepare(reader, request))
    await many.run()
    return {turn.name: turn for turn in many.turns}


def health(host: SimulatedHost, name: str, command: str) -> None:
    argv = ("zfs", "set", f"jailer:health={command}", f"zroot/jails/{name}")
    assert host.machine.now_run(argv).status == 0


def packages(host: SimulatedHost, name: str) -> bytes:
    return host.machine.files.read(f"{ROOT}/{name}/var/db/pkg/local.sqlite")


def snapshots(host: SimulatedHost, name: str) -> list[str]:
    return [one.name for one in host.machine.state.datasets[f"zroot/jails/{name}"].snapshots]


async def test_a_jail_that_no_longer_works_is_rolled_back(host: SimulatedHost) -> None:
    health(host, "app0", "false")
    health(host, "app1", "true")
    found = await ran(host, UPGRADE)
    assert [found[name].run_status for name in UPGRADE.names] == [
        RunStatus.FAILED,
        RunStatus.DONE,
        RunStatus.DONE,
    ], [found[name].message for name in UPGRADE.names]
    assert found["app0"].message == (
        f"its health command failed (exit status 1): rolled back to @{SNAPSHOT}"
    )
    assert [found[name].snapshot for name in UPGRADE.names] == ["", SNAPSHOT, SNAPSHOT]
    assert packages(host, "app0") == b"nginx 1.26\n"
    assert packages(host, "app1") == b"nginx 1.28\n"
    assert all(SNAPSHOT in snapshots(host, name) for name in UPGRADE.names)
    inventory = await Reader(host).gather()
    assert [jail.running for jail in inventory.jails if jail.name in UPGRADE.names] == [True] * 3


async def test_the_rest_is_left_out_after_a_failure(host: SimulatedHost) -> None:
    health(host, "app0", "false")
    found = await ran(host, replaced(at_once=1, stop=True))
    assert [found[name].run_status for name in UPGRADE.names] == [
        RunStatus.FAILED,
        RunStatus.LEFT_OUT,
        RunStatus.LEFT_OUT,
    ]
    assert packages(host, "www0") == b"nginx 1.26\n"


async def test_nothing_is_upgraded_without_the_snapshot(host: SimulatedHost) -> None:
    argv = ("zfs", "snapshot", f"zroot/jails/app0@{SNAPSHOT}")
    assert host.machine.now_run(argv).status == 0
    found = await ran(host, UPGRADE)
    assert found["app0"].run_status is RunStatus.FAILED
    assert "no snapshot could be taken" in found["app0"].message
    assert packages(host, "app0") == b"nginx 1.26\n"


async def test_a_failed_upgrade_is_left_for_the_administrator_to_roll_back(
    host: SimulatedHost,
) -> None:
    """It may be the network, and a roll back stops the jail: that is not done unasked."""
    fault = Fault("fail", lambda argv: argv[:1] == ("pkg",) and "upgrade" in argv, times=1)
    host.machine.faults.append(fault)
    found = await ran(host, replaced(at_once=1))
    assert (found["app0"].run_status, found["app0"].snapshot) == (RunStatus.FAILED, SNAPSHOT)
    assert SNAPSHOT in snapshots(host, "app0")
    assert found["app1"].good


async def test_what_only_looks_needs_no_snapshot(host: SimulatedHost) -> None:
    found = await ran(host, replaced(words=("-n",)))
    assert "nginx: 1.26 -> 1.28" in found["app0"].output.text(error=False)
    assert snapshots(host, "app0") == []


def replaced(**values: object) -> Packages:
    return replace(UPGRADE, **values)  # type: ignore[arg-type]
