"""No test runs a command of the machine it runs on, unless it says so."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from jailer_core.host.local import spawn as local_spawn
from jailer_core.settings import files as settings_files
from jailer_core.simulator import scenarios
from jailer_core.simulator.scenarios import large
from tests.examples import ALL, FEW
from tests.mould import built_once
from tests.parsed_once import share_readings

# the workers, and the programs that tests start, import the same modules: compile them once
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# asyncio.run asks for the handler of SIGINT, and Python 3.11 takes the repr of it to find no enum:
# with it that of all that was returned, such as the reading of a whole host
_to_enum = signal._int_to_enum  # type: ignore[attr-defined]
signal._int_to_enum = (  # type: ignore[attr-defined]
    lambda value, kind: _to_enum(value, kind) if isinstance(value, int) else value
)

PROFILE = hypothesis.settings(
    deadline=None,  # a busy machine is slow, and no test measures time
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.data_too_large,
    ],
    derandomize="CI" in os.environ,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="test every step of every plan case, large hosts, and more random examples",
    )
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run the tests in a random order")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("shuffle") is not None:
        random.Random(config.getoption("shuffle")).shuffle(items)  # noqa: S311 - an order


def pytest_configure(config: pytest.Config) -> None:
    count = ALL if config.getoption("exhaustive") else FEW
    hypothesis.settings.register_profile("jailer-tui", PROFILE, max_examples=count)
    hypothesis.settings.load_profile("jailer-tui")
    if not config.getoption("exhaustive"):
        # constants of our modules as examples: each worker would parse all sources for them
        providers._get_local_constants = Constants
        for name, build in scenarios._BUILDERS.items():
            scenarios._BUILDERS[name] = built_once(build)
        share_readings()


@pytest.fixture(scope="session")
def exhaustive(pytestconfig: pytest.Config) -> bool:
    """Whether all is tested, however long it takes."""
    return bool(pytestconfig.getoption("exhaustive"))


@pytest.fixture
def hundred(exhaustive: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host `large` has about a hundred jails, not a thousand: enough to be many."""
    if not exhaustive:
        monkeypatch.setattr(large, "COUNT", 120)


@pytest.fixture(autouse=True)
def _default_signals() -> Iterator[None]:
    """What a shell ignores for what it starts (`nohup`, `&`) is ignored by no test."""
    ignored = {
        number: handler
        for number, handler in (
            (signal.SIGINT, signal.default_int_handler),
            (signal.SIGQUIT, signal.SIG_DFL),
            (signal.SIGHUP, signal.SIG_DFL),
        )
        if signal.getsignal(number) is signal.SIG_IGN
    }
    for number, handler in ignored.items():
        signal.signal(number, handler)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


class RealCommand(BaseException):
    """A test was about to run a real command. Mark it `processes`, or use a simulated host.

    No Exception: what is tested could swallow that.
    """


def pytest_collection_finish() -> None:
    """All that was imported stays: look for garbage only in what the tests make, and rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


@pytest.fixture(autouse=True)
def _no_real_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has set for himself decides no test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    monkeypatch.setattr(settings_files, "HOST", "/nonexistent/jailer-tui.toml")


@pytest.fixture(autouse=True)
def _no_real_commands(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """With `@pytest.mark.processes("tmux")`: this Python and the programs named may run."""
    marker = request.node.get_closest_marker("processes")
    allowed = {sys.executable, *marker.args} if marker is not None else set()
    start = subprocess.Popen.__init__
    spawn, find = os.posix_spawn, local_spawn.program
    refused: list[object] = []

    def guarded(self: subprocess.Popen[Any], args: Any, *rest: Any, **options: Any) -> None:
        program = args if isinstance(args, str | bytes | os.PathLike) else args[0]
        name = os.fsdecode(program)
        if name not in allowed:
            refuse(args)
        start(self, args, *rest, **options)

    def spawned(path: str, argv: Any, *rest: Any, **options: Any) -> int:
        if argv[0] not in allowed:
            refuse(argv)
        return spawn(path, argv, *rest, **options)

    def looked_for(name: str) -> str:
        if name not in allowed:
            refuse(name)
        return find(name)

    def refuse(*args: object, **_options: object) -> NoReturn:
        refused.append(args)
        raise RealCommand(args)

    monkeypatch.setattr(subprocess.Popen, "__init__", guarded)
    monkeypatch.setattr(os, "posix_spawn", spawned)
    monkeypatch.setattr(local_spawn, "program", looked_for)
    for name in ("system", "posix_spawnp", "execv", "execve"):
        monkeypatch.setattr(os, name, refuse)
    yield
    # a task may have died of it unseen; no BaseException here: later finalizers must still run
    if refused and not getattr(request.node, "expects_refusal", False):
        pytest.fail(f"real commands were about to run: {refused}")
