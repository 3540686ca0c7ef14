"""A jail moves to another image on the simulated host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.snapshots.requests import UndoRollback
from jailer_core.operations.updates.requests import Rebase
from jailer_core.plan import BringOver, Event, Outcome, Request, StepEnded
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, busy

ROOT = "/usr/local/jails"
STAMP = "20261126T120000"


def machine_of() -> Machine:
    machine = busy.build()
    base.image(machine, "zroot/jails", "14.3-RELEASE", "-p2")
    return machine


async def carry_out(
    host: SimulatedHost, request: Request, hear: Callable[[Event], None] = lambda _event: None
) -> Outcome:
    reader = Reader(host)
    plan = await prepare(reader, request)
    return await execute(reader, plan, hear, asyncio.Event(), pause=0)


def read(machine: Machine, path: str) -> str:
    return machine.files.read(f"{ROOT}/{path}").decode()


async def test_what_the_jail_changes_meanwhile_follows() -> None:
    """The jail runs while its new state is built."""
    machine = machine_of()
    files = machine.files
    files.write(f"{ROOT}/app0/var/db/early", b"1")
    files.write(f"{ROOT}/app0/var/db/removed", b"1")
    host = SimulatedHost(machine)
    reader = Reader(host)
    plan = await prepare(reader, Rebase("app0", STAMP, "14.3"))
    first = next(i for i, step in enumerate(plan.steps) if isinstance(step.action, BringOver))

    def hear(event: Event) -> None:
        if isinstance(event, StepEnded) and event.index == first:
            files.write(f"{ROOT}/app0/var/db/late", b"2")
            files.write(f"{ROOT}/app0/var/db/early", b"2")
            files.remove(f"{ROOT}/app0/var/db/removed")
            files.remove(f"{ROOT}/app0/etc/crontab")

    outcome = await execute(reader, plan, hear, asyncio.Event(), pause=0)
    assert outcome.ok, outcome.message
    assert [read(machine, f"app0/var/db/{name}") for name in ("early", "late")] == ["2", "2"]
    assert not files.exists(f"{ROOT}/app0/var/db/removed")
    assert not files.exists(f"{ROOT}/app0/etc/crontab")
    assert files.exists(f"{ROOT}/app0/lib/libcrypto.so.30")
    jail = (await reader.gather()).jail("app0")
    assert jail is not None
    assert (jail.running, jail.userland) == (True, "14.3-RELEASE-p2")
    assert not [name for name in machine.state.datasets if ".rebase" in name]


async def test_a_conflict_that_appears_meanwhile_takes_everything_back() -> None:
    machine = machine_of()
    host = SimulatedHost(machine)
    reader = Reader(host)
    plan = await prepare(reader, Rebase("app0", STAMP, "14.3"))
    first = next(i for i, step in enumerate(plan.steps) if isinstance(step.action, BringOver))

    def hear(event: Event) -> None:
        if isinstance(event, StepEnded) and event.index == first:
            machine.files.write(f"{ROOT}/app0/etc/syslog.conf", b"*.*\t/var/log/all\n")

    outcome = await execute(reader, plan, hear, asyncio.Event(), pause=0)
    assert not outcome.ok
    assert "etc/syslog.conf" in outcome.message
    jail = (await reader.gather()).jail("app0")
    assert jail is not None
    assert (jail.running, jail.userland) == (True, "15.1-RELEASE-p1")
    assert not [name for name in machine.state.datasets if ".rebase" in name]


async def test_there_and_back_and_there_again() -> None:
    machine = machine_of()
    host = SimulatedHost(machine)
    machine.files.write(f"{ROOT}/db01/etc/mine", b"mine\n")
    tree = dict(machine.state.datasets["zroot/jails/db01"].tree)
    assert (await carry_out(host, Rebase("db01", STAMP, "14.3"))).ok
    moved = dict(machine.state.datasets["zroot/jails/db01"].tree)
    assert moved != tree
    assert (await carry_out(host, UndoRollback("db01", "20261126T130000"))).ok
    assert machine.state.datasets["zroot/jails/db01"].tree == tree
    assert (await carry_out(host, Rebase("db01", "20261126T140000", "14.3"))).ok
    assert machine.state.datasets["zroot/jails/db01"].tree.keys() == moved.keys()
    assert (await carry_out(host, Rebase("db01", "20261126T150000", "15.1"))).ok
    back = machine.state.datasets["zroot/jails/db01"].tree
    assert {path: node.data for path, node in back.items()} == {
        path: node.data for path, node in tree.items()
    }


async def test_a_jail_that_does_not_work_on_the_new_base_is_moved_back() -> None:
    machine = machine_of()
    argv = ("zfs", "set", "jailer:health=false", "zroot/jails/app0")
    assert machine.now_run(argv).status == 0
    host = SimulatedHost(machine)
    outcome = await carry_out(host, Rebase("app0", STAMP, "14.3"))
    assert not outcome.ok
    assert "does not work on its new base" in outcome.message
    jail = (await Reader(host).gather()).jail("app0")
    assert jail is not None
    assert (jail.running, jail.userland) == (True, "15.1-RELEASE-p1")
    assert not [name for name in machine.state.datasets if ".rebase" in name]
