"""After a change was interrupted: what still runs, what is allowed, how it is resolved."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from jailer_core import journal, journal_peek
from jailer_core.errors import Refused
from jailer_core.execution import execute, interrupted, prepare
from jailer_core.facts import Reader
from jailer_core.journal import Interrupted
from jailer_core.operations.jails.requests import Edit, Start, Stop
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.plan import Outcome, OutcomeStatus, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.dying import AFTER, BEFORE, LATER, NEVER, Death, deaths
from tests.core.changing.workbench import Bench

MOMENTS = frozenset({BEFORE, AFTER, LATER, NEVER})


def died(machine: Machine, request: Request, step: int, moment: str) -> Death:
    _, _, found = deaths(machine, request, MOMENTS)
    (one,) = [one for one in found if (one.step, one.moment) == (step, moment)]
    return one


class Next:
    """The next program on that host."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.host = SimulatedHost(machine)
        self.reader = Reader(self.host)
        self.slept = 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.machine.state.now += seconds

    async def look(self) -> Interrupted:
        cut = await self.maybe()
        assert cut is not None
        return cut

    async def maybe(self) -> Interrupted | None:
        return await interrupted.find_interrupted(
            self.host, (await self.reader.gather(quick=True)).layout
        )

    async def do(self, request: Request) -> Outcome:
        plan = await prepare(self.reader, request)
        return await execute(self.reader, plan, lambda _event: None, asyncio.Event(), pause=0)

    @property
    def running(self) -> set[str]:
        return {one.name for one in self.machine.state.jails.values()}


@pytest.fixture(scope="module")
def hosts() -> dict[str, Death]:
    _, _, found = deaths(Bench().machine, Stop("www0"), MOMENTS)
    return {one.moment: one for one in found if one.step == 0}


async def test_nothing_else_is_changed_before(hosts: dict[str, Death]) -> None:
    there = Next(hosts[AFTER].machine())
    outcome = await there.do(Stop("app0"))
    assert outcome.status is OutcomeStatus.REFUSED
    assert "an earlier change was interrupted: Stop www0" in outcome.message
    assert "activity recover" in outcome.hint
    assert "app0" in there.running


async def test_a_command_that_runs_is_waited_for(hosts: dict[str, Death]) -> None:
    there = Next(hosts[LATER].machine())
    cut = await there.look()
    (process,) = await interrupted.still_running(there.host, cut)
    assert process.command.startswith("jail -v")
    outcome = await there.do(UndoChange(cut.target.id, "1"))
    assert outcome.status is OutcomeStatus.REFUSED
    assert f"process {process.pid}" in outcome.message
    await interrupted.wait(there.host, cut, there.sleep)
    assert there.slept > 1
    assert "www0" not in there.running


async def test_or_ended(hosts: dict[str, Death]) -> None:
    there = Next(hosts[NEVER].machine())
    cut = await there.look()
    assert await interrupted.terminate(there.host, cut, there.sleep)
    assert await interrupted.still_running(there.host, cut) == ()
    assert "www0" in there.running


async def test_one_that_does_not_listen_is_killed(hosts: dict[str, Death]) -> None:
    there = Next(hosts[NEVER].machine())
    cut = await there.look()
    (process,) = await interrupted.still_running(there.host, cut)
    there.machine.state.processes[process.pid].stubborn = True
    assert await interrupted.terminate(there.host, cut, there.sleep)
    assert process.pid not in there.machine.state.processes


@pytest.mark.parametrize("what", ["began earlier", "another command", "in a jail"])
async def test_a_pid_that_is_another_process_by_now(hosts: dict[str, Death], what: str) -> None:
    there = Next(hosts[NEVER].machine())
    cut = await there.look()
    (process,) = await interrupted.still_running(there.host, cut)
    found = there.machine.state.processes[process.pid]
    if what == "began earlier":
        found.started -= 100
    elif what == "another command":
        found.command = "/usr/sbin/cron -s"
    else:
        found.jid = next(iter(there.machine.state.jails))
    assert await interrupted.still_running(there.host, cut) == ()


async def test_one_whose_pid_was_not_told_any_more(hosts: dict[str, Death]) -> None:
    """Killed before a started command was recorded: found by command, parent and time."""
    there = Next(hosts[NEVER].machine())
    cut = await there.look()
    mute = Interrupted(tuple(replace(one, running=()) for one in cut.entries))
    (process,) = await interrupted.still_running(there.host, mute)
    assert process.command.startswith("jail -v")
    there.machine.state.processes[process.pid].parent = 4711
    assert await interrupted.still_running(there.host, mute) == ()
    there.machine.state.processes[process.pid].parent = 1
    there.machine.state.processes[process.pid].started -= 100
    assert await interrupted.still_running(there.host, mute) == ()


