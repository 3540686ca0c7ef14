"""The logs of several jails at once."""

from __future__ import annotations

import time

from jailer_core.logs import Place
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_tui.screens.logs import LogsScreen
from jailer_tui.stores.merged_logs import FIRST, MergedLogs, Source, moment
from tests.tui.harness import Stage, opened

NAMES = ("app0", "app1", "www0")


def path(name: str) -> str:
    return f"/usr/local/jails/{name}/var/log/messages"


def write(it: Stage, name: str, *lines: str) -> None:
    files = it.machine.files
    old = files.read(path(name)) if files.exists(path(name)) else b""
    files.write(path(name), old + "".join(f"{line}\n" for line in lines).encode())


async def followed(it: Stage) -> LogsScreen:
    for name in NAMES:
        it.machine.files.mkdir(f"/usr/local/jails/{name}/var/log", parents=True)
        write(it, name, f"{name} has started")
    for name in NAMES:
        await it.go_to(name)
        await it.press("space")
    await it.press("L")
    screen = it.app.screen
    assert isinstance(screen, LogsScreen)
    await it.until(lambda: "www0 has started" in it.text)
    return screen


async def poll(screen: LogsScreen) -> None:
    """Read all of them now."""
    merged = screen.pane.merged
    assert merged is not None
    for host in merged.hosts:
        await merged.poll(host, screen.pane.again)


async def test_three_logs_with_names_filter_and_pause() -> None:
    async with opened() as it:
        screen = await followed(it)
        write(it, "app1", "GET /orders", "ERROR \x1b[2Jreset")
        await poll(screen)
        await it.settle()
        assert "app1         GET /orders" in it.text
        assert "\x1b[2J" not in it.text
        it.compare("logs-80")
        await it.press("ampersand")
        await it.type("error !www0")
        await it.settle()
        assert "GET /orders" not in it.text
        assert "reset" in it.text
        await it.press("escape")
        await it.press("f")
        assert "paused" in it.text
        await it.press("number_sign")
        await it.settle()
        await it.press("escape")
        await it.until(lambda: it.dialog == "JailsScreen")


async def test_a_log_that_is_missing_is_said_once() -> None:
    async with opened() as it:
        screen = await followed(it)
        it.machine.files.remove(path("www0"))
        await poll(screen)
        await poll(screen)
        assert screen.pane.merged is not None
        assert [line.label for line in screen.pane.merged.lines if line.failed] == ["www0"]
        write(it, "www0", "here again")
        await poll(screen)
        assert screen.pane.merged.lines[-1].text == "here again"


async def test_what_is_not_a_whole_line_waits_and_a_flood_is_skipped() -> None:
    host = SimulatedHost(scenarios.build("busy"))
    files = host.machine.files
    files.mkdir("/usr/local/jails/www0/var/log", parents=True)
    files.write(path("www0"), b"".join(b"line %d\n" % number for number in range(99)))
    place = Place("messages", path("www0"), "/usr/local/jails/www0")
    merged = MergedLogs([Source("www0", host, place)])

    async def grows() -> bool:
        before = list(merged.lines)
        await merged.poll(merged.hosts[0], lambda: None)
        return list(merged.lines) != before

    assert await grows()
    assert [line.text for line in merged.lines][::29] == ["line 69", "line 98"]
    assert len(merged.lines) == FIRST
    assert not await grows()
    data = files.read(path("www0"))
    files.write(path("www0"), data + b"half")
    assert not await grows()
    files.write(path("www0"), data + b"half and half\n")
    assert await grows()
    assert merged.lines[-1].text == "half and half"
    files.write(
        path("www0"), data + b"half and half\n" + b"x" * 60 + b"\n" * 1 + b"flood\n" * 60000
    )
    assert await grows()
    assert "(lines were skipped)" in [line.text for line in merged.lines]
    files.write(path("www0"), b"a new file\n")
    await grows()
    assert [line.text for line in merged.lines][-2:] == ["(a new file)", "a new file"]


async def test_what_is_there_already_comes_by_its_time() -> None:
    host = SimulatedHost(scenarios.build("busy"))
    files, year = host.machine.files, time.localtime(host.clock()).tm_year
    texts = {
        "app0": f"no time\nJan  2 10:00:00 a: syslog\nindented\n{year}-01-02T10:00:09Z a: last\n",
        "www0": "Jan  2 09:59:59 b: first\n"
        f"[02/Jan/{year}:10:00:03] b: web\nJan 99 10:00:00 b: odd\n",
    }
    sources = []
    for name, text in texts.items():
        files.mkdir(f"/usr/local/jails/{name}/var/log", parents=True)
        files.write(path(name), text.encode())
        place = Place("messages", path(name), f"/usr/local/jails/{name}")
        sources.append(Source(name, host, place))
    merged = MergedLogs(sources)
    await merged.poll(merged.hosts[0], list)
    assert [line.text.split(": ")[-1] for line in merged.lines] == [
        *("no time", "first", "syslog", "indented", "web", "odd", "last")
    ]
    files.write(path("app0"), (texts["app0"] + "Jan  1 00:00:00 a: late\n").encode())
    await merged.poll(merged.hosts[0], list)
    assert merged.lines[-1].text.endswith("late")  # what comes is not moved under the reader


def test_the_year_that_syslog_does_not_name() -> None:
    new_year = time.mktime((2027, 1, 1, 0, 5, 0, 0, 0, -1))
    before = moment("Dec 31 23:59:00 kernel", new_year)
    assert before is not None
    assert new_year - before == 360
    assert moment("2026-12-31 23:59:00,5 +0000 x", new_year) == 1798761540.5
    assert moment("Feb 30 00:00:00 no such day", new_year) is None
    assert moment("plain", new_year) is None
