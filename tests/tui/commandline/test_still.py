from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.ssh_client import Connection
from jailer_tui.cli.parser import parse
from jailer_tui.cli.session import Session, run
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]
TICKETS = "/var/db/jailer-tui/revert"


@pytest.fixture(autouse=True)
def _over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedHost, "connection", Connection("10.0.2.2", "10.0.2.15", 22))


def sits_there(monkeypatch: pytest.MonkeyPatch, typed: str, *, presses: bool) -> list[str]:
    asked: list[str] = []

    async def ask(_self: Terminal, question: str) -> str:
        asked.append(question)
        return typed

    async def enter(_self: Terminal, question: str) -> bool:
        asked.append(question)
        return presses

    monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))
    monkeypatch.setattr(Terminal, "ask", ask)
    monkeypatch.setattr(Terminal, "enter", enter)
    return asked


def test_enter_keeps_it(on: On, small: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = sits_there(monkeypatch, "vtnet0", presses=True)
    ran = on(small, "init", "fix", "filter")
    assert ran.status == 0, ran
    assert asked == ["Type vtnet0 to continue: ", "Still connected? Press enter within 60 s: "]
    assert small.state.pf.enabled


def test_a_terminal_that_is_gone_is_no_answer(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sits_there(monkeypatch, "vtnet0", presses=False)
    ran = on(small, "init", "fix", "filter")
    assert ran.status == 1
    assert "no confirmation within 60 s" in ran.err
    assert "Everything is as it was before." in ran.err
    assert not small.state.pf.enabled


def test_nobody_to_ask(on: On, small: Machine) -> None:
    ran = on(small, "init", "fix", "filter")
    assert ran.status == 1
    assert "this may cut your connection over vtnet0, and there is no terminal to ask on" in ran.err


def test_y_does_not_answer_the_question(on: On, small: Machine) -> None:
    ran = on(small, "init", "fix", "-y", "filter")
    assert ran.status == 1
    assert "confirm over another connection: jailer-tui network keep" in ran.out
    assert not small.state.pf.enabled


def test_keep_over_another_connection(on: On, small: Machine) -> None:
    assert on(small, "network", "keep").status == 1
    small.files.mkdir(TICKETS, parents=True)
    small.files.write(f"{TICKETS}/0123", b"")
    ran = on(small, "network", "keep")
    assert ran.status == 0
    assert ran.out == "confirmed: the change is kept\n"
    assert not small.files.listdir(TICKETS)


def test_kept_over_another_connection_while_it_waits(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The direct run: the command changes the host itself, and waits for another one."""
    say = Session.say
    others: list[asyncio.Future[int]] = []

    def hear(self: Session, line: str) -> None:
        say(self, line)
        if "network keep" in line:
            keep = parse(("network", "keep"))
            assert keep.command is not None
            others.append(asyncio.ensure_future(run(keep.command.run, keep, Terminal())))

    monkeypatch.setattr(Session, "say", hear)
    ran = on(small, "init", "fix", "-y", "filter", "-j")
    assert ran.status == 0, ran
    assert [other.result() for other in others] == [0]
    assert '"kept_by": "jailer-tui network keep"' in ran.out
    assert "confirmed: the change is kept" in ran.out
    assert small.state.pf.enabled
    assert not small.files.listdir(TICKETS)


def test_a_dry_run_shows_what_takes_it_back(on: On, small: Machine) -> None:
    ran = on(small, "init", "fix", "-D", "filter")
    assert "python3.11 -P -m jailer_core.watchdog /var/db/jailer-tui" in ran.out.replace("\n", "")
    assert "wait up to 60 s for confirmation" in ran.out


def test_a_script_answers_for_it(on: On, small: Machine) -> None:
    ran = on(small, "init", "fix", "-y", "--keep", "filter", "-j")
    assert ran.status == 0
    assert [(one["guarded"], one["kept"], one["kept_by"]) for one in ran.json] == [
        (True, True, "--keep")
    ]
    assert small.state.pf.enabled


def test_a_command_on_the_host_decides(on: On, small: Machine) -> None:
    ran = on(small, "init", "fix", "-y", "--keep-if", "ping -c 1 10.0.2.2", "filter", "-j")
    assert ran.status == 0
    assert [(one["kept"], one["kept_by"]) for one in ran.json] == [(True, "--keep-if")]
    assert small.state.pf.enabled


def test_it_is_taken_back_while_the_command_fails(on: On, small: Machine) -> None:
    ran = on(small, "init", "fix", "-y", "--keep-if", "zfs list nope", "filter")
    assert ran.status == 1
    assert "zfs list nope: cannot open 'nope'" in ran.out
    assert "Everything is as it was before." in ran.err
    assert not small.state.pf.enabled
    told = on(small, "init", "fix", "-y", "--keep-if", "nosuch", "filter", "-j")
    assert [(one["ok"], one["guarded"], one["kept"], one["kept_by"]) for one in told.json] == [
        (False, True, False, None)
    ]
    assert "nosuch: no such program" in told.err


@pytest.mark.parametrize("words", [("--keep-if", "'"), ("--keep", "--keep-if", "true")])
def test_a_command_that_is_none(on: On, small: Machine, words: tuple[str, ...]) -> None:
    assert on(small, "init", "fix", "-y", *words, "filter").status == 2
    assert not small.state.pf.enabled


def test_what_is_not_guarded_says_so(on: On, small: Machine) -> None:
    ran = on(small, "stop", "www0", "--keep", "-j")
    assert [(one["ok"], one["guarded"], one["kept"]) for one in ran.json] == [(True, False, None)]
