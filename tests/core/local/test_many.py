"""Real processes side by side, as a command in many jails would run them: none is left over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jailer_core.execution.fan_out import FanOut, RunStatus
from jailer_core.host.local import LocalHost
from jailer_core.model import HostFacts, Inventory, Layout
from jailer_core.operations.in_jail.requests import Exec
from jailer_core.plan import Plan, Run, Step
from tests.core.local.programs import STUBBORN, gone, py

pytestmark = [pytest.mark.processes("/nowhere/program"), pytest.mark.usefixtures("each_host")]


class LocalReader:
    """Knows that this is root, and where the journal goes; the commands are real."""

    def __init__(self, state: str) -> None:
        self.host = LocalHost()
        self._found = Inventory(HostFacts(uid=0), Layout(state=state))

    async def gather(self, *_needs: object, **_options: object) -> Inventory:
        return self._found


def many(folder: Path, commands: list[list[str]], at_once: int, seconds: float = 1e9) -> FanOut:
    names = tuple(f"jail{number}" for number in range(len(commands)))
    steps = tuple(
        Step(Run(tuple(argv)), "run it", timeout=seconds, irreversible_because="done", jail=name)
        for name, argv in zip(names, commands, strict=True)
    )
    request = Exec(names, ("x",), at_once=at_once)
    reader: Any = LocalReader(str(folder / "state"))
    return FanOut(reader, Plan(request, "Run x", steps))


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


def pids(crowd: FanOut) -> list[int]:
    return [int(word) for turn in crowd.turns for word in turn.output.text(error=False).split()]


@pytest.mark.local_only  # it waits for seconds
async def test_side_by_side_within_the_limit_and_all_are_ended(tmp_path: Path) -> None:
    crowd = many(tmp_path, [py(STUBBORN) for _ in range(5)], at_once=3)
    run = asyncio.create_task(crowd.run())
    await until(lambda: len(pids(crowd)) == 6)
    assert [turn.run_status for turn in crowd.turns] == [RunStatus.RUNNING] * 3 + [
        RunStatus.WAITING
    ] * 2
    first = [int(word) for word in crowd.turns[0].output.text(error=False).split()]
    crowd.end(crowd.turns[0])
    crowd.end(crowd.turns[0])
    await until(lambda: crowd.turns[0].over and len(pids(crowd)) == 8)
    assert all(gone(pid) for pid in first)
    assert not any(gone(pid) for pid in pids(crowd)[2:])
    started = pids(crowd)
    crowd.end_all()
    await run
    assert [turn.run_status for turn in crowd.turns] == [RunStatus.ENDED] * 4 + [RunStatus.LEFT_OUT]
    assert len(started) == 8
    assert all(gone(pid) for pid in started)


@pytest.mark.local_only  # it waits for seconds
async def test_each_ends_in_its_own_way(tmp_path: Path) -> None:
    crowd = many(
        tmp_path,
        [
            py("print('fine')"),
            py("import sys; print('bad', file=sys.stderr); sys.exit(3)"),
            py("import os; os.kill(os.getpid(), 15)"),
            py("import signal; signal.pause()"),
            ["/nowhere/program"],
            py("import sys; sys.stdout.write('y' * 3_000_000)"),
        ],
        at_once=6,
        seconds=3.0,  # a busy machine takes a second to start a Python
    )
    await crowd.run()
    assert [turn.run_status for turn in crowd.turns] == [
        RunStatus.DONE,
        RunStatus.FAILED,
        RunStatus.FAILED,
        RunStatus.LATE,
        RunStatus.FAILED,
        RunStatus.DONE,
    ]
    assert [turn.status for turn in crowd.turns] == [0, 3, -15, None, None, 0]
    assert crowd.turns[1].output.lines() == [("bad", True)]
    assert crowd.turns[2].message == "killed by signal 15"
    assert crowd.turns[4].message == "/nowhere/program: no such program on this host"
    flood = crowd.turns[5].output
    assert flood.total == 3_000_000
    assert len(flood.text(error=False)) < 200_000


async def test_floods_leave_time_for_the_others(tmp_path: Path) -> None:
    yes = "import sys\nwhile True: sys.stdout.write('y\\n' * 4096)"
    crowd = many(tmp_path, [*(py(yes) for _ in range(3)), py("print('fine')")], at_once=4)
    run = asyncio.create_task(crowd.run())
    await until(lambda: crowd.turns[3].over)
    await until(lambda: all(turn.output.lost for turn in crowd.turns[:3]))
    crowd.end_all()
    await run
    assert [turn.run_status for turn in crowd.turns] == [RunStatus.ENDED] * 3 + [RunStatus.DONE]
