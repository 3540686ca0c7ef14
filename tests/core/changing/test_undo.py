"""Every case that makes steps, every step, every way to fail: the host is as before, or it is said.

The plan runs on a copy of the case's host. `fail`: the command does nothing and says so; `late`:
it does its work and says that it failed; `hang`: it does nothing and does not end; `stuck`: it
does its work and does not end; `die`: it is killed after its first sign of life. `abort`: somebody
wants to stop before a step, while its command hangs before or after its work, or after it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import pytest

from jailer_core.errors import HostError
from jailer_core.execute import prepare
from jailer_core.execute.back import NOT_OURS
from jailer_core.execute.course import Course
from jailer_core.execute.engine import go
from jailer_core.execute.hands import Hands, act
from jailer_core.host.simulated.host import SimulatedHost
from jailer_core.host.simulated.kernel import Fault, Machine
from jailer_core.host.simulated.persist import dump, same
from jailer_core.inventory import Reader
from jailer_core.journal import Journal, make_folders
from jailer_core.model import Inventory
from jailer_core.plan import (
    Action,
    Ending,
    Event,
    Hold,
    MakeDir,
    Outcome,
    Pipe,
    Plan,
    RemoveDir,
    RemoveFile,
    Run,
    SetRc,
    StepEnded,
    StepStarted,
    WriteFile,
)
from tests.core.changing.plancases import Case, Mould, cases

WITH_STEPS = [one for one in cases() if len(one.data.get("plan", ())) > 2]
COMMAND_WAYS = ("fail", "late", "hang", "stuck", "die")
FILE_WAYS = ("fail", "late")
ABORTS = ("abort before", "abort hang", "abort stuck", "abort after")
EFFECT = ("late", "stuck", "die", "abort stuck")
"""Ways in which a command has its effect although it does not succeed."""
PLACES = ("/var/db/jailer-tui", "/usr/local/jails/.jailer-tui")


class Unwritten(Journal):
    """A journal that is written nowhere: thousands of plans run here (test_engine.py has it)."""

    async def write(self, record: str, **values: object) -> None:
        return


@cache
def prepared(case_id: str) -> tuple[Mould, Plan, Inventory, dict[str, object]]:
    """The case's host with our directories made, the plan, what was read, and the whole state."""
    (case,) = [one for one in WITH_STEPS if one.id == case_id]
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


def ways(plan: Plan) -> Iterator[tuple[int, str]]:
    for index, step in enumerate(plan.steps):
        if isinstance(step.action, Hold):
            yield from ((index, way) for way in ("unseen", "abort hang"))
            continue
        command = isinstance(step.action, Run | Pipe)
        for way in COMMAND_WAYS if command else FILE_WAYS:
            yield index, way
        for way in ABORTS if command else ("abort after",):
            if way != "abort before" or index == 0:
                # before any other step is after the one before it
                yield index, way


def matches(action: Action) -> tuple[str, ...]:  # noqa: PLR0911 - one for each kind
    match action:
        case Run():
            return action.argv
        case Pipe():
            return action.commands[-1]
        case WriteFile() | SetRc():
            return ("<write>", action.path)
        case RemoveFile():
            return ("<remove>", action.path)
        case MakeDir():
            return ("<mkdir>", action.path)
        case RemoveDir():
            return ("<rmdir>", action.path)
        case Hold():
            return ("<hold>", action.ticket)
    raise AssertionError(action)


async def carry_out(machine: Machine, case_id: str, index: int, way: str) -> Outcome:
    _, plan, _, _ = prepared(case_id)
    host = SimulatedHost(machine)
    abort = asyncio.Event()
    wanted = matches(plan.steps[index].action)
    kind = way.removeprefix("abort ")
    if kind in COMMAND_WAYS:
        earlier = [matches(step.action) for step in plan.steps[:index]].count(wanted)
        machine.faults.append(Fault(kind, lambda argv: argv == wanted, skip=earlier))

    def hear(event: Event) -> None:
        hangs = way in ("abort hang", "abort stuck")
        if hangs and isinstance(event, StepStarted) and event.index == index:
            asyncio.get_running_loop().call_soon(abort.set)
        if not (hangs or way == "unseen") or getattr(event, "index", -1) != index:
            confirm(machine, plan, event)
        if way == "abort after" and isinstance(event, StepEnded) and event.index == index:
            abort.set()

    if way == "abort before":
        abort.set()
    return await go(Course(host, plan, Unwritten(host, ""), hear), abort, 0)


