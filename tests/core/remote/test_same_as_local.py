"""The tests of the local host, once more through an agent and its client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jailer_core.host.local import LocalHost, lock
from jailer_core.host.remote.host import RemoteHost
from tests.core.local import (
    test_attend,
    test_files,
    test_many,
    test_processes,
    test_pty,
    test_roots,
    test_started,
    test_trees,
    test_windows,
)
from tests.core.local.test_files import jail  # noqa: F401 - a fixture
from tests.core.local.test_roots import outer  # noqa: F401 - a fixture
from tests.core.remote.pipes import Joined

MODULES = (
    test_attend,
    test_files,
    test_many,
    test_processes,
    test_pty,
    test_roots,
    test_started,
    test_trees,
    test_windows,
)
pytestmark = pytest.mark.processes(
    "/nowhere/program",
    "cat",
    "pkill",
    "with\0zero",
    "lone\ud800",
    *(str(Path(str(module.__file__))) for module in MODULES),
)
OWN = {
    "test_no_descriptor_is_left_open",  # the pipes here have none, but their tasks hold results
    "test_side_by_side_within_the_limit_and_all_are_ended",  # these wait for seconds
    "test_hanging_up_ends_it_and_what_it_runs_in_front",
    "test_cancelling_ends_even_what_ignores_sigterm",
    "test_each_ends_in_its_own_way",
    "test_closing_the_host_ends_what_runs",  # the client is closed: its agent ends by itself
}


@pytest.fixture(autouse=True)
async def _through_an_agent(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """`LocalHost()` is the client of an agent that serves one."""
    pairs: list[Joined] = []

    def made(lock_path: str = lock.PATH) -> RemoteHost:
        both = Joined(LocalHost(lock_path))
        pairs.append(both)
        for name in ("_running", "_terminals"):
            setattr(both.client, name, getattr(both.served, name))
        return both.client

    for module in MODULES:
        if hasattr(module, "LocalHost"):
            monkeypatch.setattr(module, "LocalHost", made)
    yield
    for both in pairs:
        await both.end()


for _module in MODULES:
    for _name, _test in vars(_module).items():
        if _name.startswith("test_") and callable(_test) and _name not in OWN:
            globals()[f"{_name}__{_module.__name__.rpartition('.')[2]}"] = _test
