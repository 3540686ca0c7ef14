"""Shared by the tests of creating jails and images: run requests on simulated hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.model import Inventory
from jailer_core.plan import Event, Needs, Outcome, Plan, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import base, build

Hear = Callable[[Event], None]


def small() -> Machine:
    """The host of jailer's README, with a correct devfs ruleset."""
    machine = build("small")
    run(machine, "sysrc", "jail_enable=YES")
    rules = (
        "[jailer_vnet=61]\nadd include $devfsrules_hide_all\n"
        "add include $devfsrules_unhide_basic\nadd include $devfsrules_unhide_login\n"
        "add path 'bpf*' unhide\n"
    )
    machine.files.write("/etc/devfs.rules", rules.encode())
    run(machine, "service", "devfs", "restart")
    return machine


def bare() -> Machine:
    """A fresh host with the dataset of the jails, without an image."""
    machine = build("fresh")
    base.jails_dataset(machine, "zroot/jails")
    return machine


def run(machine: Machine, *argv: str) -> str:
    done = machine.now_run(argv)
    assert done.status == 0, (argv, done)
    return done.stdout


def read(machine: Machine, needs: Needs | None = None) -> Inventory:
    return asyncio.run(Reader(SimulatedHost(machine)).gather(needs or Needs()))


def plan_of(machine: Machine, request: Request) -> Plan:
    return asyncio.run(prepare(Reader(SimulatedHost(machine)), request))


def carry_out(machine: Machine, request: Request, hear: Hear = lambda _event: None) -> Outcome:
    async def go() -> Outcome:
        reader = Reader(SimulatedHost(machine))
        plan = await prepare(reader, request)
        return await execute(reader, plan, hear, asyncio.Event(), pause=0)

    return asyncio.run(go())
