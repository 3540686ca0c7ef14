"""The SSH connection of a user, also where doas or sudo dropped sshd's variables."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jailer_core import ssh_client
from jailer_core.host.local import LocalHost, host
from jailer_core.ssh_client import Connection

TOLD = "192.0.2.7 51022 10.0.2.15 22"
PROCESSES = (
    "  PID  PPID\n    1     0\n  800     1\n 1200   800\n 1201  1200\n 1300  1201\n"
    " 1400  1300\n  900     1\n"
)
SHOWN = (
    "  PID COMM                ENVIRONMENT                                          \n"
    " 1300 doas                HOME=/root USER=root\n"
    f" 1201 sh                  USER=ada SSH_CLIENT=192.0.2.7 51022 22 SSH_CONNECTION={TOLD} "
    "SSH_TTY=/dev/pts/0 HOME=/home/ada\n"
)


def test_parents_are_the_nearest_first() -> None:
    assert host.parents(PROCESSES, 1400) == [1300, 1201, 1200, 800]
    assert host.parents(PROCESSES, 77) == []
    assert host.parents("5 6\n6 5\nnonsense\n", 5) == [6, 5]


def test_what_a_shell_was_told() -> None:
    assert host.in_environments(SHOWN) == TOLD
    assert not host.in_environments("  PID COMM ENVIRONMENT\n 1300 doas -\n")


def test_the_environment_itself_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", TOLD)
    found = LocalHost().connection
    assert found is not None
    assert (found.client, found.server, found.port) == ("192.0.2.7", "10.0.2.15", 22)
    assert found.reverter[-4:] == (sys.executable, "-P", "-m", "jailer_core.watchdog")


def test_through_doas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(sys, "platform", "freebsd15")
    monkeypatch.setattr(os, "getpid", lambda: 1400)
    monkeypatch.setattr(os, "ttyname", lambda _descriptor: "/dev/pts/0")
    asked: list[tuple[str, ...]] = []

    def said(argv: tuple[str, ...]) -> str:
        asked.append(argv)
        return PROCESSES if argv[0] == "ps" else SHOWN

    monkeypatch.setattr(host, "_said", said)
    found = host.connected({})
    assert found == Connection("192.0.2.7", "10.0.2.15", 22, found.reverter if found else ())
    # each keyword behind -o has its own heading, or ps knows one column only
    assert asked[0] == ("ps", "-ax", "-o", "pid,ppid")
    assert asked[1] == ("procstat", "-e", "1300", "1201", "1200", "800")
    monkeypatch.setattr(os, "ttyname", lambda _descriptor: "/dev/ttyv0")
    assert host.connected({}) is None


def test_without_a_terminal_it_may_be_ssh_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_descriptor: int) -> str:
        raise OSError(25, "Inappropriate ioctl for device")

    monkeypatch.setattr(sys, "platform", "freebsd15")
    monkeypatch.setattr(os, "getpid", lambda: 1400)
    monkeypatch.setattr(os, "ttyname", none)
    monkeypatch.setattr(host, "_said", lambda argv: PROCESSES if argv[0] == "ps" else SHOWN)
    found = host.connected({})
    assert found is not None
    assert found.client == "192.0.2.7"


def test_the_reverter_finds_this_program_from_wherever_it_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = str(Path(ssh_client.__file__).resolve().parents[1])
    environ = {"SSH_CONNECTION": TOLD}

    def reverter(**more: str) -> tuple[str, ...]:
        found = ssh_client.of(environ | more, local=True)
        assert found is not None
        return found.reverter

    monkeypatch.setattr(sys, "path", [home, "/usr/lib/python"])
    assert reverter()[:2] == ("env", f"PYTHONPATH={home}")
    assert reverter(PYTHONPATH="/x")[:2] == ("env", f"PYTHONPATH={home}:/x")
    monkeypatch.setattr(sys, "path", ["/usr/local/bin", home])
    assert reverter() == (sys.executable, "-P", "-m", "jailer_core.watchdog")
