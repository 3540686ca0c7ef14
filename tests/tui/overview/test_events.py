"""What happened from one reading to the next, and how it is announced."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.model import Inventory, Pool, Problem
from jailer_core.operations.jails.requests import Stop
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.console.user_terminal import notification_sequence
from jailer_tui.stores import events
from jailer_tui.stores.events import Event, Kind, describe, fill, is_quiet
from tests.tui.harness import Stage, opened


def kinds(it: Stage) -> list[tuple[Kind, str]]:
    return [(event.kind, event.jail) for event in it.app.session.events.all]


def messages(it: Stage) -> list[str]:
    """What the toasts say first."""
    return [str(note.message).splitlines()[0] for note in it.app._notifications]


def dies(machine: Machine, name: str, log: bytes) -> None:
    machine.files.write(f"/var/log/jail/{name}.log", log)
    jail = machine.jail_named(name)
    assert jail is not None
    kernel.remove(machine, jail)


async def test_a_jail_that_dies_is_announced_and_counted_until_it_is_seen() -> None:
    async with opened() as it:
        dies(it.machine, "www0", b"pid 42 was killed\n")
        await it.refresh()
        await it.until(lambda: (Kind.DIED, "www0") in kinds(it))
        assert "Overview!1" in it.text
        assert messages(it) == ["www0 stopped unexpectedly"]
        await it.press("0")
        await it.until(lambda: "[0 Overview]" in it.text)
        assert "pid 42 was killed" in it.text
        assert "!1" not in it.text
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog")


async def test_a_jail_that_was_shut_down_in_order_did_not_die() -> None:
    async with opened() as it:
        dies(it.machine, "www0", b"Stopping cron.\nWaiting for PIDS: 77.\n.\n")
        await it.refresh()
        await it.until(lambda: (Kind.STOPPED, "www0") in kinds(it))
        assert it.app.view.unseen == 0


async def test_what_we_stop_ourselves_is_no_death() -> None:
    async with opened() as it:
        await it.go_to("www0")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("left", "enter")
        await it.until(lambda: (Kind.STOPPED, "www0") in kinds(it))
        assert all(kind is not Kind.DIED for kind, _ in kinds(it))


async def test_a_start_that_fails() -> None:
    async with opened() as it:
        fault = Fault("fail", lambda argv: argv[0] == "jail" and "-c" in argv, message="no bridge")
        it.machine.faults.append(fault)
        await it.go_to("db01")
        await it.press("s")
        await it.until(lambda: it.dialog == "PreviewDialog")
        await it.press("enter")
        await it.until(lambda: (Kind.FAILED, "db01") in kinds(it))
        assert "db01 failed to start" in messages(it)
        assert "no bridge" in it.app.session.events.all[-1].text


async def test_a_pool_that_degrades() -> None:
    async with opened() as it:
        it.machine.state.pools["zroot"].health = "DEGRADED"
        await it.refresh()
        await it.until(lambda: (Kind.POOL, "") in kinds(it))
        assert "pool zroot is DEGRADED" in messages(it)


async def test_off_is_off() -> None:
    async with opened() as it:
        off = replace(it.app.view.settings, notices=False)
        it.app.set_view(replace(it.app.view, settings=off))
        it.app.session.events.add(Event(0.0, Kind.DIED, "www0"))
        await it.pilot.pause()
        assert messages(it) == []


def test_nothing_is_known_of_jails_that_could_not_be_read() -> None:
    assert not events.is_known(Inventory(problems=(Problem("jls", "failed"),)))
    assert events.is_known(Inventory(problems=(Problem("zfs list", "failed"),)))


def test_a_pool_seen_for_the_first_time_has_not_changed() -> None:
    bad = Inventory(pools=(Pool("tank", 1, 1, 0, "DEGRADED"),))
    good = Inventory(pools=(Pool("tank", 1, 1, 0, "ONLINE"),))
    assert events.degraded(Inventory(), bad) == []
    assert events.degraded(good, bad) == [("tank", "DEGRADED")]
    assert events.degraded(bad, good) == []
    assert events.degraded(bad, bad) == []


def at(hour: int, minute: int) -> time.struct_time:
    return time.struct_time((2026, 11, 30, hour, minute, 0, 0, 1, 0))


@pytest.mark.parametrize(
    ("hours", "hour", "minute", "quiet"),
    [
        ("", 3, 0, False),
        ("22:00-07:00", 23, 0, True),
        ("22:00-07:00", 6, 59, True),
        ("22:00-07:00", 7, 0, False),
        ("22:00-07:00", 12, 0, False),
        ("08:30-09:00", 8, 30, True),
        ("08:30-09:00", 9, 0, False),
        ("08:30-08:30", 8, 30, False),
    ],
)
def test_quiet_hours(hours: str, hour: int, minute: int, quiet: bool) -> None:
    assert is_quiet(hours, at(hour, minute)) is quiet


def test_fields_are_filled_in_once() -> None:
    fields = {"jail": "{host}", "host": "h", "what": "died", "message": "a b; rm"}
    argv = ("mail", "-s", "{what}: {jail}", "{message}", "{other}", "{")
    assert fill(argv, fields) == ("mail", "-s", "died: {host}", "a b; rm", "{other}", "{")


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "xterm-kitty"}, "\x1b]9;web1 died\x07"),
        ({"TERM": "foot"}, "\x1b]777;notify;a,b;web1 died\x07"),
        ({"TERM": "screen", "LC_TERMINAL": "iTerm2"}, "\x1b]9;web1 died\x07"),
        (
            {"TERM": "screen", "LC_TERMINAL": "iTerm2", "TMUX": "x"},
            "\x1bPtmux;\x1b\x1b]9;web1 died\x07\x1b\\",
        ),
    ],
)
def test_notifications_of_terminals(environ: dict[str, str], wanted: str) -> None:
    assert notification_sequence("a;b", "web1 \x1b\x07died", environ) == wanted


def test_words() -> None:
    assert describe(Event(0, Kind.DIED, "web1", "x")) == "web1 stopped unexpectedly"
    assert describe(Event(0, Kind.POOL, "", "pool zroot is DEGRADED")) == "pool zroot is DEGRADED"


async def test_the_demo_shows_every_notice() -> None:
    async with opened("trouble") as it:
        it.host._now = lambda: it.machine.state.now  # type: ignore[method-assign]
        it.host.live = it.machine.live = True
        await it.app.session.vitals.read()
        for _ in range(4):
            it.host.pass_time(20)
            await it.refresh()
        await it.until(lambda: {kind for kind, _ in kinds(it)} >= {Kind.DIED, Kind.POOL})
        assert (Kind.MEMORY, "app1") in kinds(it)
        assert (Kind.DIED, "www0") in kinds(it)
        died = next(event for event in it.app.session.events.all if event.kind is Kind.DIED)
        assert "was killed" in died.text


async def test_a_stop_by_another_session_is_no_death() -> None:
    async with opened() as it:
        other = Reader(it.host)
        outcome = await execute(
            other, await prepare(other, Stop("app1")), lambda _: None, asyncio.Event()
        )
        assert outcome.ok
        await it.refresh()
        await it.until(lambda: (Kind.STOPPED, "app1") in kinds(it))
        assert it.app.session.events.all[-1].text == "by another session"
        assert messages(it) == []
