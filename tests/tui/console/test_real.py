"""Real shells in the tab: what they draw, and that nothing is left of them, however it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from pathlib import Path

import pytest

from jailer_tui.app import JailerApp
from jailer_tui.screens.console import ConsoleScreen
from tests.core.local.programs import gone
from tests.tui.console.shelled import SHELL, Shelled
from tests.tui.harness import Stage, opened
from tests.tui.terminal import Terminal, keyboard

MODULE = "tests.tui.console.shelled"
PATIENCE = 30.0
ALTERNATE = 1049


async def until(app: JailerApp, text: str) -> str:
    """What the console shows, once that is there."""
    end = time.monotonic() + PATIENCE
    rows: list[str] = []
    while time.monotonic() < end:
        shown = app.session.consoles.shown
        if shown is not None:
            core = shown.core
            rows = ["".join(t for _, t in core.row(y)).rstrip() for y in range(core.rows)]
            if text in "\n".join(rows):
                return "\n".join(rows)
        await asyncio.sleep(0.01)
    raise AssertionError("\n".join(rows))


@pytest.mark.processes(SHELL, "pkill")
async def test_a_real_shell_in_the_tab() -> None:
    async with opened("small", (100, 30), kind=Shelled) as it:
        app, host = it.app, it.host
        assert isinstance(host, Shelled)
        await it.go_to("www0")
        await it.press("t")
        await typed(it, "PS1='$ '; stty size; tty; echo $TERM")
        output = await until(app, "xterm-256color\n")
        assert re.search(r"\n26 100\n/dev/pts/\d+\nxterm-256color\n", output)
        await typed(it, "sh -c 'trap exit INT; echo ready; sleep 99'")
        await until(app, "\nready")
        await it.press("ctrl+c")
        await typed(it, "printf '\\033[3;5Hthere\\033[31;1mred\\033[m\\n'")
        output = await until(app, "therered\n$ ")
        assert output.splitlines()[2] == "/devtherered"
        await it.pilot.resize_terminal(70, 20)
        await typed(it, "clear; stty size")
        await until(app, "16 70")
        await it.press("ctrl+d")
        screen = app.screen
        assert isinstance(screen, ConsoleScreen)
        async with asyncio.timeout(PATIENCE):
            while screen.consoles.alive:  # noqa: ASYNC110 - a process ends when it ends
                await asyncio.sleep(0.01)
        assert not host.shells
        (argv,) = host.opened
        assert argv[:2] == ("jexec", "-l")
        assert argv[2].isdigit()
        assert argv[3:] == ("/usr/bin/login", "-f", "root")


async def typed(it: Stage, line: str) -> None:
    await it.press(*("space" if key == " " else key for key in line), "enter")


def entered(it: Terminal) -> list[int]:
    """A shell, what it runs in front, and what it runs behind, by their pids."""
    it.until(b"www0", b"99d6c13c", b"zroot")
    it.type("t")
    it.until(b"f12")
    it.type("echo shell-$$-\r")
    it.type("sleep 1000 & echo behind-$!-\r")
    it.type("sh -c 'echo front-$$-; exec sleep 1000'\r")
    found = [pid(it, word) for word in (b"shell", b"front", b"behind")]
    it.settle(0.2)
    return found


def pid(it: Terminal, word: bytes) -> int:
    said = re.compile(word + rb"-(\d+)-")
    it.wait(lambda: said.search(it.output) is not None)
    found = said.search(it.output)
    assert found is not None
    return int(found[1])


def vanish(pids: list[int]) -> None:
    end = time.monotonic() + PATIENCE
    while not all(gone(pid) for pid in pids):
        assert time.monotonic() < end, pids
        time.sleep(0.01)


def in_order(it: Terminal) -> None:
    assert it.wrong_modes == {}
    assert keyboard(it.output) == 0
    assert it.settings_now == it.settings


@pytest.mark.processes
def test_a_signal() -> None:
    with Terminal(module=MODULE) as it:
        pids = entered(it)
        os.kill(it.process.pid, signal.SIGHUP)  # SIGTERM: test_suspending_and_coming_back
        assert it.end() == 128 + signal.SIGHUP
        vanish(pids)
        in_order(it)
        assert b"Traceback" not in it.output


@pytest.mark.processes
def test_a_crash(tmp_path: Path) -> None:
    with Terminal(module=MODULE, XDG_STATE_HOME=str(tmp_path)) as it:
        pids = entered(it)
        os.kill(it.process.pid, signal.SIGUSR2)
        assert it.end() == 1
        assert b"told to fail" in it.output
        vanish(pids)
        in_order(it)


@pytest.mark.processes
def test_being_killed() -> None:
    with Terminal(module=MODULE) as it:
        pids = entered(it)
        it.process.kill()
        it.process.wait()
        vanish(pids[:2])
        os.kill(pids[2], signal.SIGKILL)  # what runs behind has no terminal to be hung up with


@pytest.mark.processes
def test_a_terminal_that_goes() -> None:
    with Terminal(module=MODULE) as it:
        pids = entered(it)
        assert it.hang_up() != 0
        vanish(pids)


@pytest.mark.processes
def test_leaving_by_keys() -> None:
    with Terminal(module=MODULE) as it:
        pids = entered(it)
        it.type("\x1d")
        it.until(b"goes in")
        it.type("q")
        it.until(b"Console")
        it.type("q")
        it.until(b"Leave?")
        it.settle()
        it.type("y")
        assert it.end() == 0
        vanish(pids)
        in_order(it)


@pytest.mark.processes
def test_suspending_and_coming_back() -> None:
    with Terminal(module=MODULE) as it:
        pids = entered(it)
        it.type("\x1d")
        it.until(b"goes in")
        it.type("\x1a")
        it.wait(lambda: not it.wrong_modes)
        os.waitid(os.P_PID, it.process.pid, os.WSTOPPED | os.WNOWAIT)
        assert not any(gone(pid) for pid in pids)
        os.kill(it.process.pid, signal.SIGCONT)
        it.wait(lambda: ALTERNATE in it.wrong_modes)
        os.kill(it.process.pid, signal.SIGTERM)
        assert it.end() == 128 + signal.SIGTERM
        vanish(pids)
        in_order(it)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("typed", "status"), [("stty -echo raw; exit 3\r", 3), ("kill -9 $$\r", -9)]
)
def test_the_real_terminal_comes_back(typed: str, status: int) -> None:
    with Terminal(module="tests.tui.console.plainly") as it:
        it.type("echo I am $$\r")
        it.wait(lambda: re.search(rb"I am \d+", it.output) is not None)
        it.type("printf '\\033[?1049h\\033[?25l\\033[?1000h\\033[?2004h'\r")
        it.wait(lambda: ALTERNATE in it.wrong_modes)
        it.type("\x03")
        it.wait(lambda: re.search(rb"\^C\s+[$#] $", it.output) is not None)
        it.type(typed)
        it.until(f"back with {status}".encode())
        it.type("me\r")
        it.until(b"heard me")
        assert it.end() == 0
        assert it.settings_now == it.settings
        assert it.wrong_modes == {}


@pytest.mark.processes
def test_the_real_terminal_of_the_demo_comes_back() -> None:
    with Terminal("--demo", "busy") as it:
        it.until(b"app0", b"zroot")
        it.type("T")
        it.until(b"returns to jailer-tui", b"root@app0")
        assert ALTERNATE not in it.wrong_modes
        it.output = b""
        it.type("id\rexit\r")
        it.until(b"uid=0(root)")
        it.wait(lambda: ALTERNATE in it.wrong_modes)
        it.until(b"thick1")
        it.type("q")
        assert it.end() == 0
        in_order(it)
