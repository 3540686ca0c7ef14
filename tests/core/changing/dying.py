"""A plan that is carried out by programs that are killed: what each leaves on its host's disk.

The plan runs once. At every moment that matters its host is copied as it is then: a program that
is killed does nothing more, so that is all that it leaves (test_sigkill.py kills a real one).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.host import Hear, Line, Result
from jailer_core.plan import Outcome, Plan, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Call, Machine
from tests.mould import Mould, clone

BEFORE, CUT, AFTER, LATER, NEVER, PART = "before", "cut", "after", "later", "never", "part"
"""Killed before a command; before it, with its line cut; after its effect and before its line;
while it runs, and the effect comes later, never, or in part."""
LONG = 5.0


@dataclass(frozen=True)
class Death:
    """What one killed process left: step and moment, and the host as it was on disk."""

    step: int
    moment: str
    mould: Mould

    def machine(self) -> Machine:
        """The host as the killed program left it, another copy each time."""
        return self.mould.cast()


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
        self._commands: tuple[Sequence[Sequence[str]], str] = ((), "")

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
            self._die(step, CUT, lambda: self._add(path, text[: len(text) // 2]))
        if record["record"] in ("done", "undone"):
            # what is cut in the middle of its line is as good as not there
            self._die(step, AFTER, lambda: self._add(path, text[: (step * 7) % len(text)]))
        await super().append(path, text, mode=mode)
        if record["record"] == "begun":
            self._die(step, BEFORE, lambda: None)
        if record["record"] == "runs":
            self._die(step, LATER, lambda: self._goes_on(effect=True))
            self._die(step, NEVER, lambda: self._goes_on(effect=False))
            self._die(step, PART, self._in_part)

    def _add(self, path: str, text: str) -> None:
        files = self.machine.files
        files.write(path, files.read(path) + text.encode())

    def _mine(self) -> list[int]:
        commands, _ = self._commands
        lines = {" ".join(argv) for argv in commands}
        return [pid for pid, one in self.machine.state.processes.items() if one.command in lines]

    def _goes_on(self, *, effect: bool) -> None:
        """The command outlives its caller: it was started in a session of its own."""
        commands, stdin = self._commands
        state = self.machine.state
        for pid in self._mine():
            state.processes[pid].ends = state.now + LONG if effect else 0.0
        if effect:
            last = state.processes[self._mine()[-1]]
            last.then, last.given = [list(argv) for argv in commands], stdin

    def _in_part(self) -> None:
        """Somebody ended the command after its first sign of life."""
        commands, stdin = self._commands
        for pid in self._mine():
            del self.machine.state.processes[pid]
        running = self.machine.run(Call(tuple(commands[0]), stdin.encode(errors="surrogateescape")))
        next(running, None)
        running.close()

    def _die(self, step: int, moment: str, last: Callable[[], None]) -> None:
        """Copy the host as a program leaves it that is killed now, `last` being its end."""
        moments = self.moments if self.steps is None else self.steps.get(step, frozenset())
        if moment not in moments:
            return
        alive, self.machine = self.machine, clone(self.machine)
        try:
            self.machine.locked = False  # the kernel lets go of a lock whose holder is dead
            self.machine.staging.clear()
            self.machine.detached.clear()
            last()
            self.deaths.append(Death(step, moment, Mould(self.machine)))
        finally:
            self.machine = alive


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
