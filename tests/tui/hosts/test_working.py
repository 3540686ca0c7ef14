"""What is done on several hosts from one screen: changes, undo, commands, consoles."""

from __future__ import annotations

from typing import Any

import pytest

from jailer_core.errors import HostError
from jailer_core.host.remote.host import RemoteHost
from jailer_core.host.ssh.connect import ConnectFailed, Trouble
from jailer_core.plan import OutcomeStatus
from jailer_tui.console import raw_terminal
from jailer_tui.screens.hosts import FleetJailsScreen
from jailer_tui.stores.job import Job
from jailer_tui.stores.jobs import FanOutJob
from tests.tui.hosts.stage import Connections, fleet, hears, often, reached, web1

__all__ = ["often"]


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


async def test_a_console_is_opened_on_the_host_of_the_jail() -> None:
    async with fleet(Connections()) as it:
        await reached(it)
        await it.press("8", "end", "up", "t")
        assert it.app.session is web1(it).session
        await it.until(lambda: bool(it.app.session.consoles.alive), "the console")
        label = it.app.session.consoles.all[0].label
        await it.press("f12", "8", "end", "up", "S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees(f"Ends the open console web1:{label} and what runs in it.")
        await it.press("escape")
        await it.app.close_consoles()


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
