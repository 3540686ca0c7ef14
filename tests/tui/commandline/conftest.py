from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from jailer_tui import host_selection
from jailer_tui.cli.main import main


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_selection, "PACE", 0.0)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The program with those arguments, as a shell would run it."""

    def call(*argv: str) -> Ran:
        capsys.readouterr()
        status = main(argv)
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return call


@pytest.fixture
def on(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """The program on a machine of the test: `on(machine, "stop", "www0")`."""

    def call(machine: Machine, *argv: str, user: str = "root") -> Ran:
        host = SimulatedHost(machine, user=user)
        monkeypatch.setattr(host_selection, "open_host", lambda _choice, **_options: host)
        return run("--demo", *argv)

    return call


@pytest.fixture
def small() -> Machine:
    return build("small")


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "host.state")
