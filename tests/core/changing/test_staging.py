"""A download does not hold the lock: what others may do during it, and what it leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from jailer_core import journal, journal_peek
from jailer_core.execution import execute, interrupted, prepare
from jailer_core.facts import Reader
from jailer_core.host import Hear, Line, Result
from jailer_core.operations.images.requests import ImageFetch
from jailer_core.operations.jails.requests import Create, Stop
from jailer_core.operations.snapshots.requests import SnapshotAuto
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Event, Outcome, OutcomeStatus, Output, Plan, Request, StepStarted
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump, same
from tests.core.changing.workbench import Bench
from tests.mould import clone

FETCH = ImageFetch("14.3-RELEASE")
URL = "https://download.freebsd.org/releases/amd64/14.3-RELEASE/base.txz"
STAGED = "/usr/local/jails/.jailer-tui.base-14.3-RELEASE.txz"
ARCHIVE = "/usr/local/jails/image/dist-files/base-14.3-RELEASE.txz"


class Downloading(SimulatedHost):
    """Something happens while it downloads."""

    def __init__(self, machine: Machine, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(machine)
        self.meanwhile = meanwhile
        self.downloads = 0

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = 60.0,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        """See Host."""
        if STAGED in commands[0] and commands[0][0] == "fetch":
            self.downloads += 1
            await self.meanwhile()
        return await super().stream(commands, line, stdin=stdin, timeout=timeout, started=started)


class Fetching:
    """A bench with a program that downloads, beside its own."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.host = Downloading(self.bench.machine, self.meanwhile)
        self.reader = Reader(self.host)
        self.abort = asyncio.Event()
        self.events: list[Event] = []
        self.requests: list[Request] = []
        self.outcomes: list[Outcome] = []

    async def meanwhile(self) -> None:
        """What another program does."""
        for request in self.requests:
            self.outcomes.append(await self.bench.do(request))

    async def carry_out(self, plan: Plan) -> Outcome:
        """In the program that downloads."""
        return await execute(self.reader, plan, self.events.append, self.abort, pause=0)

    async def do(self, request: Request) -> Outcome:
        """In the program that downloads."""
        return await self.carry_out(await prepare(self.reader, request))

    def exists(self, path: str) -> bool:
        return self.bench.machine.files.exists(path)


async def test_policies_and_all_else_go_on_during_a_download() -> None:
    fetching = Fetching()
    fetching.bench.run_now("zfs", "set", "jailer:keep=hourly=1", "zroot/jails/www0")
    now = int(fetching.bench.machine.state.now)
    fetching.requests = [SnapshotAuto(now), Stop("app0")]
    outcome = await fetching.do(FETCH)
    assert [outcome.status for outcome in fetching.outcomes] == [OutcomeStatus.DONE] * 2
    assert outcome.ok, outcome
    assert fetching.exists(ARCHIVE)
    assert not fetching.exists(STAGED)
    started = [event.index for event in fetching.events if isinstance(event, StepStarted)]
    assert started == list(range(len(outcome.plan.steps)))
    assert outcome.plan.steps[0].title == f"Download {URL}"


async def test_the_journal_has_the_download_and_its_time() -> None:
    fetching = Fetching()
    assert (await fetching.do(FETCH)).ok
    inventory = await fetching.reader.gather(quick=True)
    entry = await journal.read_path(
        fetching.host, (await journal_peek.names(fetching.host, inventory.layout))[0]
    )
    assert entry is not None
    assert entry.plan is not None
    assert sorted(entry.done) == list(range(len(entry.plan.steps)))
    began, ended = entry.times[0]
    assert ended - began > 0.2
    assert (await fetching.do(UndoChange(entry.id, "1"))).ok
    assert not fetching.exists("/usr/local/jails/image/14.3-RELEASE")


async def test_what_was_downloaded_serves_the_plan_of_a_host_that_has_changed() -> None:
    fetching = Fetching()
    fetching.requests = [Create("first", base="15.1", network="inherit")]
    first = await fetching.do(Create("second", base="14.3", network="inherit"))
    assert fetching.outcomes[0].ok
    assert first.status is OutcomeStatus.CHANGED  # the other jail has its number
    assert any(note.startswith(f"{STAGED} is complete") for note in first.plan.notes)
    assert (await fetching.carry_out(first.plan)).ok
    assert fetching.host.downloads == 1
    assert "second" in fetching.bench.running()
    assert not fetching.exists(STAGED)


async def test_an_abort_leaves_the_host_as_it_was() -> None:
    fetching = Fetching()
    before = dump(fetching.bench.machine)

    async def abort() -> None:
        fetching.bench.machine.files.write(STAGED, b"xz")
        fetching.abort.set()
        await asyncio.sleep(0)

    fetching.host.meanwhile = abort
    outcome = await fetching.do(FETCH)
    assert outcome.status is OutcomeStatus.ABORTED
    assert outcome.undone
    assert same(before, dump(fetching.bench.machine)) == ()
    assert fetching.bench.journal() == []


