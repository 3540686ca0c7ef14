"""`console` on the command line."""

from __future__ import annotations

import io
import os
from typing import Any

import pytest

from jailer_core.host.local import LocalHost
from jailer_tui import host_selection
from jailer_tui.cli import one_jail
from jailer_tui.cli.main import main
from tests.tui.commandline.conftest import Run
from tests.tui.terminal import Terminal


def test_lines_from_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hostname\n"))
    ran = run("--demo", "busy", "console", "www0")
    assert (ran.status, ran.out) == (0, "www0.example.org\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("console", "nosuch"), "there is no jail nosuch"),
        (("console", "db01"), "db01 is not running"),
        (("console", "--user", "-x", "www0"), "is not a user name"),
        (("--read-only", "console", "www0"), "--read-only"),
    ],
)
def test_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    ran = run("--demo", "busy", *words)
    assert ran.status != 0
    assert said in ran.err


def test_on_a_host_it_becomes_jexec(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(os, "execvpe", lambda *call: ran.append(call))
    one_jail._become(("jexec", "-l", "3", "/usr/bin/login", "-f", "root"))
    (program, argv, environ), *rest = ran
    assert program == "jexec"
    assert argv[-2:] == ("-f", "root")
    assert environ["PATH"].startswith("/sbin")
    assert not rest


def test_it_says_when_jexec_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_call: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(os, "execvpe", missing)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(host_selection, "open_host", lambda *_a, **_o: LocalHost())
    monkeypatch.setattr("jailer_core.jail_console.argv", lambda *_a: ("jexec",))
    monkeypatch.setattr("jailer_core.operations.guards.require_running", lambda _jail: 1)
    monkeypatch.setattr("jailer_core.operations.guards.require_jail", lambda *_a: None)

    async def nothing(*_a: object, **_o: object) -> None:
        return None

    monkeypatch.setattr("jailer_tui.cli.session.Session.inventory", nothing)
    assert main(["console", "www0"]) == 1
    assert "jexec: no such program" in capsys.readouterr().err


@pytest.mark.processes
def test_the_demo_on_a_real_terminal() -> None:
    with Terminal("--demo", "busy", "console", "www0") as it:
        it.until(b"root@www0")
        it.type("hostname\r")
        it.until(b"www0.example.org")
        it.type("sleep 1000\r\x03")
        it.until(b"^C")
        it.type("exit\r")
        assert it.end() == 0
        assert it.settings_now == it.settings
        assert it.wrong_modes == {}
