"""An undo with a failing step is reverted: the host is as before it, or the user is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import partial
from operator import eq

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import AwaitConfirmation, Plan
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.persist import dump, same
from tests.core.changing.covering import covered as covered_cases
from tests.core.changing.faulted import matches
from tests.core.changing.plancases import Case, with_steps
from tests.core.changing.reported import said
from tests.core.changing.workbench import OPPOSITES, STAMP, There
from tests.mould import Mould

NO_MATTER = (
    r".*jailer-tui",
    r"files of /: etc/rc\.conf: file",  # the order of its lines
    r"pools: [^:]+: \d+ ",  # made again, empty as it was
    r"datasets: [^:]+: guid",  # an empty dataset made again
    r"datasets: zroot/jails/\.trash: new",
    r"datasets: zroot/jails: files: www0: gone \(dir",  # where a dataset was not mounted
    r"routes: default .*: new",  # the host gets its default route back all the same
    r"mounts: /srv/web: new",  # what comes back is mounted, also where the jail's was not
)


def test_an_undo_whose_last_step_fails(exhaustive: bool) -> None:
    """For one case of every operation, or for every step of every case."""
    first: dict[str, Case] = {}
    for covered in covered_cases(exhaustive=False):
        name = covered.case.path.parent.name
        if name not in OPPOSITES:
            first.setdefault(name, covered.case)
    wrong = [
        line
        for case in (with_steps() if exhaustive else first.values())
        for line in asyncio.run(fails(case, exhaustive=exhaustive))
    ]
    assert not wrong, "\n".join(wrong)


async def fails(case: Case, *, exhaustive: bool) -> list[str]:
    machine = await asyncio.to_thread(case.machine)  # it may carry out requests of its own
    there = There(machine)
    done, _ = await there.do(case.request)
    if not done.steps:
        return []
    entry = await there.last()
    try:
        plan = await prepare(Reader(SimulatedHost(machine)), UndoChange(entry.id, STAMP))
    except Refused:
        return []
    mould = Mould(machine)
    wrong = []
    for index in _places(plan, exhaustive=exhaustive):
        copy = mould.cast()
        before = dump(copy)
        wanted = matches(plan.steps[index].action)
        earlier = [matches(step.action) for step in plan.steps[:index]].count(wanted)
        copy.faults.append(Fault("fail", partial(eq, wanted), skip=earlier))
        reader = Reader(SimulatedHost(copy))
        again = await prepare(reader, UndoChange(entry.id, STAMP))
        end = await execute(reader, again, lambda _event: None, asyncio.Event(), pause=0)
        if end.ok:  # its goal decides, or it was not needed
            continue
        told = (*end.leftovers, *end.notes)
        lines = [line for line in same(before, dump(copy)) if not said(line, told)]
        wrong += [
            f"{case.id}: {plan.steps[index].title}: {line}, said {told}"
            for line in lines
            if not any(re.match(pattern, line) for pattern in NO_MATTER)
        ]
    return wrong


def _places(plan: Plan, *, exhaustive: bool) -> Iterator[int]:
    last = len(plan.steps) - 1
    for index, step in enumerate(plan.steps):
        if (exhaustive or index == last) and not isinstance(step.action, AwaitConfirmation):
            yield index
