"""A change that may cut the connection asks whether the user is still connected."""

from __future__ import annotations

import asyncio

from jailer_core.execution.perform import LATE
from jailer_core.operations.setup.requests import FilterAnchors, Init
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.ssh_client import Connection
from jailer_tui.stores.job import Job
from tests.tui.changes import last
from tests.tui.harness import Stage, opened

HERE = Connection("10.0.2.2", "10.0.2.15", 22)


SLOW = 7.0


class Gates:
    """What the host waits for: someone who confirms, and a step that is slow."""

    def __init__(self, it: Stage) -> None:
        self.confirmed, self.slow = asyncio.Event(), asyncio.Event()
        gate = it.host._wait

        async def wait(seconds: float, limit: float) -> None:
            if limit == LATE:
                await self.confirmed.wait()
            if seconds == SLOW:
                await self.slow.wait()
            await gate(seconds, limit)

        it.host._wait = wait  # type: ignore[method-assign]


async def begin(it: Stage) -> Gates:
    it.host.connection = HERE
    gates = Gates(it)
    it.app.start_task(it.app.runner.run(Init((FilterAnchors(),))), "init")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    it.sees("This may cut your own connection", "To continue, type  vtnet0")
    await it.press("y")
    assert it.dialog == "PreviewDialog", "a key alone is not enough"
    await it.press("backspace")
    await it.type("vtnet0")
    await it.press("enter")
    return gates


async def held(it: Stage) -> Job:
    await it.until(lambda: last(it).held is not None, "the question")
    return last(it)


async def test_a_key_keeps_it() -> None:
    async with opened() as it:
        gates = await begin(it)
        job = await held(it)
        it.sees("Still connected?  y  keeps the change.", "Undone in", "y Keep it")
        await it.press("escape")
        assert it.dialog == "ProgressDialog", "it cannot be left before it is answered"
        await it.press("y")
        gates.confirmed.set()
        await it.at_rest()
        assert job.outcome is not None
        assert job.outcome.ok
        assert it.machine.state.pf.enabled
        it.sees("Done")


async def test_who_sees_nothing_presses_nothing() -> None:
    async with opened() as it:
        gates = await begin(it)
        job = await held(it)
        assert it.machine.state.pf.enabled
        gates.confirmed.set()
        await it.at_rest()
        assert job.outcome is not None
        assert job.outcome.status is OutcomeStatus.FAILED
        assert job.outcome.undone
        assert not it.machine.state.pf.enabled
        it.sees("no confirmation within 60 s", "Everything that was done has been undone.")


async def test_the_question_comes_back_to_the_front() -> None:
    async with opened() as it:
        slow = Fault("slow", lambda argv: argv[0] == "sysrc", seconds=SLOW)
        it.machine.faults.append(slow)
        gates = await begin(it)
        await it.press("escape")
        assert it.dialog == "JailsScreen"
        gates.slow.set()
        job = await held(it)
        await it.until(lambda: it.app.is_shown(job), "the question is in front")
        it.sees("Still connected?")
        await it.press("X", "left", "enter")
        gates.confirmed.set()
        await it.at_rest()
        assert job.outcome is not None
        assert job.outcome.status is OutcomeStatus.ABORTED


async def test_what_another_program_began_is_confirmed_from_the_palette() -> None:
    async with opened() as it:
        folder = "/var/db/jailer-tui/revert"
        it.machine.files.mkdir(folder, parents=True)
        it.machine.files.write(f"{folder}/0123", b"")
        await it.press("4")
        for words in ("the change is kept", "no change is waiting"):
            await it.press("colon")
            await it.type("confirm a change")
            await it.press("enter")
            await it.until(lambda said=words: told(it, said), words)  # type: ignore[misc]
            assert not it.machine.files.listdir(folder)


def told(it: Stage, words: str) -> bool:
    """Whether a message that goes away on its own says so."""
    return any(words in one.message for one in it.app._notifications)
