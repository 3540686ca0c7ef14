"""A change that may cut the connection is undone, whichever process is left to do it.

The host's clock is a number that tests move; the program is killed by a host that answers
nothing more.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.journal import entries
from jailer_core.operations.setup.requests import FilterAnchors, Init
from jailer_core.operations.undo.entry import Entry
from jailer_core.plan import (
    AwaitConfirmation,
    Danger,
    Event,
    Outcome,
    OutcomeStatus,
    Plan,
    StepStarted,
)
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump, load, same, save
from jailer_core.ssh_client import Connection, of
from tests.core.changing.workbench import Bench

HERE = Connection("10.0.2.2", "10.0.2.15", 22)
STATE = "/var/db/jailer-tui"
FILTER = Init((FilterAnchors(),))


class Killed(BaseException):
    """The program is gone: none of its tasks is still running."""


class Mortal(SimulatedHost):
    """A host whose client can be killed."""

    dead = False

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        calls = ("run", "stream", "read", "write", "append", "remove", "mkdir", "stat", "listdir")
        if name in calls and super().__getattribute__("dead"):
            raise Killed
        return found


def bench() -> Bench:
    """Packets of the admin come in by vtnet0; pf is off."""
    made = Bench()
    made.host = Mortal(made.machine)
    made.host.connection = HERE
    made.reader = Reader(made.host)
    return made


def ticket(plan: Plan) -> str:
    return next(
        one.action.plan_hash for one in plan.steps if isinstance(one.action, AwaitConfirmation)
    )


def at_hold(plan: Plan, do: Callable[[], object]) -> Callable[[Event], None]:
    """Do something when the plan waits for someone who confirms."""

    def hear(event: Event) -> None:
        begins = isinstance(event, StepStarted) and not event.undoing
        if begins and isinstance(plan.steps[event.index].action, AwaitConfirmation):
            do()

    return hear


async def run(made: Bench, plan: Plan, hear: Callable[[Event], None]) -> Outcome:
    return await execute(made.reader, plan, hear, made.abort, pause=0)


async def pass_time(made: Bench, seconds: int) -> None:
    """Second after second, with a turn for everything that waits for it."""
    for _ in range(seconds):
        made.host.pass_time(1)
        for _ in range(40):
            await asyncio.sleep(0)


async def journaled(made: Bench) -> list[Entry]:
    host = SimulatedHost(made.machine)
    where = (await Reader(host).gather(quick=True)).layout
    return list(await entries(host, where))


def tickets(made: Bench) -> list[str]:
    folder = "/usr/local/jails/.jailer-tui/revert"
    found = []
    for place in (folder, f"{STATE}/revert"):
        if made.machine.files.is_dir(place):
            found += made.machine.files.listdir(place)
    return found


def reverters(made: Bench) -> list[str]:
    return [
        one.command for one in made.machine.state.processes.values() if "watchdog" in one.command
    ]


async def test_it_says_so_and_asks_for_the_name() -> None:
    plan = await prepare(bench().reader, FILTER)
    assert plan.danger is Danger.DESTROYS
    assert plan.confirm == "vtnet0"
    assert "connection from 10.0.2.2 over vtnet0" in plan.notes[0]
    assert isinstance(plan.steps[-1].action, AwaitConfirmation)


async def test_without_a_connection_nothing_is_added() -> None:
    plan = await prepare(Bench().reader, FILTER)
    assert not any(isinstance(one.action, AwaitConfirmation) for one in plan.steps)
    assert plan.danger is Danger.CHANGES


async def test_who_confirms_keeps_it() -> None:
    made = bench()
    plan = await prepare(made.reader, FILTER)
    outcome = await run(made, plan, at_hold(plan, lambda: made.machine.files.remove(ticket(plan))))
    assert outcome.ok
    await pass_time(made, 3)
    assert made.machine.state.pf.enabled
    assert not tickets(made)
    assert not reverters(made)


async def test_nobody_confirms_and_it_is_taken_back() -> None:
    made = bench()
    before = dump(made.machine)
    plan = await prepare(made.reader, FILTER)
    outcome = await run(made, plan, lambda _event: None)
    assert outcome.status is OutcomeStatus.FAILED
    assert "no confirmation" in outcome.message
    assert outcome.undone
    await pass_time(made, 3)
    assert not same(before, dump(made.machine))
    assert not tickets(made)
    assert not reverters(made)


@pytest.mark.parametrize("when", ["while it waits", "in the middle"])
async def test_killed_meanwhile_the_host_takes_it_back(when: str) -> None:
    made = bench()
    before = dump(made.machine)
    plan = await prepare(made.reader, FILTER)
    hold = next(
        at for at, one in enumerate(plan.steps) if isinstance(one.action, AwaitConfirmation)
    )

    def hear(event: Event) -> None:
        at = hold if when == "while it waits" else hold - 1
        if isinstance(event, StepStarted) and event.index == at:
            made.host.dead = True  # type: ignore[attr-defined]
            raise Killed

    with pytest.raises(Killed):
        await run(made, plan, hear)
    assert reverters(made)
    await pass_time(made, 55)
    changed = same(before, dump(made.machine))
    assert changed, "it was taken back before its time"
    await pass_time(made, 10)
    assert not same(before, dump(made.machine))
    assert not tickets(made)
    assert not reverters(made)
    (last,) = [one for one in await journaled(made) if one.plan == plan]
    assert last.ending == OutcomeStatus.FAILED.value
    assert "the host undid it by itself" in last.message
    assert last.left == ()


class Clock:
    """The wall clock of every client of a host, which someone sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off = 0.0
        clock = SimulatedHost.clock
        monkeypatch.setattr(SimulatedHost, "clock", lambda host: clock(host) + self.off)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_clock_that_is_set_changes_no_deadline(
    monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    clock = Clock(monkeypatch)
    made = bench()
    before = dump(made.machine)
    plan = await prepare(made.reader, FILTER)

    def die() -> None:
        made.host.dead = True  # type: ignore[attr-defined]
        raise Killed

    with pytest.raises(Killed):
        await run(made, plan, at_hold(plan, die))
    clock.off = step
    await pass_time(made, 50)
    assert same(before, dump(made.machine)), "it was taken back before its time"
    await pass_time(made, 15)
    assert not same(before, dump(made.machine))


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_clock_that_is_set_while_it_is_asked(
    monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    clock = Clock(monkeypatch)
    made = bench()
    plan = await prepare(made.reader, FILTER)

    def confirm() -> None:
        clock.off = step
        made.machine.files.remove(ticket(plan))

    assert (await run(made, plan, at_hold(plan, confirm))).ok
    again = bench()
    began = again.host.uptime()
    plan = await prepare(again.reader, FILTER)
    outcome = await run(again, plan, at_hold(plan, lambda: setattr(clock, "off", 2 * step)))
    assert "no confirmation" in outcome.message
    assert again.host.uptime() - began < 120


async def test_killed_right_after_it_was_confirmed_it_stays() -> None:
    made = bench()
    plan = await prepare(made.reader, FILTER)

    def gone() -> None:
        made.machine.files.remove(ticket(plan))
        made.host.dead = True  # type: ignore[attr-defined]
        raise Killed

    with pytest.raises(Killed):
        await run(made, plan, at_hold(plan, gone))
    await pass_time(made, 100)
    assert made.machine.state.pf.enabled
    assert not reverters(made)
    (last,) = [one for one in await journaled(made) if one.plan == plan]
    assert last.ending == OutcomeStatus.DONE.value


async def test_killed_and_taken_back_by_hand_it_does_not_count_as_done() -> None:
    made = bench()
    plan = await prepare(made.reader, FILTER)

    def gone() -> None:
        made.machine.files.remove(ticket(plan))
        made.machine.files.remove("/etc/pf.conf")
        made.host.dead = True  # type: ignore[attr-defined]
        raise Killed

    with pytest.raises(Killed):
        await run(made, plan, at_hold(plan, gone))
    await pass_time(made, 100)
    assert not reverters(made)
    (last,) = [one for one in await journaled(made) if one.plan == plan]
    assert last.ending == ""


async def test_the_same_change_once_more_has_a_ticket_of_its_own() -> None:
    """What watched the first time, and has not noticed yet that it is over, leaves the second's."""
    made = bench()
    plan = await prepare(made.reader, FILTER)
    made.machine.faults.append(Fault("fail", lambda argv: argv == ("service", "pf", "onestart")))
    assert not (await run(made, plan, lambda _event: None)).ok
    assert reverters(made)
    again = await prepare(made.reader, FILTER)
    assert ticket(again) == ticket(plan)

    def die() -> None:
        made.host.dead = True  # type: ignore[attr-defined]
        raise Killed

    with pytest.raises(Killed):
        await run(made, again, at_hold(again, die))
    await pass_time(made, 5)
    assert tickets(made), "the first one took it away: it would count as confirmed"
    await pass_time(made, 70)
    assert not made.machine.state.pf.enabled
    assert not tickets(made)


async def test_a_program_that_is_stuck_is_not_waited_for_for_ever() -> None:
    made = bench()
    before = dump(made.machine)
    plan = await prepare(made.reader, FILTER)
    stuck = asyncio.Event()

    async def never(*_args: object) -> dict[str, object]:
        await stuck.wait()
        return {}

    def hang() -> None:
        made.host.stat = never  # type: ignore[method-assign,assignment]

    task = asyncio.create_task(run(made, plan, at_hold(plan, hang)))
    for _ in range(400):
        await asyncio.sleep(0)
    await pass_time(made, 65)
    assert same(before, dump(made.machine)), "the program might still do it"
    await pass_time(made, 100)
    assert not same(before, dump(made.machine))
    del made.host.stat
    stuck.set()
    outcome = await task
    assert not outcome.ok, "what was taken back must not count as confirmed"
    assert not same(before, dump(made.machine))


async def test_a_host_that_cannot_take_it_back_is_not_changed() -> None:
    made = bench()
    before = dump(made.machine)
    plan = await prepare(made.reader, FILTER)
    made.machine.faults.append(Fault("fail", lambda argv: "jailer_core.watchdog" in argv))
    outcome = await run(made, plan, lambda _event: None)
    assert outcome.status is OutcomeStatus.FAILED
    assert "the watchdog could not be started" in outcome.message
    assert not same(before, dump(made.machine))


async def test_what_was_left_running_goes_on_at_the_next_start(tmp_path: Any) -> None:
    made = bench()
    before = dump(made.machine)
    plan = await prepare(made.reader, FILTER)

    def die() -> None:
        made.host.dead = True  # type: ignore[attr-defined]
        raise Killed

    with pytest.raises(Killed):
        await run(made, plan, at_hold(plan, die))
    save(made.machine, tmp_path / "state")
    machine: Machine = load(tmp_path / "state")
    made.machine, made.host = machine, SimulatedHost(machine)
    await made.host.run(("true",))
    await pass_time(made, 70)
    assert not same(before, dump(machine))


# --- what a connection is ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10.0.2.2 51022 10.0.2.15 22", HERE),
        ("fe80::1%vtnet0 5 fe80::2%vtnet0 22", Connection("fe80::1", "fe80::2", 22)),
        ("::ffff:10.0.2.2 5 ::ffff:10.0.2.15 22", HERE),
        ("", None),
        ("10.0.2.2 5 10.0.2.15", None),
        ("a b c 22", None),
    ],
)
def test_ssh_connection(text: str, wanted: Connection | None) -> None:
    assert of({"SSH_CONNECTION": text}) == wanted


def test_this_very_program_takes_back_on_its_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/usr/local/bin", *sys.path[1:]])
    found = of({"SSH_CONNECTION": "10.0.2.2 5 10.0.2.15 22", "PYTHONPATH": "/src"}, local=True)
    assert found is not None
    assert found.reverter[:2] == ("env", "PYTHONPATH=/src")
    assert found.reverter[-3:] == ("-P", "-m", "jailer_core.watchdog")
