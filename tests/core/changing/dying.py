"""Run a plan in programs that are killed, and keep what each leaves on its host's disk.

The plan runs once. At every moment that matters its host is copied as it is then: a program that
is killed does nothing more, so that is all that it leaves (test_sigkill.py kills a real one).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.host import Hear, Line, Result
from jailer_core.plan import Outcome, Plan, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Call, Machine
from tests.mould import Mould

BEFORE, CUT, AFTER, LATER, NEVER, PART = "before", "cut", "after", "later", "never", "part"
"""Killed before a command; before it, with its line cut; after its effect and before its line;
while it runs, and the effect comes later, never, or in part."""
LONG = 5.0
Commands = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Death:
    """What one killed process left: step and moment, and the host as it was on disk."""

    step: int
    moment: str
    mould: Mould
    last: Callable[[Machine], None]
    """What still happened after that state of the host."""

    def machine(self) -> Machine:
        """The host as the killed program left it, another copy each time."""
        machine = self.mould.cast()
        machine.locked = False  # the kernel lets go of a lock whose holder is dead
        machine.staging.clear()
        machine.detached.clear()
        self.last(machine)
        return machine


class DyingHost(SimulatedHost):
    """Forks a child that dies, at these moments of these steps, as the journal tells of them."""

    def __init__(
        self,
        machine: Machine,
        moments: frozenset[str],
        steps: Mapping[int, frozenset[str]] | None,
    ) -> None:
        super().__init__(machine)
        self.moments = moments
        self.steps = steps
        self.deaths: list[Death] = []
        self._commands: tuple[Commands, str] = ((), "")

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = 60.0,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        self._commands = (commands, stdin or "")
        return await super().stream(commands, line, stdin=stdin, timeout=timeout, started=started)

    async def append(self, path: str, text: str, *, mode: int = 0o600) -> None:
        record = json.loads(text.strip().partition("\n")[0])
        step = record.get("step", -1)
        if record["record"] == "begun":
            self._die(step, {CUT: _added(path, text[: len(text) // 2])})
        if record["record"] in ("done", "undone"):
            # what is cut in the middle of its line is as good as not there
            self._die(step, {AFTER: _added(path, text[: (step * 7) % len(text)])})
        await super().append(path, text, mode=mode)
        if record["record"] == "begun":
            self._die(step, {BEFORE: lambda _machine: None})
        if record["record"] == "runs":
            commands, stdin = self._commands
            self._die(
                step,
                {
                    LATER: partial(_goes_on, commands, stdin, effect=True),
                    NEVER: partial(_goes_on, commands, stdin, effect=False),
                    PART: partial(_in_part, commands, stdin),
                },
            )

    def _die(self, step: int, lasts: Mapping[str, Callable[[Machine], None]]) -> None:
        """Keep the host as a program leaves it that is killed now, `lasts` being its ends."""
        moments = self.moments if self.steps is None else self.steps.get(step, frozenset())
        if wanted := moments.intersection(lasts):
            mould = Mould(self.machine)
            self.deaths += (
                Death(step, moment, mould, last)
                for moment, last in lasts.items()
                if moment in wanted
            )


def _added(path: str, text: str) -> Callable[[Machine], None]:
    """Write more to a file."""

    def add(machine: Machine) -> None:
        machine.files.write(path, machine.files.read(path) + text.encode())

    return add


def _running(machine: Machine, commands: Commands) -> list[int]:
    lines = {" ".join(argv) for argv in commands}
    return [pid for pid, process in machine.state.processes.items() if process.command in lines]


def _goes_on(commands: Commands, stdin: str, machine: Machine, *, effect: bool) -> None:
    """The command outlives its caller: it was started in a session of its own."""
    state, running = machine.state, _running(machine, commands)
    for pid in running:
        state.processes[pid].ends = state.now + LONG if effect else 0.0
    if effect:
        last = state.processes[running[-1]]
        last.then, last.given = [list(argv) for argv in commands], stdin


def _in_part(commands: Commands, stdin: str, machine: Machine) -> None:
    """Someone ended the command after its first sign of life."""
    for pid in _running(machine, commands):
        del machine.state.processes[pid]
    running = machine.run(Call(tuple(commands[0]), stdin.encode(errors="surrogateescape")))
    next(running, None)
    running.close()


def deaths(
    machine: Machine,
    request: Request,
    moments: frozenset[str],
    steps: Mapping[int, frozenset[str]] | None = None,
) -> tuple[Plan, Outcome, list[Death]]:
    """Carry a request out on that host; the plan, how it went, and all that died on the way.

    `steps` are those at which it dies, each with its moments; None for all, at `moments`.
    """
    host = DyingHost(machine, moments, steps)

    async def run() -> tuple[Plan, Outcome]:
        reader = Reader(host)
        plan = await prepare(reader, request)
        done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
        return plan, done

    plan, done = asyncio.run(run())
    return plan, done, host.deaths
