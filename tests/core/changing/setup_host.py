"""A simulated host that is set up, and the results of its checks."""

from __future__ import annotations

import asyncio

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.model import Inventory
from jailer_core.operations.setup.checkup import checkup
from jailer_core.operations.setup.plan_builder import Check
from jailer_core.plan import Needs, Plan, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.plancases import PLANS, Case


class Host:
    """A simulated host, what the doctor says of it, and requests to it."""

    def __init__(self, scenario: str, *tweaks: object) -> None:
        case = Case(PLANS / "x" / "x.json", {"scenario": scenario, "tweaks": list(tweaks)})
        self.machine: Machine = case.machine()
        self.reader = Reader(SimulatedHost(self.machine))

    def look(self) -> Inventory:
        return asyncio.run(self.reader.gather(Needs(setup=True)))

    def checks(self) -> dict[str, Check]:
        return {one.id: one for one in checkup(self.look())}

    def do(self, request: Request) -> Plan:
        async def carry_out() -> Plan:
            plan = await prepare(self.reader, request)
            done = await execute(self.reader, plan, lambda _: None, asyncio.Event(), pause=0)
            assert done.ok, done
            return plan

        return asyncio.run(carry_out())
