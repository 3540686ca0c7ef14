"""Several hosts on one screen: tabs of hosts, going there, jails of all of them at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from jailer_core.errors import HostError
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh import keeper as keeper_module
from jailer_core.host.ssh.connect import ConnectFailed, Link, Trouble
from jailer_core.host.ssh.entry import HostEntry
from jailer_core.host.ssh.keeper import Keeper
from jailer_core.plan import OutcomeStatus
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.app import JailerApp
from jailer_tui.console import raw_terminal
from jailer_tui.presenters.hosts import tone_of
from jailer_tui.screens import logs
from jailer_tui.screens.hosts import FleetJailsScreen, HostsScreen
from jailer_tui.state import HostMarks
from jailer_tui.stores import fleet_reader
from jailer_tui.stores.fleet import Fleet
from jailer_tui.stores.fleet_member import Member
from jailer_tui.stores.job import Job
from jailer_tui.stores.jobs import FanOutJob
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
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_reader, "POLL", 0.01)
    monkeypatch.setattr(fleet_reader, "SELDOM", 0.01)
    monkeypatch.setattr(fleet_reader, "SETTLE", 0.0)
    monkeypatch.setattr(fleet_reader, "CALM", 0.0)
    monkeypatch.setattr(keeper_module, "FIRST", 0.01)


async def test_all_hosts_at_a_glance_and_to_one_of_them() -> None:
    async with fleet(Connections()) as it:
        await reached(it)
        it.sees(" small |")
        await it.press("7")
        assert isinstance(it.app.screen, HostsScreen)
        it.sees("[7 Hosts]", "web1        up", "4/4", "8/9")
        await it.press("down", "enter")
        assert it.app.session is web1(it).session
        await it.until(lambda: "web-old" in it.text, "the jails of web1")
        it.sees(" web1 PRODUCTION |")
        await it.press("enter")
        assert it.dialog == "JailScreen"
        it.sees(" web1 PRODUCTION |")
        await it.press("escape", "colon")
        await it.type("@sm")
        await it.press("enter")
        await it.until(lambda: it.app.view.name == it.host.name, "back on the first host")
        it.sees(" small |")


async def test_what_a_host_needs_is_what_its_overview_says() -> None:
    connections = Connections()
    async with fleet(connections) as it:
        await reached(it)
        await it.press("7")
        await it.until(lambda: line_of(it, "web1").endswith("  3"), "what web1 needs")
        await it.press("down")
        it.sees("same address, 10.0.0.11", "epair9a is left over")
        assert isinstance(it.app.screen, HostsScreen)
        listed = [need.text for need in it.app.screen.pane.findings(web1(it))]
        assert any("web and web-old have the same address" in text for text in listed)
        await it.press("exclamation_mark")
        await it.until(lambda: "[0 Overview]" in it.text, "its overview")
        it.sees(" web1 PRODUCTION |")
        await it.until(lambda: all(text[:40] in it.text for text in listed), "the same lines")


def line_of(it: Stage, name: str) -> str:
    """The row of a host."""
    return next(
        (line for line in map(str.strip, it.text.splitlines()) if line.startswith(name)), ""
    )


async def test_what_a_kernel_says_over_there_is_seen_without_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A jail dies on a host that is not shown: it is told by name, and read at once."""
    monkeypatch.setattr(fleet_reader, "POLL", 3600.0)
    monkeypatch.setattr(fleet_reader, "SELDOM", 3600.0)
    connections = Connections()
    async with fleet(connections) as it:
        await reached(it)
        await it.press("8")
        for name in ("cache", "web"):
            await it.until(lambda: web1(it).session.reader.schedule.watched, "that it listens")
            jail = connections.host.machine.jail_named(name)
            assert jail is not None
            connections.host.machine.files.write(f"/var/log/jail/{name}.log", b"it was killed\n")
            kernel.remove(connections.host.machine, jail)
            await hears(it, f"web1: {name} stopped unexpectedly")
            await is_stopped(it, name)
            connections.made[-1].cut()  # and it listens again when the host is back
            await it.until(lambda: len(connections.made) > 1, "its return")
        assert it.app.view.unseen == 0
        assert web1(it).session.view.unseen == 2


async def is_stopped(it: Stage, name: str) -> None:
    """Wait until the row of a jail of web1 says so."""
    await it.until(
        lambda: any(
            line.split()[0::2][:2] == ["web1", name] and " stopped " in line
            for line in it.text.splitlines()
        ),
        f"{name} is stopped",
    )


