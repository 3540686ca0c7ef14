"""Going forward and going back, with plans made by hand on a host without jails."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from jailer_core.errors import HostError, JournalError
from jailer_core.execution.plan_run import PlanRun, StepRun
from jailer_core.execution.run_steps import run_steps
from jailer_core.journal import Journal, entries
from jailer_core.model import Layout
from jailer_core.operations.jails.requests import Start
from jailer_core.operations.undo.entry import parse
from jailer_core.plan import (
    DatasetExists,
    Event,
    FileHasText,
    MakeDir,
    Outcome,
    OutcomeStatus,
    Output,
    PathExists,
    Pipe,
    Plan,
    ProcessRuns,
    PropertyIs,
    RemoveDir,
    RemoveFile,
    Run,
    Step,
    StepEnded,
    StepStarted,
    Undo,
    WriteFile,
)
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.kernel.state import SimProcess
from jailer_core.simulator.scenarios import build

STATE = "/var/db/jailer-tui"


def make(name: str) -> Step:
    """Create a dataset, with everything that a step can have."""
    there, away = DatasetExists(name), DatasetExists(name, exists=False)
    return Step(
        Run(("zfs", "create", name)),
        f"Make {name}",
        undo=(Undo(Run(("zfs", "destroy", name)), f"Destroy {name}", (there,), (away,)),),
        preconditions=(away,),
        postconditions=(there,),
    )


def write(path: str, text: str, before: str | None = None) -> Step:
    old = WriteFile(path, before) if before is not None else RemoveFile(path)
    return Step(
        WriteFile(path, text, before=before),
        f"Write {path}",
        undo=(Undo(old, f"Undo {path}", (FileHasText(path, text),), (FileHasText(path, before),)),),
        preconditions=(FileHasText(path, before),),
        postconditions=(FileHasText(path, text),),
    )


A, B, C = make("zroot/a"), make("zroot/b"), make("zroot/c")


class Bench:
    """A host, and one plan on it."""

    def __init__(self, *steps: Step) -> None:
        self.machine = build("fresh")
        self.host = SimulatedHost(self.machine)
        self.plan = Plan(Start("x"), "Test", steps)
        self.events: list[Event] = []
        self.abort = asyncio.Event()

    def fault(self, kind: str, *words: str, times: int = 1) -> None:
        self.machine.faults.append(Fault(kind, lambda argv: argv == words, times))

    async def course(self) -> PlanRun:
        journal = await Journal.begin(self.host, STATE, self.plan, "tester")
        return PlanRun(self.host, self.plan, journal, self.events.append)

    async def run(self) -> Outcome:
        return await run_steps(await self.course(), self.abort, 0)

    @property
    def made(self) -> set[str]:
        return set(self.machine.state.datasets) - {"zroot"}

    def journal(self) -> list[dict[str, object]]:
        files = self.machine.files
        (name,) = files.listdir(f"{STATE}/journal")
        lines = filter(None, files.read(f"{STATE}/journal/{name}").splitlines())
        return [one for one in map(json.loads, lines) if one["record"] != "runs"]


# --- going forward ---------------------------------------------------------------------------


async def test_all_steps_in_order() -> None:
    bench = Bench(A, B)
    outcome = await bench.run()
    assert outcome.ok
    assert bench.made == {"zroot/a", "zroot/b"}
    started = [one for one in bench.events if isinstance(one, StepStarted)]
    assert [one.command for one in started] == ["zfs create zroot/a", "zfs create zroot/b"]
    assert [one["record"] for one in bench.journal()] == ["plan", "begun", "done", "begun", "done"]


async def test_every_kind_of_action() -> None:
    bench = Bench(
        Step(MakeDir("/etc/own", 0o700), "dir"),
        write("/etc/own/file", "one\n"),
        write("/etc/own/file", "two\n", "one\n"),
        Step(RemoveFile("/etc/own/file"), "remove"),
        Step(RemoveDir("/etc/own"), "rmdir"),
        Step(Pipe((("cat", "/etc/rc.conf"), ("head", "-n", "1"))), "pipe"),
    )
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.DONE, outcome
    assert not bench.machine.files.exists("/etc/own")
    assert [one for one in bench.events if isinstance(one, Output)]


async def test_a_command_that_lies_has_failed() -> None:
    lie = Step(Run(("true",)), "Pretend", postconditions=(DatasetExists("zroot/a"),))
    lie = replace(lie, action=Run(("zfs", "list")))
    outcome = await Bench(lie).run()
    assert outcome.status is OutcomeStatus.FAILED
    assert "nothing changed" in outcome.message


async def test_nothing_runs_on_a_host_that_is_not_as_expected() -> None:
    bench = Bench(A, replace(B, preconditions=(DatasetExists("zroot/nosuch"),)))
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.FAILED
    assert "zroot/nosuch does not exist" in outcome.message
    assert ("zfs", "create", "zroot/b") not in bench.host.log
    assert bench.made == set()


async def test_a_state_that_cannot_be_asked_is_not_safe() -> None:
    bench = Bench(A)
    bench.fault("fail", "zfs", "get", "-Hp", "-o", "value", "guid", "zroot/a")
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.FAILED
    assert "not safe" in outcome.message
    assert bench.made == set()


async def test_the_reason_is_the_commands_own() -> None:
    bench = Bench(replace(A, action=Run(("zfs", "create", "nopool/a"))))
    outcome = await bench.run()
    assert "no such pool" in outcome.message


async def test_a_missing_program_is_an_outcome() -> None:
    outcome = await Bench(A, Step(Run(("nosuchprogram",)), "Run nothing")).run()
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.message == "nosuchprogram: no such program on this host"
    assert outcome.undone
    assert outcome.leftovers == ()


async def test_a_process_that_ends_a_little_later() -> None:
    bench = Bench()
    state = bench.machine.state
    bench.machine.spawn(SimProcess(4711, 1, 0, "sleep 60", started=state.now))
    goal = ProcessRuns(4711, "sleep 60", running=False)
    bench.plan = Plan(
        Start("x"), "End", (Step(Run(("zfs", "list")), "End it", postconditions=(goal,)),)
    )
    looks = 0
    ask = bench.host.run

    async def run(argv: tuple[str, ...], **options: object) -> object:
        nonlocal looks
        if argv[0] == "ps":
            looks += 1
            if looks == 3:
                del state.processes[4711]
        return await ask(argv, **options)  # type: ignore[arg-type]

    bench.host.run = run  # type: ignore[assignment]
    assert (await bench.run()).ok
    assert looks == 3


# --- going back ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fail", "late", "hang", "stuck", "die"])
async def test_a_step_that_fails_in_any_way_is_taken_back(kind: str) -> None:
    bench = Bench(A, B, C)
    bench.fault(kind, "zfs", "create", "zroot/b")
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.FAILED
    assert bench.made == set()
    assert (outcome.undone, outcome.leftovers) == (True, ())
    assert ("zfs", "create", "zroot/c") not in bench.host.log


async def test_undo_is_in_reverse_and_goes_on_after_a_failure() -> None:
    bench = Bench(A, B, C)
    bench.fault("fail", "zfs", "create", "zroot/c")
    bench.fault("fail", "zfs", "destroy", "zroot/b")
    outcome = await bench.run()
    assert bench.made == {"zroot/b"}
    assert not outcome.undone
    assert outcome.leftovers == ("Destroy zroot/b: zfs: injected fault",)
    assert [one["record"] for one in bench.journal()][-2:] == ["not undone", "undone"]


async def test_an_undo_that_fails_but_did_it_is_no_failure() -> None:
    bench = Bench(A, B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    bench.fault("late", "zfs", "destroy", "zroot/a")
    outcome = await bench.run()
    assert (bench.made, outcome.leftovers) == (set(), ())


async def test_an_undo_that_lies_is_named() -> None:
    liar = replace(A.undo[0], action=Run(("zfs", "list")))
    bench = Bench(replace(A, undo=(liar,)), B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    outcome = await bench.run()
    assert outcome.leftovers == (
        "Destroy zroot/a: the command reported success, but nothing changed",
    )


async def test_a_later_undo_makes_up_for_an_earlier_one() -> None:
    hopeless = replace(A.undo[0], action=Run(("nosuch",)), title="Hopeless")
    bench = Bench(replace(A, undo=(hopeless, *A.undo)), B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    outcome = await bench.run()
    assert (bench.made, outcome.leftovers, outcome.undone) == (set(), (), True)


async def test_somebody_else_changed_it_meanwhile() -> None:
    other = replace(A.undo[0], preconditions=(PropertyIs("zroot/a", "mounted", "no"),))
    bench = Bench(replace(A, undo=(other,)), B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    outcome = await bench.run()
    assert bench.made == {"zroot/a"}
    assert outcome.leftovers == (
        "Destroy zroot/a: not possible, because the host has changed since",
    )


async def test_what_cannot_be_undone_is_named() -> None:
    bench = Bench(replace(A, undo=(), irreversible_because="it is for good"), B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    outcome = await bench.run()
    assert outcome.leftovers == ("Make zroot/a: this was done; it is for good",)
    assert not outcome.undone


@pytest.mark.parametrize(
    ("kind", "ending"),
    [("late", OutcomeStatus.DONE), ("stuck", OutcomeStatus.DONE), ("fail", OutcomeStatus.FAILED)],
)
async def test_what_cannot_be_undone_counts_when_its_goal_is_reached(
    kind: str, ending: OutcomeStatus
) -> None:
    bench = Bench(replace(A, undo=(), irreversible_because="it is for good"))
    bench.fault(kind, "zfs", "create", "zroot/a")
    outcome = await bench.run()
    assert outcome.status is ending
    if ending is OutcomeStatus.FAILED:
        assert "may be partly done" in outcome.leftovers[0]
    else:
        assert outcome.notes


async def test_a_trace_is_named_only_when_there_is_one() -> None:
    step = replace(
        A,
        action=Run(("zfs", "create", "-v", "zroot/a")),
        side_effect="its log",
        side_effect_if_output="begun",
    )
    bench = Bench(step, B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    assert (await bench.run()).leftovers == ()
    bench = Bench(replace(A, side_effect="its log"), B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    assert (await bench.run()).leftovers == ("its log",)


async def test_a_file_step_that_fails_late() -> None:
    bench = Bench(A, write("/etc/rc.local", "x\n"))
    bench.fault("late", "<write>", "/etc/rc.local")
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.FAILED
    assert not bench.machine.files.exists("/etc/rc.local")
    assert outcome.leftovers == ()


# --- aborting --------------------------------------------------------------------------------


async def test_abort_before_the_first_step() -> None:
    bench = Bench(A)
    bench.abort.set()
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.ABORTED
    assert bench.made == set()
    assert ("zfs", "create", "zroot/a") not in bench.host.log


@pytest.mark.parametrize("kind", ["hang", "stuck"])
async def test_abort_ends_the_command(kind: str) -> None:
    bench = Bench(A, B, C)
    bench.fault(kind, "zfs", "create", "zroot/b")

    def hear(event: Event) -> None:
        bench.events.append(event)
        if isinstance(event, StepStarted) and event.index == 1:
            asyncio.get_running_loop().call_soon(bench.abort.set)

    course = await bench.course()
    course.emit = hear
    outcome = await run_steps(course, bench.abort, 0)
    assert outcome.status is OutcomeStatus.ABORTED
    assert (bench.made, outcome.leftovers, outcome.undone) == (set(), (), True)


async def test_abort_after_a_step_takes_it_back() -> None:
    bench = Bench(A, B)

    def hear(event: Event) -> None:
        if isinstance(event, StepEnded) and not event.undoing:
            bench.abort.set()

    course = await bench.course()
    course.emit = hear
    assert (await run_steps(course, bench.abort, 0)).status is OutcomeStatus.ABORTED
    assert bench.made == set()


async def test_abort_after_the_last_step_is_too_late() -> None:
    bench = Bench(A)

    def hear(event: Event) -> None:
        if isinstance(event, StepEnded):
            bench.abort.set()

    course = await bench.course()
    course.emit = hear
    outcome = await run_steps(course, bench.abort, 0)
    assert outcome.status is OutcomeStatus.DONE
    assert "too late" in outcome.notes[0]
    assert bench.made == {"zroot/a"}


async def test_a_face_that_breaks_stops_nothing() -> None:
    bench = Bench(A, B)

    def broken(_event: Event) -> None:
        raise RuntimeError("the screen is gone")

    course = await bench.course()
    course.emit = broken
    assert (await run_steps(course, bench.abort, 0)).ok
    assert bench.made == {"zroot/a", "zroot/b"}


def test_a_loop_that_ends_takes_the_plan_back() -> None:
    """asyncio.run cancels what is left over, and waits for it."""
    bench = Bench(A, B)
    bench.fault("hang", "zfs", "create", "zroot/b")
    bench.host.pace = 1000.0
    outcomes: list[Outcome] = []

    async def leave() -> None:
        course = await bench.course()
        started = asyncio.Event()
        course.emit = lambda event: (
            started.set() if isinstance(event, StepStarted) and event.index == 1 else None
        )

        async def run() -> None:
            outcomes.append(await run_steps(course, bench.abort, 0))

        task = asyncio.create_task(run())
        await started.wait()
        for _ in range(3):
            await asyncio.sleep(0)
        assert not task.done()

    asyncio.run(leave())
    assert bench.made == set()
    assert outcomes[0].status is OutcomeStatus.ABORTED


# --- the journal -----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["append", "mkdir"])
async def test_no_journal_no_change(verb: str) -> None:
    bench = Bench(A)
    bench.machine.faults.append(Fault("fail", lambda argv: argv[0] == f"<{verb}>"))
    with pytest.raises(JournalError, match="nothing was changed"):
        await bench.run()


async def test_a_journal_that_breaks_stops_the_next_step() -> None:
    bench = Bench(A, B)
    bench.machine.faults.append(Fault("fail", lambda argv: argv[0] == "<append>", skip=3, times=9))
    outcome = await bench.run()
    assert outcome.status is OutcomeStatus.FAILED
    assert "journal" in outcome.message
    assert bench.made == set()
    assert outcome.notes


async def test_the_journal_is_for_root_only() -> None:
    bench = Bench(A)
    await bench.run()
    files = bench.machine.files
    for path in (STATE, f"{STATE}/journal", f"{STATE}/kept", f"{STATE}/running"):
        assert files.get(path).mode == 0o700
    (name,) = files.listdir(f"{STATE}/journal")
    assert files.get(f"{STATE}/journal/{name}").mode == 0o600


async def test_the_journal_is_read_back() -> None:
    bench = Bench(A, B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    course = await bench.course()
    outcome = await run_steps(course, bench.abort, 0)
    await course.journal.end(outcome)
    (entry,) = await entries(bench.host, Layout())
    assert entry.plan == bench.plan
    assert (entry.who, entry.ending) == ("tester", "failed")
    assert (entry.begun, entry.done, entry.failed) == ((0, 1), (0,), (1,))
    assert set(entry.undone) == {0, 1}


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
async def test_a_journal_that_was_cut_is_read_as_far_as_it_goes(keep: float) -> None:
    bench = Bench(A, B)
    course = await bench.course()
    await run_steps(course, bench.abort, 0)
    text = await bench.host.read(course.journal.path)
    first = text.index("\n") + 1
    entry = parse("x", text[: max(first, int(len(text) * keep))])
    assert entry is not None
    assert entry.plan == bench.plan
    assert entry.ending == ""
    assert parse("x", text[: first - 5]) is None


@pytest.mark.parametrize(
    "text", ["", "\n", "[]\n", '{"record": "done"}\n', "\x00\x00", '{"record":"plan","plan":{}}']
)
def test_a_file_that_is_no_journal(text: str) -> None:
    entry = parse("x", text)
    assert entry is None or entry.plan is None


async def test_two_plans_in_one_second_have_a_file_each() -> None:
    bench = Bench(A)
    first, second = await bench.course(), await bench.course()
    assert first.journal.path != second.journal.path
    assert len(await entries(bench.host, Layout())) == 2


async def test_hostile_names_pass_through_the_journal() -> None:
    name = "a b'\"$(id)\t\x1b[31m\udcff;-rf"
    plan = Plan(Start(name), f"Start {name}", (Step(Run(("jail", "-c", name)), name),))
    bench = Bench()
    journal = await Journal.begin(bench.host, STATE, plan)
    entry = parse("x", await bench.host.read(journal.path))
    assert entry is not None
    assert entry.plan == plan


async def test_old_journals_are_read_after_the_set_up() -> None:
    bench = Bench(A)
    await bench.run()
    later = Layout("zroot/jails", state="/usr/local/jails/.jailer-tui")
    assert len(await entries(bench.host, later)) == 1


# --- states ----------------------------------------------------------------------------------


async def test_states_of_files_and_paths() -> None:
    bench = Bench()
    judge = (await bench.course()).judge()
    assert await judge.holds(PathExists("/etc/rc.conf"))
    assert await judge.holds(PathExists("/etc/nosuch", exists=False))
    assert await judge.holds(FileHasText("/etc/nosuch", None))
    assert not await judge.holds(FileHasText("/etc/rc.conf", None))
    with pytest.raises(HostError):
        await judge.holds(FileHasText("/etc", "x"))


async def test_one_judge_asks_each_question_once() -> None:
    bench = Bench()
    judge = (await bench.course()).judge()
    before = len(bench.host.log)
    for _ in range(3):
        await judge.holds(DatasetExists("zroot"))
    assert len(bench.host.log) == before + 1


# --- mistakes of our own ---------------------------------------------------------------------


async def test_a_mistake_of_ours_takes_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(A, B)

    def broken(_action: object) -> str:
        raise KeyError("oops")

    course = await bench.course()
    began = course.step_started

    def once(ran: StepRun, what: Step | Undo) -> float:
        if ran.index == 1 and isinstance(what, Step):
            broken(what)
        return began(ran, what)

    monkeypatch.setattr(course, "step_started", once)
    outcome = await run_steps(course, bench.abort, 0)
    assert outcome.status is OutcomeStatus.FAILED
    assert "KeyError" in outcome.message
    assert bench.made == set()


async def test_an_undo_that_is_needless_in_another_way() -> None:
    never = DatasetExists("zroot/never")
    undo = replace(
        A.undo[0],
        preconditions=(never,),
        done_when=(never,),
        or_done_when=(DatasetExists("zroot/a"),),
    )
    bench = Bench(replace(A, undo=(undo,)), B)
    bench.fault("fail", "zfs", "create", "zroot/b")
    outcome = await bench.run()
    assert (outcome.leftovers, outcome.undone) == ((), True)
    assert bench.made == {"zroot/a"}
