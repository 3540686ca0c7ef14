"""Tabs of hosts: what is known of each, going there, logs of several, losing one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.host.ssh.connect import ConnectFailed, Trouble
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.screens import logs
from jailer_tui.screens.hosts import FleetJailsScreen, HostsScreen
from jailer_tui.stores import fleet_member
from jailer_tui.stores.fleet_member import Member
from tests.tui.harness import Stage, opened
from tests.tui.hosts.stage import Connections, fleet, hears, line_of, often, reached, web1

__all__ = ["often"]


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
        await it.press("7", "o", "enter", "O")
        assert isinstance(it.app.screen, HostsScreen)
        assert [row.key for row in it.app.screen.pane.grid.rows] == ["web1", "small"]
        it.sees("HOST▼")


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


async def test_what_a_kernel_says_over_there_is_seen_without_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A jail dies on a host that is not shown: it is told by name, and read at once."""
    monkeypatch.setattr(fleet_member, "POLL", 3600.0)
    monkeypatch.setattr(fleet_member, "SELDOM", 3600.0)
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


async def test_marks_of_one_host_are_none_of_another() -> None:
    async with fleet(Connections()) as it:
        await reached(it)
        await it.press("a")
        assert it.main.pane.marked
        await it.press("7", "down", "enter")
        assert not it.main.pane.marked


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


async def test_without_other_hosts_their_tabs_say_so() -> None:
    async with opened("small") as it:
        await it.press("7")
        assert any("start with --host" in one.message for one in it.app._notifications)
        assert "Hosts" not in it.text.splitlines()[1]
