"""What someone else made is never removed, however a change of ours comes across it.

Another tool wins the race: what a step is to make appears right before its command. Or the program
is killed before the command, and someone makes it by hand before the next start. In both cases
it is there afterwards, the very same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import execute, interrupted, prepare
from jailer_core.facts import Reader
from jailer_core.host import Hear, Line, Result
from jailer_core.operations.snapshots.requests import SnapshotDestroy, SnapshotTake
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.plan import MakeDir, Outcome, OutcomeStatus, Pipe, Plan, Run, Step, StepStarted
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.dying import AFTER, BEFORE, Death, deaths
from tests.core.changing.plancases import PLANS, load
from tests.core.changing.workbench import Bench
from tests.mould import clone

CASES = (
    "bridge/add",
    "clone/children",
    "create/copy",
    "create/image-fetched",
    "create/no-folders",
    "destroy/stopped",
    "goback/tree",
    "imageupdate/first",
    "init/pool-and-dataset",
    "mount/linprocfs",
    "network/first",
    "rdradd/address",
    "snap/children",
)


def _makes(step: Step) -> tuple[tuple[str, ...], str, str] | None:
    """How someone else would make what a step makes, of which kind it is, and its name."""
    action = step.action
    argv = action.argv if isinstance(action, Run) else ()
    if isinstance(action, Pipe):
        argv = ("zfs", "create", action.commands[-1][-1])
    if isinstance(action, MakeDir):
        argv = ("mkdir", action.path)
    kinds: dict[tuple[str, ...], tuple[tuple[str, ...], str]] = {
        ("zfs", "create"): (("zfs", "create"), "dataset"),
        ("zfs", "clone"): (("zfs", "create"), "dataset"),
        ("zfs", "snapshot"): (("zfs", "snapshot"), "dataset"),
        ("service", "netif"): (("ifconfig", argv[-1], "create"), "interface") if argv else ((), ""),
    }
    if argv[:1] == ("mkdir",):
        return argv, "directory", argv[1]
    if argv[:2] == ("zpool", "create"):
        return (*argv[:3], "/other.img"), "dataset", argv[2]
    words, kind = kinds.get(argv[:2], ((), ""))
    if not kind:
        return None
    return (words if kind == "interface" else (*words, argv[-1])), kind, argv[-1]


def _identity(machine: Machine, kind: str, name: str) -> object:
    """What tells one of that name from another; None when there is none."""
    if kind == "interface":
        return name in machine.now_run(("ifconfig", "-l")).stdout.split() or None
    if kind == "directory":
        return machine.files.is_dir(name) or None
    told = machine.now_run(("zfs", "get", "-Hp", "-o", "value", "guid", name))
    return told.stdout if told.status == 0 else None


class Racing(SimulatedHost):
    """Someone makes the same right before the command of a step that makes something."""

    def __init__(self, machine: Machine, step: Step) -> None:
        super().__init__(machine)
        self.step = step
        self.met = False

    def race(self, what: object) -> None:
        action = self.step.action
        commands = action.commands if isinstance(action, Pipe) else (getattr(action, "argv", ()),)
        if what in (commands, getattr(action, "path", "")) and not self.met:
            made = _makes(self.step)
            assert made is not None
            if made[0][0] == "zpool":
                self.machine.now_run(("truncate", "-s", "4G", "/other.img"))
            self.met = True
            assert self.machine.now_run(made[0]).status == 0, made[0]

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = 60.0,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        self.race(tuple(map(tuple, commands)))
        return await super().stream(commands, line, stdin=stdin, timeout=timeout, started=started)

    async def mkdir(self, path: str, mode: int = 0o755) -> None:
        self.race(path)
        await super().mkdir(path, mode)


async def _run(host: SimulatedHost, plan: Plan) -> Outcome:
    return await execute(Reader(host), plan, lambda _event: None, asyncio.Event(), pause=0)


def _making(plan: Plan) -> Iterator[tuple[int, Step]]:
    return ((index, step) for index, step in enumerate(plan.steps) if _makes(step) is not None)


@pytest.mark.parametrize("name", CASES)
def test_another_tool_wins_the_race(name: str) -> None:
    case = load(PLANS / f"{name}.json")
    plan = asyncio.run(prepare(Reader(case.host(case.machine())), case.request))
    making = list(_making(plan))
    assert making, "a case that makes nothing"
    for _, step in making:
        machine = case.machine()
        host = Racing(machine, step)
        made = _makes(step)
        assert made is not None
        outcome = asyncio.run(_run(host, plan))
        assert host.met
        assert _identity(machine, made[1], made[2]) is not None, (step.title, outcome)
        if made[1] != "interface":
            assert outcome.status is OutcomeStatus.FAILED, (step.title, outcome)
            assert "exist" in outcome.message, outcome.message


@pytest.mark.parametrize("name", CASES)
def test_made_by_hand_after_the_program_was_killed(name: str) -> None:
    case = load(PLANS / f"{name}.json")
    plan, _, found = deaths(case.machine(), case.request, frozenset({BEFORE}))
    at = {death.step: death for death in found}
    for index, step in _making(plan):
        asyncio.run(_days_later(at[index], step))


async def _days_later(death: Death, step: Step) -> None:
    """Someone else has made it since then: neither undo nor resume touches it."""
    machine = death.machine()
    machine.state.now += 3 * 86400
    made = _makes(step)
    assert made is not None
    if made[0][0] == "zpool":
        machine.now_run(("truncate", "-s", "4G", "/other.img"))
    assert machine.now_run(made[0]).status == 0, made[0]
    before = _identity(machine, made[1], made[2])
    host = SimulatedHost(machine)
    cut = await interrupted.find_interrupted(host, (await Reader(host).gather(quick=True)).layout)
    assert cut is not None
    for request in (UndoChange(cut.target.id, "S9"), Resume(cut.target.id)):
        copy = clone(machine)
        other = SimulatedHost(copy)
        with suppress(Refused):
            await _run(other, await prepare(Reader(other), request))
        assert _identity(copy, made[1], made[2]) == before, (step.title, request)


# --- jails and their pairs -------------------------------------------------------------------


def raced(do: Callable[[Machine, Step], object]) -> tuple[Machine, Step, Outcome]:
    """A start, and what someone else does right before its command."""
    case = load(PLANS / "start/vnet.json")
    machine = case.machine()
    reader = Reader(case.host(machine))

    async def run() -> tuple[Step, Outcome]:
        plan = await prepare(reader, case.request)
        start = next(step for step in plan.steps if "-c" in getattr(step.action, "argv", ()))

        def hear(event: object) -> None:
            started = isinstance(event, StepStarted) and event.title == start.title
            if started and not getattr(event, "undoing", False):
                do(machine, start)

        return start, await execute(reader, plan, hear, asyncio.Event(), pause=0)

    return machine, *asyncio.run(run())


def test_a_jail_that_somebody_else_started_is_not_stopped() -> None:
    def start_it(machine: Machine, start: Step) -> None:
        assert isinstance(start.action, Run)
        assert machine.now_run(start.action.argv).status == 0

    machine, start, outcome = raced(start_it)
    assert outcome.status is OutcomeStatus.FAILED
    assert start.jail in {jail.name for jail in machine.state.jails.values()}


def test_a_pair_that_somebody_else_made_stays() -> None:
    def make_it(machine: Machine, start: Step) -> None:
        (pair,) = {
            undo.not_created_if_output.split()[0]
            for undo in start.undo
            if undo.not_created_if_output
        }
        assert machine.now_run(("ifconfig", pair, "create")).status == 0

    machine, start, outcome = raced(make_it)
    assert outcome.status is OutcomeStatus.FAILED
    (end,) = [undo.action.argv[1] for undo in start.undo if undo.not_created_if_output]  # type: ignore[union-attr]
    assert end in machine.now_run(("ifconfig", "-l")).stdout.split()


# --- snapshots -------------------------------------------------------------------------------


async def test_each_snapshot_is_known_by_itself() -> None:
    """The top one is ours still; below it someone has taken another one of that name."""
    bench = Bench()
    bench.run_now("zfs", "create", "zroot/jails/app0/data")
    taken = await bench.do(SnapshotTake("app0", "x"))
    assert taken.ok
    bench.run_now("zfs", "destroy", "zroot/jails/app0/data@x")
    bench.run_now("zfs", "snapshot", "zroot/jails/app0/data@x")
    theirs = _identity(bench.machine, "dataset", "zroot/jails/app0/data@x")
    (entry,) = [one for one in bench.journal() if "snap" in one]
    undo = await prepare(bench.reader, UndoChange(entry, "S9"))
    assert (await bench.carry_out(undo)).ok
    assert _identity(bench.machine, "dataset", "zroot/jails/app0@x") is None
    assert _identity(bench.machine, "dataset", "zroot/jails/app0/data@x") == theirs


async def test_a_snapshot_taken_again_is_another_one() -> None:
    bench = Bench()
    assert (await bench.do(SnapshotTake("app0", "x"))).ok
    assert (await bench.do(SnapshotDestroy(("zroot/jails/app0@x",)))).ok
    bench.run_now("zfs", "snapshot", "zroot/jails/app0@x")
    entry = next(one for one in bench.journal() if one.partition("-")[2].startswith("snap-"))
    with pytest.raises(Refused, match="is not the snapshot"):
        await prepare(bench.reader, UndoChange(entry, "S9"))


def test_what_was_made_and_not_written_down_is_left_and_named() -> None:
    case = load(PLANS / "network/first.json")
    _, _, found = deaths(case.machine(), case.request, frozenset({AFTER}))
    machine = next(one for one in found if one.step == 0).machine()
    host = SimulatedHost(machine)

    async def undo() -> None:
        cut = await interrupted.find_interrupted(
            host, (await Reader(host).gather(quick=True)).layout
        )
        assert cut is not None
        await prepare(Reader(host), UndoChange(cut.target.id, "S9"))

    with pytest.raises(Refused, match="it is unknown whether this change made it") as caught:
        asyncio.run(undo())
    assert "zfs destroy" in caught.value.hint
