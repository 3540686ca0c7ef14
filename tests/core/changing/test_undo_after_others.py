"""Every kind of change, then others at work on the very things that it changed, then its undo.

It restores what its change changed and leaves all else alone, or refuses before its first step.
"""

from __future__ import annotations

import asyncio
from functools import cache

from hypothesis import HealthCheck, assume, given, settings, strategies as st

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.covering import covered
from tests.core.changing.disturbing import Act, acts
from tests.core.changing.leaves import Facts, facts, wrong
from tests.core.changing.plancases import with_steps
from tests.core.changing.workbench import STAMP, There
from tests.examples import some
from tests.mould import Mould

MOVES = frozenset(
    {
        *("create", "clone", "destroy", "restore", "goback", "goforward", "rebase", "rollback"),
        *("fetch", "unfetch", "purge", "rename", "snapdestroy", "snapauto", "undo"),
    }
)
"""What is done to their datasets goes where these go: test_going_back.py has them."""
ITS_OWN = frozenset({"natadd", "rdradd", "start", "stop", "restart", "takeover"})
"""Whose undo is more than their steps undone, or less: it follows what runs now."""


def _cases() -> list[str]:
    return [
        chosen.case.id
        for chosen in covered(exhaustive=False)
        if chosen.case.path.parent.name not in MOVES | ITS_OWN
    ]


@cache
def done(name: str) -> tuple[Mould, Facts, Facts, str, tuple[Act, ...]] | None:
    """A host on which a case was run: before, after, its journal, what may be done."""
    case = next(case for case in with_steps() if case.id == name)
    machine = case.machine()
    was = facts(machine)
    try:
        plan, _ = asyncio.run(There(machine).do(case.request))
    except Refused:
        return None
    if not acts(plan):
        return None
    entry = asyncio.run(There(machine).last()).id
    return Mould(machine), was, facts(machine), entry, acts(plan)


@settings(
    max_examples=some(30),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.data())
def test_restores_its_own_or_refuses(data: st.DataObject) -> None:
    story = done(data.draw(st.sampled_from(_cases())))
    assume(story is not None)
    assert story is not None
    mould, was, made, entry, pool = story
    machine = mould.cast()
    for act in data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3)):
        act.do(machine)
    now = facts(machine)
    refused, told = asyncio.run(undo(machine, entry))
    if not any(note.startswith("This remains") for note in told):
        assert not wrong(was, made, now, facts(machine), refused=refused), told


async def undo(machine: Machine, entry: str) -> tuple[bool, tuple[str, ...]]:
    """Whether it was refused, and what was said; once it began it must come to its end."""
    reader = Reader(SimulatedHost(machine))
    try:
        plan = await prepare(reader, UndoChange(entry, STAMP))
    except Refused:
        return True, ()
    end = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
    assert end.ok, (end.message, end.leftovers, plan.notes)
    return False, (*plan.notes, *end.notes, *end.leftovers)
