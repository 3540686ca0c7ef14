"""Run one command in many jails concurrently: each on its own, none waits for another's success.

    many = Many(reader, plan)         the plan of an Exec, Packages or Services request
    await many.run()                  until every jail has had its turn
    many.end(turn), many.end_all()    end the process group of one, or all and begin no more

It takes no turns with changes of the host (a long upgrade must not keep a jail from being
stopped), but it is written into the journal like one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from jailer_core.errors import CommandTimedOut, HostError
from jailer_core.execution import prepare, refuse_strangers
from jailer_core.execution.output_buffer import OutputBuffer
from jailer_core.execution.safety_net import SafetyNet
from jailer_core.facts import Reader
from jailer_core.journal import Journal
from jailer_core.operations.in_jail import commands
from jailer_core.operations.in_jail.requests import Command, Exec, Packages, Services
from jailer_core.plan import Outcome, OutcomeStatus, Plan, Run
from jailer_core.text import sanitize


class RunStatus(StrEnum):
    """The status of the command in one jail."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LATE = "out of time"
    ENDED = "aborted"
    LEFT_OUT = "left out"
    REFUSED = "refused"


UNHEALTHY = "its health command failed"
OVER = frozenset(RunStatus) - {RunStatus.WAITING, RunStatus.RUNNING}


@dataclass(eq=False)
class JailRun:
    """One jail. `step` is the plan's, -1 for none.

    `status` is the exit status (negative: ended by that signal), None without one; `message`
    says why it did not go well. `snapshot` was taken of the jail before, "" where none was, or
    it was rolled back to it. `began` is the host's uptime. `where` names its host among several.
    """

    name: str
    argv: tuple[str, ...]
    step: int = -1
    seconds_allowed: float | None = None
    run_status: RunStatus = RunStatus.WAITING
    status: int | None = None
    began: float = 0.0
    seconds: float = 0.0
    message: str = ""
    output: OutputBuffer = field(default_factory=OutputBuffer)
    task: asyncio.Task[None] | None = None
    ending: bool = False
    where: str = ""
    snapshot: str = ""

    @property
    def label(self) -> str:
        """The name to show where jails of several hosts are listed."""
        return f"{self.where}:{self.name}" if self.where else self.name

    @property
    def over(self) -> bool:
        """Whether it has finished."""
        return self.run_status in OVER

    @property
    def good(self) -> bool:
        """Whether it went well."""
        return self.run_status is RunStatus.DONE


