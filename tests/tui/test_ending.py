"""Whatever ends the screen: work runs to its end, or is undone, and the user is told."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jailer_core.execution import prepare
from jailer_core.operations.jails.requests import Start, Stop
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump
from jailer_tui import shutdown
from jailer_tui.app import JailerApp
from jailer_tui.shutdown import live_through
from jailer_tui.stores.job import Job
from jailer_tui.terminal_options import Options


class Headless(JailerApp):
    """The app without a terminal; `go` happens when it is ready."""

    go: Callable[[], Any]

    async def run_async(self, **_options: Any) -> int | None:
        self.gone = asyncio.Event()
        try:
            return await super().run_async(headless=True, size=(80, 24))
        finally:
            self.gone.set()

    def on_ready(self) -> None:
        self.run_worker(self.go())


class Slow(SimulatedHost):
    """A host on which a stop waits for `gate`, and what hangs hangs until it is ended."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine, pace=0)
        self.gate = asyncio.Event()
        self.waits = asyncio.Event()

    async def _wait(self, seconds: float, limit: float) -> None:
        if seconds >= 100:
            self.waits.set()
            await self.gate.wait()
        await super()._wait(min(seconds, 1.0), limit)


def stopping(argv: tuple[str, ...]) -> bool:
    return argv[0] == "jail" and "-r" in argv


def machine(*faults: Fault) -> Machine:
    found = scenarios.build("busy")
    found.faults.extend(faults)
    return found


def running(app: Headless) -> Job:
    job = app.jobs.all[-1]
    assert isinstance(job, Job)
    return job


async def test_work_ends_by_itself_after_the_line_was_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    host = Slow(machine(Fault("slow", stopping, seconds=100)))
    app = Headless(host, options=Options(interval=1e6))

    async def go() -> None:
        app.jobs.start(await prepare(app.reader, Stop("www0")))
        await host.waits.wait()
        os.kill(os.getpid(), signal.SIGHUP)

    async def later() -> None:
        await host.waits.wait()
        await app.gone.wait()
        host.gate.set()

    app.go = go
    opener = asyncio.create_task(later())
    assert await live_through(app, mouse=False) == 128 + signal.SIGHUP
    await opener
    outcome = running(app).outcome
    assert outcome is not None
    assert outcome.status is OutcomeStatus.DONE
    said = capsys.readouterr().err
    assert "still running: Stop www0" in said
    assert "Stop www0: done" in said


async def test_garbage_is_collected_once_the_program_has_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutdown, "STARTED", 0.0)
    app = Headless(SimulatedHost(machine()), options=Options(interval=1e6))
    app.go = app.exit
    gc.disable()
    try:
        await live_through(app, mouse=False)
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()


async def test_a_second_signal_takes_the_work_back() -> None:
    def starting(argv: tuple[str, ...]) -> bool:
        return argv[0] == "jail" and "-c" in argv

    host = Slow(machine(Fault("hang", starting)))
    app = Headless(host, options=Options(interval=1e6))
    before = dump(host.machine)

    async def go() -> None:
        app.jobs.start(await prepare(app.reader, Start("db01")))
        await host.waits.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGTERM)

    app.go = go
    assert await live_through(app, mouse=False) == 128 + signal.SIGTERM
    outcome = running(app).outcome
    assert outcome is not None
    assert outcome.status is OutcomeStatus.ABORTED
    assert not any(jail.name == "db01" for jail in host.machine.state.jails.values())
    assert dump(host.machine)["jails"] == before["jails"]


async def test_a_crash_is_one_line_and_a_private_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = Headless(SimulatedHost(machine(), pace=0), options=Options(interval=1e6))
    secrets: list[str] = []

    async def go() -> None:
        secret = os.urandom(8).hex()
        secrets.append(secret)
        raise LookupError(f"something odd {len(secret)}")

    app.go = go
    assert await live_through(app, mouse=False) == 1
    said = capsys.readouterr().err
    assert "internal error" in said
    assert "reset" in said
    assert "Traceback" not in said
    (log,) = (tmp_path / "jailer-tui").iterdir()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "something odd" in log.read_text()
    assert secrets[0] not in log.read_text()


async def test_a_mistake_outside_of_the_loop_ends_with_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = Headless(SimulatedHost(machine(), pace=0), options=Options(interval=1e6))

    async def go() -> None:
        app.fail(LookupError("in a thread"))

    app.go = go
    assert await live_through(app, mouse=False) == 1
    assert "internal error: LookupError" in capsys.readouterr().err


async def test_a_terminal_that_is_gone_is_an_end_by_sighup() -> None:
    app = Headless(SimulatedHost(machine(), pace=0), options=Options(interval=1e6))

    async def go() -> None:
        app.hang_up()

    app.go = go
    assert await live_through(app, mouse=False) == 128 + signal.SIGHUP


async def test_tasks_start_alike_on_every_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.12 has a factory by which tasks start at once, and textual uses it."""

    def factory(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(work, loop=loop, **options)

    monkeypatch.setattr(asyncio, "eager_task_factory", factory, raising=False)
    app = Headless(SimulatedHost(scenarios.build("small")), options=Options(interval=1e6))
    factories = []

    async def go() -> None:
        factories.append(asyncio.get_running_loop().get_task_factory())
        app.exit()

    app.go = go
    assert await live_through(app, mouse=False) == 0
    assert factories == [None]