async def hears(it: Stage, message: str) -> None:
    """Wait for a notice that begins so."""
    await it.until(
        lambda: any(str(note.message).startswith(message) for note in it.app._notifications),
        message,
    )


async def test_marks_of_one_host_are_none_of_another() -> None:
    async with fleet(Connections()) as it:
        await reached(it)
        await it.press("a")
        assert it.main.pane.marked
        await it.press("7", "down", "enter")
        assert not it.main.pane.marked


async def test_jails_of_all_hosts_are_stopped_at_once_and_that_is_undone() -> None:
    connections = Connections()
    async with fleet(connections) as it:
        await reached(it)
        await it.press("8")
        screen = it.app.screen
        assert isinstance(screen, FleetJailsScreen)
        await it.press("slash")
        await it.type("web1 db")
        await it.press("enter")
        it.sees("1 of 13")
        await it.press("space", "escape", "home", "space", "S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Stop 2 jails on 2 hosts", "small: Stop")
        await it.press("y")
        await it.until(
            lambda: not any(member.session.jobs.running for member in screen.fleet.members),
            "the end of both",
        )
        await it.until(lambda: "2 stopped" in it.text, "both results")
        it.sees("web1:db", "small:99d6c13c")
        await it.press("escape")
        connections.reason = ConnectFailed(Trouble.UNREACHABLE, "No route to host")
        connections.made[-1].cut()
        await it.until(lambda: not web1(it).link.up, "the loss of web1")
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the undo")
        it.sees("Undo: Stop 2 jails on 2 hosts", "web1:db: its host cannot be reached now")
        await it.press("y")
        await it.until(lambda: "1 undone, 1 refused" in it.text, "what can be undone")
        connections.reason = None
        screen.fleet.try_again(web1(it))
        await it.until(lambda: web1(it).link.up, "its return")
        await it.press("escape", "z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the rest")
        it.sees("web1: Undo")
        await it.press("y")
        await it.until(lambda: "1 undone" in it.text, "the undo of the rest")
        for host, name in ((it.host, "99d6c13c"), (connections.host, "db")):
            assert host.machine.jail_named(name) is not None
        await it.press("escape", "7", "z")
        await hears(it, "there is no change to undo")
        it.sees(" small |")


async def test_logs_of_several_hosts_tell_that_one_is_gone_and_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "PERIOD", 0.05)
    connections = Connections()
    async with fleet(connections) as it:
        await reached(it)
        machines = {"small:app0": it.machine, "web1:web": connections.host.machine}
        paths = {name: log_of(machine, name) for name, machine in machines.items()}
        await it.press("8", "slash")
        await it.type("!fd1 !99d")
        await it.press("enter", "home", "space", "end", "up", "space", "L")
        await it.until(lambda: "small:app0   hello" in it.text, "the first log")
        await it.until(lambda: "web1:web     hello" in it.text, "the second log")
        connections.reason = ConnectFailed(Trouble.UNREACHABLE, "No route to host")
        connections.made[-1].cut()
        machines["web1:web"].files.write(paths["web1:web"], b"hello\nmeanwhile\n")
        machines["small:app0"].files.write(paths["small:app0"], b"hello\nstill here\n")
        await it.until(lambda: "small:app0   still here" in it.text, "the host that is up")
        await it.until(lambda: "web1         web1: " in it.text, "that the other one is gone")
        connections.reason = None
        await it.until(lambda: "web1         connected again" in it.text, "its return")
        await it.until(lambda: "web1:web     meanwhile" in it.text, "what came meanwhile")
        assert it.text.count("web1         web1: ") == 1
        await it.press("escape")
        assert isinstance(it.app.screen, FleetJailsScreen)
        await it.press("1", "8")
        it.sees("2 marked", "/!fd1 !99d")  # as it was left
        await it.press("u", "L")
        it.sees(" web1 PRODUCTION |", "web-old" if "web-old" in it.text else "web")


def log_of(machine: Machine, name: str) -> str:
    """The messages of a jail, with a first line."""
    jail = name.partition(":")[2]
    folder = f"/usr/local/jails/{jail}/var/log"
    machine.files.mkdir(folder, parents=True)
    machine.files.write(f"{folder}/messages", b"hello\n")
    return f"{folder}/messages"