@pytest.mark.parametrize("skew", [5.0, -5.0, 3600.0, -3600.0])
@pytest.mark.parametrize("recorded", [True, False])
async def test_setting_the_clock_does_not_hide_a_command(
    hosts: dict[str, Death], skew: float, recorded: bool
) -> None:
    following = Next(hosts[NEVER].machine())
    following.host.skew = skew
    cut = await following.look()
    if not recorded:
        cut = Interrupted(tuple(replace(entry, running=()) for entry in cut.entries))
    (process,) = await interrupted.still_running(following.host, cut)
    assert process.command.startswith("jail -v")


async def test_journals_without_uptimes_are_compared_by_the_clock(
    hosts: dict[str, Death],
) -> None:
    following = Next(hosts[NEVER].machine())
    cut = await following.look()
    told = tuple(replace(process, uptime=None) for process in cut.running)
    older = Interrupted(tuple(replace(entry, running=told, uptimes={}) for entry in cut.entries))
    assert len(await interrupted.still_running(following.host, older)) == 1
    following.host.skew = 100.0
    assert await interrupted.still_running(following.host, older) == ()


async def test_left_as_it_is(hosts: dict[str, Death]) -> None:
    there = Next(hosts[AFTER].machine())
    cut = await there.look()
    await interrupted.dismiss(there.host, cut)
    assert await there.maybe() is None
    assert (await there.do(Stop("app0"))).ok
    assert (await there.do(UndoChange(cut.target.id, "1"))).ok
    assert "www0" in there.running


async def test_gone_on_with(hosts: dict[str, Death]) -> None:
    there = Next(hosts[BEFORE].machine())
    cut = await there.look()
    assert (await there.do(Resume(cut.target.id))).ok
    assert "www0" not in there.running
    assert await there.maybe() is None
    with pytest.raises(Refused, match="has finished"):
        await there.do(Resume(cut.target.id))


async def test_what_was_gone_on_with_is_undone_as_one(hosts: dict[str, Death]) -> None:
    there = Next(hosts[BEFORE].machine())
    cut = await there.look()
    assert (await there.do(Resume(cut.target.id))).ok
    inventory = await there.reader.gather(quick=True)
    newest = (await journal_peek.names(there.host, inventory.layout))[0]
    entry = await journal.read_path(there.host, newest)
    assert entry is not None
    assert (await there.do(UndoChange(entry.id, "1"))).ok
    assert "www0" in there.running


def test_an_undo_that_was_cut_off_too() -> None:
    """The second death is in the middle of taking the first one back."""
    first = died(Bench().machine, Stop("www0"), 0, AFTER).machine()

    async def the_id() -> str:
        return (await Next(first).look()).target.id

    wanted = asyncio.run(the_id())
    second = died(first, UndoChange(wanted, "1"), 0, AFTER).machine()

    async def recover() -> None:
        there = Next(second)
        cut = await there.look()
        assert cut.target.title == "Stop www0"
        assert [one.title for one in cut.entries] == ["Undo: Stop www0", "Stop www0"]
        assert (await there.do(UndoChange(cut.target.id, "2"))).ok
        assert "www0" in there.running
        assert await there.maybe() is None
        assert (await there.do(Stop("app0"))).ok

    asyncio.run(recover())


async def test_an_edit_is_undone_unless_the_file_is_another_by_now() -> None:
    bench = Bench()
    path = "/etc/jail.conf.d/www0.conf"
    old = bench.text(path)
    new = old.replace("persist;", "persist;\n  # mine")
    assert new != old
    assert (await bench.do(Edit("www0", new))).ok
    inventory = await bench.reader.gather(quick=True)
    (name,) = await journal_peek.names(bench.host, inventory.layout)
    entry = name.rpartition("/")[2].removesuffix(".jsonl")
    bench.write(path, new + "# somebody else\n")
    with pytest.raises(Refused, match=f"{path} was changed since"):
        await prepare(bench.reader, UndoChange(entry, "1"))
    bench.write(path, new)
    assert (await bench.do(UndoChange(entry, "1"))).ok
    assert bench.text(path) == old
    # it runs, and is stopped with the file that it was started with
    assert (await bench.do(Stop("www0"))).ok


async def test_names_that_are_taken_by_now() -> None:
    bench = Bench()
    assert (await bench.do(Stop("www0"))).ok
    assert (await bench.do(Start("www0"))).ok
    inventory = await bench.reader.gather(quick=True)
    second, first = await journal_peek.names(bench.host, inventory.layout)
    stopped, started = (one.rpartition("/")[2].removesuffix(".jsonl") for one in (first, second))
    plan = await prepare(bench.reader, UndoChange(stopped, "1"))
    assert plan.steps == ()
    assert (await bench.do(UndoChange(started, "1"))).ok
    assert "www0" not in bench.running()


@pytest.mark.parametrize("entry", ["nosuch", "../../etc/passwd", "", "a b", "x/y"])
async def test_entries_that_are_none(entry: str) -> None:
    with pytest.raises(Refused, match="there is no change"):
        await prepare(Bench().reader, UndoChange(entry, "1"))
