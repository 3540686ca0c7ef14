"""The tests of the local host run on the host itself, and again through an agent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from jailer_core.host.local import LocalHost, lock
from jailer_core.host.remote.host import RemoteHost
from tests.core.remote.pipes import Joined


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `local_only` run once."""
    if "each_host" in metafunc.fixturenames:
        local_only = metafunc.definition.get_closest_marker("local_only") is not None
        ways = ("local",) if local_only else ("local", "agent")
        metafunc.parametrize("each_host", ways, indirect=True)


@pytest.fixture
async def each_host(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """`LocalHost()` of the module is this machine, or the client of an agent that serves it."""
    pairs: list[Joined] = []

    def made(lock_path: str = lock.PATH) -> RemoteHost:
        both = Joined(LocalHost(lock_path))
        pairs.append(both)
        for name in ("_running", "_terminals"):
            setattr(both.client, name, getattr(both.served, name))
        return both.client

    if request.param == "agent":
        monkeypatch.setattr(request.module, "LocalHost", made)
    yield
    for both in pairs:
        await both.end()
