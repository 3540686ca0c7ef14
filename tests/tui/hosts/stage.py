"""Two hosts on one screen: a simulated one, and one over a connection in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from jailer_core.errors import HostError
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh import keeper as keeper_module
from jailer_core.host.ssh.connect import ConnectFailed, Link
from jailer_core.host.ssh.definitions import HostEntry
from jailer_core.host.ssh.keeper import Keeper
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.app import JailerApp
from jailer_tui.presenters.hosts import tone_of
from jailer_tui.state import HostMarks
from jailer_tui.stores import fleet_member, refresher
from jailer_tui.stores.fleet import Fleet
from jailer_tui.stores.fleet_member import Member
from tests.core.remote.pipes import Joined
from tests.tui.harness import Stage, opened

SMALL = HostEntry("small", demo="small", colour="green")
WEB1 = HostEntry("web1", ssh="web1", production=True, tags=("web",))


class Connections:
    """Agents in this process for a host "over ssh"; `reason` says why none can be reached."""

    def __init__(self) -> None:
        self.host = SimulatedHost(scenarios.build("wired"))
        self.made: list[Joined] = []
        self.reason: ConnectFailed | None = None

    async def connect(self, _shared: bool, lost: Callable[[HostError], None]) -> Link:
        if self.reason is not None:
            raise self.reason
        both = Joined(self.host)
        both.channel._lost = lost
        self.made.append(both)

        class _Link(Link):
            def __init__(self) -> None:
                self.channel = both.channel

            async def close(self, *, kill: bool = False) -> None:
                await both.end()

        return _Link()


@asynccontextmanager
async def fleet(
    connections: Connections, first: HostEntry = SMALL, second: HostEntry = WEB1
) -> AsyncIterator[Stage]:
    def arrange(app: JailerApp) -> None:
        members = []
        for entry in (first, second):
            session = app.session if entry is first else app.new_session(RemoteHost("web1"), "web1")
            tone = tone_of(entry.colour, production=entry.production)
            marks = HostMarks(entry.name, tone, entry.production, entry.remote)
            session.view = replace(session.view, marks=marks)
            host = session.host
            keeper = Keeper(host, connections.connect) if isinstance(host, RemoteHost) else None
            members.append(Member(entry, session, keeper))
        app.use_fleet(Fleet(app, members))

    async with opened("small", arrange=arrange) as it:
        assert it.app.fleet is not None
        try:
            yield it
        finally:
            await it.app.close_hosts()


def web1(it: Stage) -> Member:
    assert it.app.fleet is not None
    return it.app.fleet.members[1]


async def reached(it: Stage) -> None:
    await it.until(lambda: web1(it).session.view.full, "the first reading of web1")


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_member, "POLL", 0.01)
    monkeypatch.setattr(fleet_member, "SELDOM", 0.01)
    monkeypatch.setattr(refresher, "SETTLE", 0.0)
    monkeypatch.setattr(refresher, "CALM", 0.0)
    monkeypatch.setattr(keeper_module, "FIRST", 0.01)


def line_of(it: Stage, name: str) -> str:
    """The row of a host."""
    return next(
        (line for line in map(str.strip, it.text.splitlines()) if line.startswith(name)), ""
    )


async def hears(it: Stage, message: str) -> None:
    """Wait for a notice that begins so."""
    await it.until(
        lambda: any(str(note.message).startswith(message) for note in it.app._notifications),
        message,
    )