class FanOut:
    """Runs the steps of such a plan, and notifies listeners of each change."""

    def __init__(self, reader: Reader, plan: Plan) -> None:
        assert isinstance(plan.request, Exec | Packages | Services)  # noqa: S101 - no other plan fits
        self.reader = reader
        self.plan = plan
        self.request: Command = plan.request
        self.turns = _turns(plan)
        self.stopped = False
        self.over = False
        self.note = ""
        self.listeners: list[Callable[[JailRun | None], None]] = []
        self._journal: Journal | None = None
        self._next = 0
        self._net = _net(reader, self.request)
        self.heard: Callable[[JailRun, bytes, bool], None] = lambda _turn, _data, _error: None
        """Called with every piece of output as it comes."""

    @property
    def title(self) -> str:
        """Its name."""
        return self.plan.title

    @property
    def good(self) -> bool:
        """Whether it went well in every jail that was asked for."""
        return all(jail_run.good for jail_run in self.turns)

    def now(self, _turn: JailRun) -> float:
        """The uptime of the host of that jail."""
        return self.reader.host.uptime()

    # --- ending it ---------------------------------------------------------------------------

    def end(self, turn: JailRun) -> None:
        """Terminate the command in one jail with its process group, or do not start it."""
        if turn.task is not None and not turn.task.done():
            if not turn.ending:  # twice would not wait for the end of its processes
                turn.ending = True
                turn.task.cancel()
        else:
            self._leave_out(turn)

    def end_all(self) -> None:
        """Stop it in all jails, and start it in no others."""
        self.stopped = True
        for jail_run in self.turns:
            self.end(jail_run)

    def _leave_out(self, turn: JailRun) -> None:
        """Skip what has not started; running commands continue."""
        if turn.run_status is RunStatus.WAITING:
            turn.run_status = RunStatus.LEFT_OUT
            self._tell(turn)

    # --- running -----------------------------------------------------------------------------

    async def again(self) -> Plan | None:
        """The plan as it would be now, or None if it is unchanged. Raises JailerError."""
        fresh = await prepare(self.reader, self.request)
        return None if fresh.steps == self.plan.steps else fresh

    async def run(self) -> None:
        """Until all have ended. Raises JailerError before anything was begun; else nothing.

        When it is cancelled, nothing that it began is left running.
        """
        try:
            inventory = await self.reader.gather()
            refuse_strangers(inventory.host, "enter")
            if self._net is not None:
                await self._secure(self._net)
            if not commands.only_looks(self.request):
                state = inventory.layout.state
                self._journal = await Journal.begin(self.reader.host, state, self.plan)
            count = min(self.request.at_once, len(self.turns))
            await self._all([asyncio.create_task(self._worker()) for _ in range(count)])
            await self._write(lambda journal: journal.end(self.outcome))
            if self._net is not None:
                await self._bring_back(self._net)
        finally:
            self.over = True
            for jail_run in self.turns:
                if not jail_run.over:
                    jail_run.run_status = RunStatus.LEFT_OUT
            self._tell(None)

    async def _secure(self, net: SafetyNet) -> None:
        """Snapshots of all jails: a change of its own each, before this one begins."""
        for turn in self.turns:
            if turn.over:
                continue
            failure = await net.before(turn.name)
            if failure:
                turn.run_status = RunStatus.FAILED
                turn.message = f"not started, because no snapshot could be taken: {failure}"
                self._tell(turn)
            else:
                turn.snapshot = net.snapshot

    async def _bring_back(self, net: SafetyNet) -> None:
        """Roll back what no longer works: a change of its own each, after this one."""
        for turn in self.turns:
            if turn.message.startswith(UNHEALTHY):
                wrong = await net.roll_back(turn.name)
                result = f"not rolled back: {wrong}" if wrong else f"rolled back to @{net.snapshot}"
                turn.message = f"{turn.message}: {result}"
                turn.snapshot = turn.snapshot if wrong else ""
                self._tell(turn)

    async def _all(self, workers: Sequence[asyncio.Task[None]]) -> None:
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            self.end_all()
            await asyncio.shield(asyncio.wait(workers))
            raise
        for worker in workers:
            worker.result()

    async def _worker(self) -> None:
        while self._next < len(self.turns):
            turn = self.turns[self._next]
            self._next += 1
            if turn.over:
                continue
            await self._write(partial(Journal.write, record="begun", step=turn.step))
            if turn.over:  # ended while that was written
                continue
            turn.task = asyncio.create_task(self._one(turn))
            await asyncio.wait({turn.task})
            if not turn.over:  # ended before it had begun
                turn.run_status = RunStatus.LEFT_OUT
            record = "done" if turn.good else "failed"
            done = partial(Journal.write, record=record, step=turn.step, message=turn.message)
            await self._write(done)
            if isinstance(self.request, Packages) and self.request.stop and not turn.good:
                for waiting in self.turns:
                    self._leave_out(waiting)

    async def _one(self, turn: JailRun) -> None:
        host = self.reader.host
        turn.run_status, turn.began = RunStatus.RUNNING, host.uptime()
        self._tell(turn)

        def take(data: bytes, error: bool) -> None:
            turn.output.feed(data, error=error)
            self._tell(turn, data, error=error)

        stand, message = RunStatus.FAILED, ""
        try:
            result = await host.attend(turn.argv, take, timeout=turn.seconds_allowed)
        except asyncio.CancelledError:
            stand, message = RunStatus.ENDED, "stopped before it finished"
        except CommandTimedOut as error:
            stand, message = RunStatus.LATE, f"not finished after {error.seconds:g} s, and stopped"
        except HostError as error:
            message = sanitize(error.message)
        else:
            turn.status = result.status
            turn.output.end()
            message = commands.complaint(self.request, result.status, turn.output.first)
            stand = RunStatus.DONE if result.ok and not message else RunStatus.FAILED
        turn.output.end()
        if self._net is not None and stand is RunStatus.DONE:
            failed = await self._net.check(turn.name)
            if failed:
                stand, message = RunStatus.FAILED, f"{UNHEALTHY} ({failed})"
        turn.seconds = host.uptime() - turn.began
        turn.run_status, turn.message = stand, message or _why(turn)
        self._tell(turn)

    def _tell(self, turn: JailRun | None, data: bytes = b"", *, error: bool = False) -> None:
        for listener in tuple(self.listeners):
            listener(turn)
        if data and turn is not None:
            self.heard(turn, data, error)

    # --- the journal -------------------------------------------------------------------------

    async def _write(self, write: Callable[[Journal], Awaitable[None]]) -> None:
        if self._journal is not None:
            try:
                await write(self._journal)
            except HostError as error:
                self.note = f"The journal could not be written: {sanitize(error.message)}"

    @property
    def outcome(self) -> Outcome:
        """The result, as the outcome of an ordinary plan."""
        bad = [jail_run.name for jail_run in self.turns if not jail_run.good]
        if not bad:
            return Outcome(OutcomeStatus.DONE, self.plan)
        ending = OutcomeStatus.ABORTED if self.stopped else OutcomeStatus.FAILED
        listed = ", ".join(map(sanitize, bad[:5])) + (" …" if len(bad) > 5 else "")
        message = f"not done in {len(bad)} of {len(self.turns)} jails: {listed}"
        return Outcome(ending, self.plan, message if len(self.turns) > 1 else self.turns[0].message)


def _net(reader: Reader, request: Command) -> SafetyNet | None:
    """Only for what changes packages."""
    if not isinstance(request, Packages) or not request.snapshot or commands.only_looks(request):
        return None
    return SafetyNet(reader, request.stamp)


def _turns(plan: Plan) -> list[JailRun]:
    """One for each jail that was asked for, in that order; refused where no step is for it."""
    steps = {step.jail: index for index, step in enumerate(plan.steps)}
    reasons = commands.left_out(plan)
    turns = []
    for name in dict.fromkeys(getattr(plan.request, "names", ())):
        if name not in steps:
            message = reasons.get(name, "")
            turns.append(JailRun(name, (), run_status=RunStatus.REFUSED, message=message))
            continue
        step = plan.steps[steps[name]]
        assert isinstance(step.action, Run)  # noqa: S101 - see commands.plan
        allowed = None if step.timeout >= commands.FOR_EVER else step.timeout
        turns.append(JailRun(name, step.action.argv, steps[name], allowed))
    return turns


def _why(turn: JailRun) -> str:
    """Why a status is no success, in a few words; "" when it is one."""
    if turn.status is None or turn.status == 0:
        return ""
    if turn.status < 0:
        return f"killed by signal {-turn.status}"
    return f"exit status {turn.status}"
