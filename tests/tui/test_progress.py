"""Work while it runs: abort, background, failing, and what is left of it on the screen."""

from __future__ import annotations

from jailer_core.plan import OutcomeStatus, Output
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.stores.job import KEPT_LINES, KEPT_SIZE, Job
from jailer_tui.stores.jobs import Batch
from tests.tui.changes import asked, hold, last
from tests.tui.harness import Stage, opened


def starting(argv: tuple[str, ...]) -> bool:
    return argv[0] == "jail" and "-c" in argv


def hangs(machine: Machine) -> None:
    machine.faults.append(Fault("stuck", starting))


async def stuck_start(it: Stage) -> Job:
    """A start that never ends."""
    hold(it)
    await asked(it, "db01", "s")
    await it.press("y")
    await it.until(lambda: bool(last(it).active))
    return last(it)


async def test_of_its_output_only_so_much_is_kept() -> None:
    async with opened(change=hangs) as it:
        job = await stuck_start(it)
        before = len(job.lines)
        for number in range(KEPT_LINES):
            job.hear(Output(0, f"short {number}", error=False))
        assert len(job.lines) <= KEPT_LINES
        for _ in range(300):
            job.hear(Output(0, "x" * 16384, error=False))
        assert sum(len(text) for _, text in job.lines) <= KEPT_SIZE
        job.hear(Output(0, "\x1b" * (2 * KEPT_SIZE), error=False))
        job.hear(Output(0, "the last", error=True))
        assert job.lines[-1] == ("error", "the last")
        assert len(job.lines) + job.cut == before + KEPT_LINES + 302
        await it.press("X", "enter")


async def test_abort_asks_and_takes_back() -> None:
    async with opened(change=hangs) as it:
        job = await stuck_start(it)
        it.sees("at most", "esc leaves it in the background")
        await it.press("X")
        assert it.dialog == "ConfirmDialog"
        await it.press("enter")
        assert not job.abort.is_set()
        await it.press("X", "left", "enter")
        await it.at_rest()
        assert job.outcome is not None
        assert job.outcome.status is OutcomeStatus.ABORTED
        it.sees("Aborted")
        assert not it.jail("db01").running


async def test_abort_by_its_letter() -> None:
    async with opened(change=hangs) as it:
        job = await stuck_start(it)
        await it.press("X")
        it.sees("y Abort", "esc Keep running")
        await it.press("escape")
        assert not job.abort.is_set()
        await it.press("X", "y")
        await it.at_rest()
        assert job.outcome is not None
        assert job.outcome.status is OutcomeStatus.ABORTED


async def test_in_the_background_and_back() -> None:
    async with opened(change=hangs) as it:
        job = await stuck_start(it)
        await it.press("escape")
        assert it.dialog == "JailsScreen"
        it.sees("Start db01", "shows it")
        await it.press("w")
        assert it.dialog == "ProgressDialog"
        it.sees("jail -v")
        job.abort.set()
        await it.at_rest()
        it.sees("Aborted")


async def test_what_ends_in_the_background_is_said() -> None:
    async with opened(change=hangs) as it:
        job = await stuck_start(it)
        await it.press("escape")
        job.abort.set()
        await it.at_rest()
        assert any("Start db01: aborted" in one.message for one in it.app._notifications)


async def test_work_waits_for_its_turn() -> None:
    async with opened(change=hangs) as it:
        first = await stuck_start(it)
        await it.press("escape")
        await asked(it, "www0", "S")
        await it.press("y")
        it.sees("Waiting for other changes")
        assert not last(it).began
        first.abort.set()
        await it.at_rest()
        assert not it.jail("www0").running


async def test_leaving_asks_while_something_runs() -> None:
    async with opened(change=hangs) as it:
        job = await stuck_start(it)
        await it.press("escape", "q")
        assert it.dialog == "LeaveDialog"
        await it.press("enter")
        assert it.dialog == "JailsScreen"
        await it.press("ctrl+c", "ctrl+c", "right", "right", "enter")
        assert job.abort.is_set()
        assert it.app._exit
        await it.app.jobs.drain()
        assert job.outcome is not None
        assert job.outcome.undone


async def test_leaving_asks_nothing_while_nothing_runs() -> None:
    async with opened() as it:
        await it.press("q")
        assert it.app._exit


async def mark(it: Stage, *names: str) -> None:
    for name in names:
        await it.go_to(name)
        await it.press("space")


async def test_three_marked_jails_are_stopped() -> None:
    async with opened() as it:
        await mark(it, "app0", "app1", "www0")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("Stop app0", "Stop 3 jails")
        await it.press("y")
        await it.at_rest()
        it.compare("batch-stopped")
        await it.press("escape")
        assert not any(it.jail(name).running for name in ("app0", "app1", "www0"))
        assert it.jail("shop").running


async def test_a_batch_says_which_could_not_be_done_and_goes_on() -> None:
    def broken(argv: tuple[str, ...]) -> bool:
        return argv[0] == "jail" and "-r" in argv and "app0" in argv

    def change(machine: Machine) -> None:
        machine.faults.append(Fault("fail", broken, times=9, message="it will not go"))

    async with opened(change=change) as it:
        await mark(it, "app0", "byhand.child", "www0")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("byhand.child: read-only")
        await it.press("y")
        await it.at_rest()
        it.compare("batch-partly")
        assert it.jail("app0").running
        assert not it.jail("www0").running


async def test_destroying_many_wants_their_number() -> None:
    async with opened() as it:
        await mark(it, "app0", "app1")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("type  2 jails")
        await it.type("2 jails")
        await it.press("enter")
        await it.at_rest()
        assert {one.name for one in it.inventory.trash} == {"app0", "app1"}


async def test_a_batch_can_be_aborted() -> None:
    async with opened(change=hangs) as it:
        hold(it)
        await mark(it, "app0", "app1")
        await it.press("r")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("y")
        batch = it.app.jobs.all[-1]
        assert isinstance(batch, Batch)
        await it.press("X")
        await it.press("left", "enter")
        await it.at_rest()
        assert [one.ending for one in batch.items] == ["aborted", "waiting"]
        it.sees("left out")


async def everything(it: Stage, words: str) -> None:
    """All of our jails, by the palette: there is no key for it."""
    await it.press("colon")
    await it.type(words)
    await it.press("enter")
    await it.until(lambda: it.dialog == "PreviewDialog")


async def test_start_all_and_stop_all_are_for_our_own() -> None:
    async with opened() as it:
        await everything(it, "stop all running")
        await it.press("y")
        await it.at_rest()
        running = {one.name for one in it.inventory.jails if one.running}
        assert running == {"byhand", "byhand.child", "shop", "thick1"}
        await it.press("escape")
        await everything(it, "start all jails")
        await it.press("y")
        await it.at_rest()
        assert it.jail("app0").running
        assert it.jail("db01").running
