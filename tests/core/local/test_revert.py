"""The watchdog that reverts a change, as a program of its own on this machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jailer_core.execution.plan_run import PlanRun
from jailer_core.execution.run_steps import run_steps
from jailer_core.host.local import LocalHost
from jailer_core.journal import Journal, make_folders
from jailer_core.operations.jails.requests import Start
from jailer_core.operations.undo.entry import Entry, parse
from jailer_core.plan import (
    AwaitConfirmation,
    FileHasText,
    Plan,
    RemoveFile,
    Run,
    Step,
    Undo,
    WriteFile,
)

pytestmark = pytest.mark.processes("sleep")
MARK = "0123456789ab"
PATIENCE = 60.0


def words(state: Path, seconds: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "jailer_core.watchdog", str(state), MARK, seconds)


def made(state: Path, target: Path, seconds: str) -> Plan:
    ticket = f"{state}/revert/{MARK}"
    undo = Undo(
        RemoveFile(str(target)),
        "remove it",
        preconditions=(FileHasText(str(target), "new"),),
        done_when=(FileHasText(str(target), None),),
    )
    steps = (
        Step(Run(words(state, seconds)), "watch", undo=(Undo(RemoveFile(ticket), "rest"),)),
        Step(WriteFile(str(target), "new"), "write", undo=(undo,)),
        Step(AwaitConfirmation(ticket), "wait"),
    )
    return Plan(Start("x"), "test", steps)


async def until(path: Path, *, there: bool) -> None:
    """It comes or goes by another process: looked for often, given up only when that is dead."""
    began = time.monotonic()
    while path.exists() is not there:
        assert time.monotonic() - began < PATIENCE, f"{path} never changed"
        await asyncio.sleep(0.02)


async def begun(state: Path, plan: Plan) -> Journal:
    """The program makes the change, and is gone while it waits: as after SIGKILL."""
    host = LocalHost(str(state / "lock"))
    await make_folders(host, str(state))
    journal = await Journal.begin(host, str(state), plan)
    course = PlanRun(host, plan, journal, lambda _event: None)
    abort = asyncio.Event()
    held = asyncio.ensure_future(run_steps(course, abort, 0))
    while len(course.ran) < len(plan.steps):
        assert not held.done(), held.result()
        await asyncio.sleep(0.02)
    journal.write = _nowhere  # type: ignore[method-assign]
    course.ran.clear()  # what is gone takes nothing back
    abort.set()
    await held
    return journal


async def ended(journal: Journal) -> Entry:
    """What the journal tells once it tells of an outcome."""
    began = time.monotonic()
    while True:
        entry = parse(journal.path, Path(journal.path).read_text())
        if entry is not None and entry.ending:
            return entry
        assert time.monotonic() - began < PATIENCE, "it did not finish"
        await asyncio.sleep(0.02)


async def _nowhere(*_args: object, **_values: object) -> None:
    return


async def test_it_takes_back_what_nobody_confirms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "changed"
    journal = await begun(tmp_path, made(tmp_path, target, "0.5"))
    await until(target, there=False)
    await until(tmp_path / "revert" / MARK, there=False)
    entry = await ended(journal)
    assert entry.ending == "failed"
    assert entry.undone == (1, 0)


async def test_it_rests_once_somebody_confirmed(tmp_path: Path) -> None:
    target = tmp_path / "changed"
    journal = await begun(tmp_path, made(tmp_path, target, "1000"))
    (tmp_path / "revert" / MARK).unlink()
    entry = await ended(journal)
    assert entry.ending == "done"
    assert target.read_text() == "new"


def test_without_a_journal_it_says_so(tmp_path: Path) -> None:
    for folder in ("journal", "revert"):
        (tmp_path / folder).mkdir()
    ended = subprocess.run(words(tmp_path, "60"), capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"no plan in {tmp_path}/journal bears the mark {MARK}\n"
    assert not list((tmp_path / "revert").iterdir())
