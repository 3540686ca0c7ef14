"""Signals are sent for real, to this process, while it runs a command."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from jailer_core.plan import Event, Output, StepStarted
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump
from jailer_tui.cli.render import ProgressPrinter
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Send signals whenever an event of that kind comes."""

    def arm(kind: type[Event], *signals: signal.Signals, undoing: bool | None = None) -> None:
        emit = ProgressPrinter.emit

        def heard(self: ProgressPrinter, event: Event) -> None:
            emit(self, event)
            if isinstance(event, kind) and undoing in (None, getattr(event, "undoing", None)):
                for one in signals:
                    os.kill(os.getpid(), one)

        monkeypatch.setattr(ProgressPrinter, "emit", heard)

    return arm


def hang(machine: Machine, *words: str) -> None:
    machine.faults.append(Fault("hang", lambda argv: set(words) <= set(argv)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_plan_is_taken_back_and_the_rest_not_begun(
    on: On, small: Machine, send: Callable[..., None], number: signal.Signals
) -> None:
    assert on(small, "stop", "www0", "app0").status == 0
    names = set(small.state.interfaces)
    hang(small, "-c", "www0")
    send(StepStarted, number)
    ran = on(small, "start", "www0", "app0")
    assert ran.status == 1
    assert "interrupted: undoing" in ran.err
    assert "app0: not started: interrupted" in ran.err
    assert {one.name for one in small.state.jails.values()} == {"99d6c13c", "fd1dafdc"}
    assert set(small.state.interfaces) == names


def test_a_second_interrupt_does_not_break_the_undo(
    on: On, small: Machine, send: Callable[..., None]
) -> None:
    before = dump(small)["datasets"]
    hang(small, "rename")
    send(StepStarted, signal.SIGINT)
    ran = on(small, "-y", "destroy", "www0")
    assert ran.status == 1
    assert "already undoing" in ran.err
    assert {"www0"} <= {one.name for one in small.state.jails.values()}
    assert dump(small)["datasets"] == before


def test_when_the_terminal_goes_the_plan_is_finished_and_no_other_begun(
    on: On, small: Machine, send: Callable[..., None]
) -> None:
    send(Output, signal.SIGHUP)
    ran = on(small, "stop", "www0", "app0")
    assert ran.status == 1
    assert "www0: done" in ran.out
    assert {one.name for one in small.state.jails.values()} == {"99d6c13c", "fd1dafdc", "app0"}


def test_reading_is_simply_ended(on: On, small: Machine) -> None:
    def interrupted(argv: tuple[str, ...]) -> bool:
        if argv[0] == "jls":
            os.kill(os.getpid(), signal.SIGINT)
        return argv[0] == "jls"

    small.faults.append(Fault("hang", interrupted))
    ran = on(small, "list")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "jailer-tui: interrupted: nothing more was started\n"


def test_what_nohup_ignores_stays_ignored(
    on: On, small: Machine, send: Callable[..., None]
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        send(StepStarted, signal.SIGHUP)
        ran = on(small, "stop", "www0", "app0")
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert ran.status == 0
    assert {one.name for one in small.state.jails.values()} == {"99d6c13c", "fd1dafdc"}
