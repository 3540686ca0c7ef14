"""Revert a change on the host itself, unless it is confirmed.

    python -m jailer_core.watchdog STATE MARK SECONDS

Returns once a process of its own, in a session of its own, watches the ticket STATE/revert/MARK
and the journal of the plan that bears that mark. It ends when the ticket is gone (confirmed, or
reverted already) or the journal tells of an outcome. When nothing has happened for SECONDS and
the host's lock is no longer held, the program that made the change is gone: then it takes
the plan back as that would have done, and writes the outcome into the same journal. A program
that holds the lock is waited for longer: it reverts on its own, unless it is stuck.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from jailer_core.errors import HostError, JailerError, Refused
from jailer_core.execution.evaluator import Evaluator
from jailer_core.execution.perform import TICK
from jailer_core.execution.plan_run import PlanRun, StepRun
from jailer_core.execution.unwind import unwind
from jailer_core.facts import Reader
from jailer_core.host import Host
from jailer_core.journal import Journal
from jailer_core.journal_peek import order
from jailer_core.operations.connection.guard import FOLDER
from jailer_core.operations.undo.entry import Entry, parse
from jailer_core.plan import AwaitConfirmation, Outcome, OutcomeStatus, PathExists, Plan

GRACE = 30.0
"""Seconds that a program which still holds the lock gets besides its longest step."""
MESSAGE = (
    "there was no confirmation that the host can still be reached, so the host undid it by itself"
)


class ConfirmWatchdog:
    """One ticket being watched.

    Time is measured by the host's uptime from the last change of the journal that was seen: the
    wall clock may be set while it waits.
    """

    def __init__(self, host: Host, state: str, mark: str, seconds: float) -> None:
        self.host = host
        self.folder = f"{state}/journal"
        self.mark = mark
        self.ticket = f"{state}/{FOLDER}/{mark}"
        self.seconds = seconds
        self.path = ""
        self.quiet_since = host.uptime()
        self._text = ""

    async def begin(self) -> None:
        """Find the journal and write the ticket. Raises HostError, Refused."""
        names = await self.host.listdir(self.folder)
        for name in sorted(names, key=order, reverse=True):
            path = f"{self.folder}/{name}"
            if f'"{self.mark}"' in (await self.host.read(path)).partition("\n")[0]:
                self.path = path
                await self.host.write(self.ticket, f"{name}\n", mode=0o600)
                return
        raise Refused(f"no plan in {self.folder} bears the mark {self.mark}")

    async def run(self) -> None:
        """Run until the change is confirmed or reverted."""
        while not await self._over():
            try:
                await self.host.run(TICK)
            except HostError:
                await asyncio.sleep(1)

    async def _over(self) -> bool:
        entry = await self._read()
        if entry is None or entry.plan is None:
            return not await self._lies()
        if _settled(entry):
            if await self._lies():  # laid down after all was over
                with suppress(HostError):
                    await self.host.remove(self.ticket)
            return True
        if not await self._lies():
            await self._confirmed()
            return True
        quiet = self.host.uptime() - self.quiet_since
        return quiet >= self.seconds and await self._late(entry, entry.plan, quiet)

    async def _late(self, entry: Entry, plan: Plan, quiet: float) -> bool:
        """It was not confirmed in time; a program that still holds the lock goes first."""
        try:
            async with self.host.lock():
                return await self._alone()
        except Refused:
            if quiet < self.seconds + GRACE + _longest(plan):
                return False
            await self._take_back(entry, plan)
            return True

    async def _alone(self) -> bool:
        """Nothing else is at work: look once more, then revert."""
        entry = await self._read()
        if entry is None or entry.plan is None:
            return False
        if not _settled(entry) and await self._lies():
            await self._take_back(entry, entry.plan)
        return True

    async def _lies(self) -> bool:
        """Whether the ticket lies there, and is this plan's.

        The same change, made again, has the same mark.
        """
        if self.ticket not in await self.host.stat([self.ticket]):
            return False
        try:
            return (await self.host.read(self.ticket)).strip() == self.path.rpartition("/")[2]
        except HostError:
            return self.ticket in await self.host.stat([self.ticket])

    async def _read(self) -> Entry | None:
        """What the journal tells; it is quiet while it stays the same."""
        try:
            text = await self.host.read(self.path)
        except HostError:
            return None
        if text != self._text:
            self._text, self.quiet_since = text, self.host.uptime()
        return parse(self.path, text)

    async def _take_back(self, entry: Entry, plan: Plan) -> None:
        if any(getattr(step.action, "beneath", "") for step in plan.steps):
            # files of jails: the host must know their roots, see Host.learn_roots
            await Reader(self.host).gather(quick=True)
        journal = Journal(self.host, self.path)
        course = PlanRun(self.host, plan, journal, lambda _event: None)
        course.made = dict(entry.made)
        course.ran = [
            StepRun(
                index,
                plan.steps[index],
                finished=index in entry.done,
                known=entry.ours.get(index, {}),
            )
            for index in dict.fromkeys(entry.begun)
            if index not in entry.undone
        ]
        await course.write("reverting", pid=os.getpid())
        unwind_result = await unwind(course)
        outcome = Outcome(
            OutcomeStatus.FAILED,
            plan,
            MESSAGE,
            undone=unwind_result.undone,
            leftovers=unwind_result.leftovers,
        )
        with suppress(HostError):
            await journal.end(outcome)

    async def _confirmed(self) -> None:
        """The program may have died right after it was confirmed: then nothing else says so.

        Unless recovery undid it in between: then that holds for a part of it only.
        """
        with suppress(JailerError):
            async with self.host.lock():
                entry = await self._read()
                if entry is None or entry.plan is None or entry.ending:
                    return
                steps = entry.plan.steps
                held = isinstance(steps[-1].action, AwaitConfirmation)
                held = held and len(steps) - 1 in entry.begun
                every = (state for step in steps for state in step.postconditions)
                goals = [state for state in every if state != PathExists(self.ticket)]
                if held and not entry.undone and await Evaluator(self.host, {}).all(goals):
                    journal = Journal(self.host, self.path)
                    await journal.end(Outcome(OutcomeStatus.DONE, entry.plan))


def _settled(entry: Entry) -> bool:
    """Whether the journal tells how it ended, or that it was undone since."""
    return bool(entry.ending or entry.closed or entry.reversed_by)


def _longest(plan: Plan) -> float:
    steps = [step for step in plan.steps if not isinstance(step.action, AwaitConfirmation)]
    undos = [undo.timeout for step in steps for undo in step.undo]
    return max([step.timeout for step in steps] + undos, default=0.0)


async def watch(
    host: Host, state: str, mark: str, seconds: float, ready: Callable[[], None]
) -> None:
    """Watch one ticket; calls `ready` once it is written. Raises JailerError before that."""
    confirm_watchdog = ConfirmWatchdog(host, state, mark, seconds)
    await confirm_watchdog.begin()
    ready()
    await confirm_watchdog.run()


# --- as a program ------------------------------------------------------------------------------


def main(words: Sequence[str]) -> int:
    """Start the watchdog in the background; exits with 0 once it is running."""
    if len(words) != 3:
        sys.stderr.write("usage: python -m jailer_core.watchdog STATE MARK SECONDS\n")
        return 2
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        message = os.read(reading, 4096).decode(errors="replace")
        if message == "+":
            return 0
        sys.stderr.write(f"{message or 'the watchdog exited at once'}\n")
        return 1
    os.close(reading)
    _alone_in_the_world(writing)
    try:
        _watch(words[0], words[1], float(words[2]), lambda: _say(writing, "+"))
    except (JailerError, ValueError) as error:
        _say(writing, str(error))
    os._exit(0)


def _say(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode(errors="replace"))
    os.close(descriptor)


def _alone_in_the_world(kept: int) -> None:
    """Nothing that ends the program or its terminal reaches this one."""
    os.setsid()
    os.chdir("/")
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if descriptor != kept:
            os.dup2(nothing, descriptor)


def _watch(state: str, mark: str, seconds: float, ready: Callable[[], None]) -> None:
    from jailer_core.host.local import LocalHost  # noqa: PLC0415 - the simulated one needs none

    asyncio.run(watch(LocalHost(), state, mark, seconds, ready))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
