"""`simulate`: a FreeBSD command on the simulated host."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jailer_core.simulator import persist
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.scenarios import build
from jailer_tui import host_selection
from tests.tui.commandline.conftest import Run


def test_output_errors_and_status_are_the_command_s(run: Run) -> None:
    listed = run("simulate", "--demo=small", "--", "jls", "-j", "www0", "name")
    assert (listed.status, listed.out, listed.err) == (0, "www0\n", "")
    failed = run("simulate", "--", "ls", "/nonexistent")
    assert (failed.status, failed.out) == (1, "")
    assert failed.err == "ls: /nonexistent: No such file or directory\n"


def test_options_after_the_dashes_belong_to_the_command(run: Run) -> None:
    ran = run("simulate", "--demo=fresh", "--", "zfs", "list", "-H", "-o", "name")
    assert ran.lines == ["zroot"]


def test_a_command_that_the_host_does_not_have(run: Run) -> None:
    ran = run("simulate", "--", "nosuch")
    assert (ran.status, ran.out) == (127, "")
    assert "nosuch: no such program" in ran.err


@pytest.mark.parametrize("words", [(), ("--",), ("jls",), ("jls", "--", "jls")])
def test_without_a_command_it_says_how(run: Run, words: tuple[str, ...]) -> None:
    ran = run("simulate", *words)
    assert ran.status == 2
    assert "needs a command after --" in ran.err


def test_a_status_of_its_own(run: Run) -> None:
    assert run("simulate", "--", "sh", "-c", "exit 3").status == 3


def test_a_command_that_a_signal_ended(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = build("fresh")
    machine.faults.append(Fault("die", lambda argv: argv[0] == "jls"))
    host = SimulatedHost(machine)
    monkeypatch.setattr(host_selection, "open_host", lambda _choice, **_options: host)
    assert run("simulate", "--", "jls").status == 137


def test_waiting_takes_no_time_here(run: Run) -> None:
    assert run("simulate", "--", "sleep", "86400").status == 0


def test_state_is_kept_between_calls_unless_read_only(run: Run, state: str) -> None:
    where = ("--demo=fresh", "--state", state)
    assert run("simulate", *where, "--", "zfs", "create", "zroot/kept").status == 0
    assert "zroot/kept" in persist.load(state).state.datasets
    assert run("simulate", *where, "--read-only", "--", "zfs", "destroy", "zroot/kept").status == 0
    assert "zroot/kept" in persist.load(state).state.datasets


def test_the_program_sees_what_the_command_did(run: Run, state: str) -> None:
    where = ("--demo=small", "--state", state)
    assert run("simulate", *where, "--", "service", "jail", "onestop", "www0").status == 0
    line = next(line for line in run("list", *where).lines if line.startswith("www0"))
    assert line.split()[1] == "Stopped"


@pytest.mark.processes
def test_it_loads_no_screen() -> None:
    code = (
        "import sys; from jailer_tui.cli.main import main; "
        "status = main(['simulate', '--demo=fresh', '--', 'jls']); "
        "sys.exit(status or any(name in sys.modules for name in ('textual', 'rich')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