async def test_a_console_is_opened_on_the_host_of_the_jail() -> None:
    async with fleet(Connections()) as it:
        await reached(it)
        await it.press("8", "end", "up", "t")
        assert it.app.session is web1(it).session
        await it.until(lambda: bool(it.app.consoles.alive), "the console")
        label = it.app.consoles.all[0].label
        await it.press("f12", "8", "end", "up", "S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees(f"Ends the open console web1:{label} and what runs in it.")
        await it.press("escape")
        await it.app.close_consoles()


async def test_a_host_that_is_lost_says_why_and_comes_back() -> None:
    connections = Connections()
    async with fleet(connections) as it:
        await reached(it)
        await it.press("7", "down")
        connections.reason = ConnectFailed(
            Trouble.NOT_TRUSTED, "the host key\x1b]0;x\x07 is new", "Run ssh.\x9b2J"
        )
        connections.made[-1].cut()
        await it.until(lambda: "not trusted" in it.text, "why it is gone")
        it.sees("the host key^[]0;x^G is new", "Run ssh.\\x9b2J", "8/9")
        lies(web1(it), "\x1b[2J")
        it.app.fleet_changed()
        await it.until(lambda: "^[[2J" in line_of(it, "web1"), "what it lied")
        assert "\x1b" not in it.text
        assert it.app.view.name == it.host.name
        connections.reason = None
        await it.press("f5")
        await it.until(lambda: web1(it).link.up, "its return")
        await it.until(lambda: "web1        up" in it.text, "its return on the screen")


def lies(member: Member, evil: str) -> None:
    """What is known of a host is what it told."""
    view, inventory = member.session.view, member.inventory
    assert inventory is not None
    pools = tuple(replace(pool, name=evil, health=evil) for pool in inventory.pools or ())
    jails = tuple(replace(jail, name=f"{evil}{jail.name}") for jail in inventory.jails)
    host = replace(inventory.host, release=f"15{evil}", hostname=evil)
    told = replace(inventory, host=host, pools=pools, jails=jails)
    member.session.view = replace(view, inventory=told)


async def test_a_change_whose_connection_broke_is_unknown_until_the_journal_tells() -> None:
    connections = Connections()
    async with fleet(connections) as it:
        await reached(it)
        await it.press("7", "down", "enter")
        await it.until(lambda: "web-old" in it.text, "the jails of web1")
        await it.go_to("dns")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Preview on web1")
        job: list[Job] = []
        numbers: list[str] = []

        def cut() -> None:
            if job and job[0].entry and not job[0].over:
                numbers.append(job[0].entry)
                connections.made[-1].cut()
                job[0].entry = ""  # as if its number had not come back in time

        start = it.app.jobs.start

        def started(plan: Any) -> Job:
            job.append(start(plan))
            job[0].listeners.append(cut)
            return job[0]

        it.app.jobs.start = started  # type: ignore[method-assign]
        await it.press("y")
        await it.until(lambda: bool(job) and job[0].over, "the end of the connection")
        ended = {job[0].outcome.status} if job[0].outcome is not None else set()
        assert ended <= {OutcomeStatus.UNKNOWN, OutcomeStatus.DONE}
        await it.until(
            lambda: job[0].outcome is not None and job[0].outcome.status is OutcomeStatus.DONE,
            "what the journal says",
        )
        assert job[0].entry == numbers[0]


async def test_without_other_hosts_their_tabs_say_so() -> None:
    async with opened("small") as it:
        await it.press("7")
        assert any("start with --host" in one.message for one in it.app._notifications)
        assert "Hosts" not in it.text.splitlines()[1]


async def test_a_full_terminal_of_another_host_never_runs_here() -> None:
    host, argv = RemoteHost("web1"), ("jexec", "7", "sh")
    with pytest.raises(HostError, match="whole terminal"):
        raw_terminal._over_there(host, argv)
    host.terminal = lambda words: ["ssh", "web1", *words]
    assert raw_terminal._over_there(host, argv) == ["ssh", "web1", *argv]


async def test_a_command_runs_in_jails_of_several_hosts() -> None:
    async with fleet(Connections()) as it:
        await reached(it)
        await it.press("8", "space", "end", "up", "space", "x")
        await it.until(lambda: it.dialog == "CommandDialog", "the form")
        await it.type("echo hello")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("small", "web1", "echo hello")
        await it.press("y")
        await it.until(lambda: "2 of 2 done" in it.text, "both results")
        it.sees("small:99d6c13c", "web1:web", "hello")
        (work,) = it.app.jobs.all
        assert isinstance(work, FanOutJob)
        assert [turn.name for turn in work.many.turns] == ["99d6c13c", "web"]  # for the host itself