def confirm(machine: Machine, plan: Plan, event: Event) -> None:
    """Somebody sees what waits to be confirmed."""
    if isinstance(event, StepStarted) and not event.undoing:
        action = plan.steps[event.index].action
        if isinstance(action, Hold):
            machine.files.remove(action.ticket)


async def check(case_id: str, index: int, way: str) -> list[str]:
    """What is wrong with the host, or with what is said of it, after that."""
    mould, plan, _, before = prepared(case_id)
    copy = mould.cast()
    outcome = await carry_out(copy, case_id, index, way)
    where = f"{case_id} step {index + 1} ({plan.steps[index].title}) {way}"
    if outcome.ok:
        return [] if may_succeed(plan, index, way) else [f"{where}: it says that all went well"]
    if outcome.ending is not (Ending.ABORTED if way.startswith("abort") else Ending.FAILED):
        return [f"{where}: ended {outcome.ending}: {outcome.message}"]
    if not outcome.message:
        return [f"{where}: without a reason"]
    lasting = any(step.lasting and not step.undo for step in plan.steps[: index + 1])
    # a command that had its effect and did not live to say so: it may have been somebody else's
    doubt = way in EFFECT and any(NOT_OURS in sentence for sentence in outcome.left)
    if not outcome.undone and not lasting and not doubt:
        return [f"{where}: not all was undone: {outcome.left}"]
    if doubt:
        await by_hand(copy, plan, outcome.left)
    return [
        f"{where}: not said: {line}\n    said: {outcome.left}"
        for line in same(before, everything(copy))
        if not said(line, outcome.left)
    ]


async def by_hand(machine: Machine, plan: Plan, left: tuple[str, ...]) -> None:
    """Somebody looked at what was left, saw that the change made it, and takes it back."""
    for step in reversed(plan.steps):
        for undo in step.undo:
            if any(sentence.startswith(f"{undo.title}: ") for sentence in left):
                with suppress(HostError):
                    await act(SimulatedHost(machine), undo.action, 60.0, Hands(lambda *_: None))


def may_succeed(plan: Plan, index: int, way: str) -> bool:
    """What had its effect counts when its goal decides, or when it was the last anyway."""
    step = plan.steps[index]
    if step.needless:  # it may not have been done at all
        return True
    last = index == len(plan.steps) - 1
    decides = bool(step.goal) and (len(step.ok) > 1 or bool(step.lasting and not step.undo))
    if way in EFFECT:
        return decides
    return way == "abort after" and last


def said(line: str, left: tuple[str, ...]) -> bool:
    """Whether a difference is named: all that it is about stands in one of the sentences."""
    names = about(line)
    return any(all(name in sentence for name in names) for sentence in left)


def about(line: str) -> list[str]:
    """The thing that a line of `same` speaks of: a dataset, jail, path, process, interface."""
    parts = line.split(": ")
    kind, name = parts[0], parts[1] if len(parts) > 1 else ""
    if kind in ("jails", "processes"):
        found = re.match(r"(?:jail )?(.+?)(?: at /.*)?$", name)
        assert found is not None
        return [found[1].removeprefix("pid ")]
    if kind == "files of /":
        return [f"/{name}"]
    if kind == "datasets" and "files" in parts:
        return [parts[parts.index("files") - 1].rpartition("/")[2]]
    return [name]


@pytest.mark.parametrize("case", WITH_STEPS, ids=[one.id for one in WITH_STEPS])
def test_every_step_in_every_way(case: Case) -> None:
    _, plan, _, _ = prepared(case.id)

    async def check_all() -> list[str]:
        return [line for one in ways(plan) for line in await check(case.id, *one)]

    wrong = asyncio.run(check_all())
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("case", WITH_STEPS, ids=[one.id for one in WITH_STEPS])
def test_it_works(case: Case) -> None:
    mould, plan, inventory, _ = prepared(case.id)
    copy = mould.cast()

    async def run() -> Outcome:
        host = SimulatedHost(copy)
        journal = await Journal.begin(host, inventory.layout.state, plan)
        course = Course(host, plan, journal, lambda event: confirm(copy, plan, event))
        return await go(course, asyncio.Event(), 0)

    outcome = asyncio.run(run())
    assert outcome.ok, outcome
    assert outcome.left == ()
