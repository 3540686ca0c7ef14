"""An unwinding that cannot start a jail again: what that start left is removed, or named."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.execution.plan_run import PlanRun
from jailer_core.execution.run_steps import run_steps
from jailer_core.facts import Reader
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import AwaitConfirmation, Event, Outcome, Plan, Step, StepStarted
from jailer_core.plan.preview import describe
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.jails.runner import Hands
from jailer_core.simulator.kernel.machine import Fault, Machine, Running
from jailer_core.simulator.kernel.state import SimJail
from tests.core.changing.faulted import matches
from tests.core.changing.leaves import Facts, facts
from tests.core.changing.plancases import Case, with_steps
from tests.core.changing.prepared import prepared
from tests.core.changing.unwritten import Unwritten
from tests.core.changing.workbench import OPPOSITES, STAMP, There
from tests.mould import Mould


def test_a_start_that_fails_late(exhaustive: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """For one case of every operation that stops a jail, or for all of them."""
    wrong: list[str] = []
    for case in chosen(exhaustive=exhaustive):
        mould, plan, _, _ = prepared(case.id)
        wrong += asyncio.run(_check(case.id, mould, plan, monkeypatch))
    assert not wrong, "\n".join(wrong)


def chosen(*, exhaustive: bool) -> Iterable[Case]:
    """Cases that stop a jail which an unwinding starts again, with an interface or without."""
    cases = [case for case in with_steps() if _AGAIN.search("\n".join(case.data["plan"]))]
    cases = [case for case in cases if case.id not in EDITED]
    first: dict[tuple[str, bool], Case] = {}
    for case in sorted(cases, key=lambda case: len(case.data["plan"])):
        text = "\n".join(case.data["plan"])
        way = next((way for way in ("bastille", "title: Restart") if way in text), "")
        first.setdefault((way, "undo: undo: ifconfig epair" in text), case)
    return cases if exhaustive else first.values()


EDITED = ("stop/edited-while-running",)
"""What the file made that a jail was started with is not known, once the jail has another."""
_AGAIN = re.compile(r"^undo: undo: (jail .* -c |bastille start )", re.MULTILINE)


def _stops(step: Step) -> bool:
    return any(_AGAIN.match(f"undo: undo: {describe(undo.action)}") for undo in step.undo)


async def _check(
    case_id: str, mould: Mould, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    copy = mould.cast()
    stopped = max(index for index, step in enumerate(plan.steps) if _stops(step))
    last = len(plan.steps) - 1
    if last > stopped and not isinstance(plan.steps[last].action, AwaitConfirmation):
        wanted = matches(plan.steps[last].action)
        earlier = [matches(step.action) for step in plan.steps[:last]].count(wanted)
        copy.faults.append(Fault("fail", lambda argv: argv == wanted, skip=earlier))
    abort = asyncio.Event()
    with monkeypatch.context() as patch:

        def hear(event: Event) -> None:
            if not isinstance(event, StepStarted):
                return
            if event.undoing and event.title.startswith("Start "):
                patch.setattr(Hands, "_spawn", _no_services)
            elif event.index == max(last, stopped):
                asyncio.get_running_loop().call_soon(abort.set)

        outcome = await run_steps(
            PlanRun(SimulatedHost(copy), plan, Unwritten(SimulatedHost(copy), ""), hear), abort, 0
        )
    return _more(case_id, facts(mould.cast()), copy, outcome)


def _more(case_id: str, was: Facts, machine: Machine, outcome: Outcome) -> list[str]:
    """What there is now and was not before, and is not named."""
    return [
        f"{case_id}: {name} {value}, said {outcome.leftovers}"
        for name, value in facts(machine).items()
        if was.get(name) != value and not any(_names(name) in said for said in outcome.leftovers)
    ]


def _names(name: str) -> str:
    """What a fact is about."""
    kind, _, rest = name.strip("/").partition("/")
    return rest.split("/")[0] if kind in ("interfaces", "rctl") else f"/{rest.split(' ')[0]}"


_spawn = Hands._spawn


def _no_services(hands: Hands, argv: tuple[str, ...], jail: SimJail | None) -> Running:
    """What a start would run in the jail fails."""
    if jail is not None and not any("shutdown" in word for word in argv):
        return 1
    return (yield from _spawn(hands, argv, jail))


async def test_an_undo_whose_start_fails_late(
    exhaustive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had stopped the jail is undone later."""
    wrong: list[str] = []
    for case in chosen(exhaustive=exhaustive):
        if case.path.parent.name in OPPOSITES:
            continue
        machine = await asyncio.to_thread(case.machine)
        there = There(machine)
        await there.do(case.request)
        entry = await there.last()
        reader = Reader(SimulatedHost(machine))
        try:
            plan = await prepare(reader, UndoChange(entry.id, STAMP))
        except Refused:
            continue
        was = facts(machine)
        with monkeypatch.context() as patch:
            patch.setattr(Hands, "_spawn", _no_services)
            end = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
        wrong += [] if end.ok else _more(case.id, was, machine, end)
    assert not wrong, "\n".join(wrong)
