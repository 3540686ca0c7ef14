"""The hosts of plan cases with their plans, each made once."""

from __future__ import annotations

import asyncio
from functools import cache

from jailer_core.execution import prepare
from jailer_core.facts import Reader
from jailer_core.journal import make_folders
from jailer_core.model import Inventory
from jailer_core.plan import (
    Plan,
)
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump
from tests.core.changing.plancases import with_steps
from tests.mould import Mould

PLACES = ("/var/db/jailer-tui", "/usr/local/jails/.jailer-tui")


@cache
def prepared(case_id: str) -> tuple[Mould, Plan, Inventory, dict[str, object]]:
    """The case's host with our directories made, the plan, what was read, and the whole state."""
    (case,) = [case for case in with_steps() if case.id == case_id]
    machine = case.machine()
    host = case.host(machine)

    async def read() -> tuple[Plan, Inventory]:
        reader = Reader(host)
        plan = await prepare(reader, case.request)
        inventory = await reader.gather(quick=True)
        await make_folders(host, inventory.layout.state)
        return plan, inventory

    plan, inventory = asyncio.run(read())
    return Mould(machine), plan, inventory, everything(machine)


def everything(machine: Machine) -> dict[str, object]:
    """The dump, and what it leaves out: our own dataset and the files that we keep."""
    files = machine.files
    kept: dict[str, str] = {}
    for place in PLACES:
        for folder in ("kept", "running", "revert"):
            if files.is_dir(f"{place}/{folder}"):
                for path in files.walk(f"{place}/{folder}"):
                    node = files.get(path)
                    kept[path] = f"{node.kind} {node.mode:o} {node.uid} {node.data!r}"
    return dump(machine) | {"kept": kept, "names": dict.fromkeys(machine.state.datasets, "")}