async def test_what_a_killed_download_leaves_blocks_nothing_and_is_removed() -> None:
    fetching = Fetching()
    killed: list[Machine] = []

    async def die() -> None:
        fetching.bench.machine.files.write(STAGED, b"xz")
        killed.append(clone(fetching.bench.machine))
        fetching.bench.machine.files.remove(STAGED)

    fetching.host.meanwhile = die
    assert (await fetching.do(FETCH)).ok
    following = Fetching()
    following.bench.machine = killed[0]
    killed[0].staging.clear()  # the kernel lets go of a lock whose holder is dead
    following.host = Downloading(killed[0], following.meanwhile)
    following.reader = Reader(following.host)
    layout = (await following.reader.gather(quick=True)).layout
    assert await interrupted.find_interrupted(following.host, layout) is None
    assert (await following.do(Stop("www0"))).ok
    plan = await prepare(following.reader, FETCH)
    assert plan.steps[0].title == f"Remove {STAGED}, a part of an earlier download"
    assert (await following.carry_out(plan)).ok
    assert following.exists(ARCHIVE)
    assert not following.exists(STAGED)


async def test_two_programs_do_not_write_one_file() -> None:
    fetching = Fetching()
    fetching.requests = [FETCH]
    assert (await fetching.do(FETCH)).ok
    (other,) = fetching.outcomes
    assert other.status is OutcomeStatus.REFUSED
    assert other.message == f"another program is downloading {STAGED} on this host"


async def test_an_image_that_is_there_by_then_is_not_made_again() -> None:
    fetching = Fetching()

    async def make() -> None:
        fetching.bench.run_now("zfs", "create", "zroot/jails/image/14.3-RELEASE")
        fetching.bench.run_now("zfs", "snapshot", "zroot/jails/image/14.3-RELEASE@base")

    fetching.host.meanwhile = make
    outcome = await fetching.do(FETCH)
    assert outcome.status is OutcomeStatus.NOTHING
    assert not fetching.exists(STAGED)


async def test_a_download_waits_for_its_turn() -> None:
    fetching = Fetching()
    looks: list[bool] = []

    async def lock() -> None:
        fetching.bench.machine.locked = True

    def emit(event: Event) -> None:
        if isinstance(event, Output) and event.line.startswith("Waiting until another change"):
            looks.append(fetching.exists(STAGED))
            fetching.bench.machine.locked = False

    fetching.host.meanwhile = lock
    plan = await prepare(fetching.reader, FETCH)
    assert (await execute(fetching.reader, plan, emit, fetching.abort, pause=0)).ok
    assert looks == [True]


async def test_an_abort_ends_the_wait() -> None:
    fetching = Fetching()
    before = dump(fetching.bench.machine)

    async def lock() -> None:
        fetching.bench.machine.locked = True

    def emit(event: Event) -> None:
        if isinstance(event, Output) and event.line.startswith("Waiting until another change"):
            fetching.abort.set()

    fetching.host.meanwhile = lock
    plan = await prepare(fetching.reader, FETCH)
    outcome = await execute(fetching.reader, plan, emit, fetching.abort, pause=0)
    assert outcome.status is OutcomeStatus.ABORTED
    assert outcome.undone
    assert same(before, dump(fetching.bench.machine)) == ()


async def test_a_program_that_ends_while_it_waits_removes_its_file() -> None:
    fetching = Fetching()
    tasks: list[asyncio.Task[Outcome]] = []

    async def lock() -> None:
        fetching.bench.machine.locked = True

    def emit(event: Event) -> None:
        if isinstance(event, Output) and event.line.startswith("Waiting until another change"):
            task = asyncio.current_task()
            assert task is not None
            tasks.append(task)
            asyncio.get_running_loop().call_soon(task.cancel)

    fetching.host.meanwhile = lock
    plan = await prepare(fetching.reader, FETCH)
    outcome = await execute(fetching.reader, plan, emit, fetching.abort, pause=0)
    assert len(tasks) == 1
    assert outcome.status is OutcomeStatus.ABORTED
    assert outcome.message == "the program was terminated"
    assert not fetching.exists(STAGED)


async def test_nothing_is_downloaded_for_a_change_that_is_not_allowed() -> None:
    fetching = Fetching()
    plan = await prepare(fetching.reader, FETCH)
    async with fetching.bench.host.lock():
        outcome = await fetching.carry_out(plan)
    assert outcome.status is OutcomeStatus.REFUSED
    assert outcome.message == "another change is under way on this host"
    assert fetching.host.downloads == 0
