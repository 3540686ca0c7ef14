"""The simulated shell at a prompt: its keys, its commands, its end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from jailer_core.errors import CommandMissing
from jailer_core.host import Pty
from jailer_core.jail_console import argv
from jailer_core.simulator import scenarios
from jailer_core.simulator.demo.line_editor import Keys, LineEditor
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine

UP, LEFT = b"\x1b[A", b"\x1b[D"


@dataclass
class Typist:
    machine: Machine
    host: SimulatedHost
    pty: Pty
    said: bytes = b""
    over: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def listen(self) -> None:
        while data := await self.pty.read(4096):
            self.said += data
            self.said = self.said[-200_000:]
        self.over = True

    async def type(self, *keys: bytes) -> str:
        """What is said after these keys."""
        self.said = b""
        for one in keys:
            assert self.pty.write(one)
            for _ in range(60):
                await asyncio.sleep(0)
        return self.said.decode()


async def typist(size: tuple[int, int] = (80, 24), user: str = "root") -> Typist:
    machine = scenarios.build("busy")
    host = SimulatedHost(machine)
    jail = machine.jail_named("www0")
    assert jail is not None
    it = Typist(machine, host, await host.open_pty(argv(jail.jid, user), size, "xterm-256color"))
    it.tasks.append(asyncio.create_task(it.listen()))
    for _ in range(60):
        await asyncio.sleep(0)
    return it


@pytest.fixture
async def it() -> AsyncIterator[Typist]:
    made = await typist()
    yield made
    await made.host.close()
    assert not made.machine.listeners


async def test_commands_of_the_demo(it: Typist) -> None:
    assert "www0.example.org\r\n" in await it.type(b"hostname\r")
    assert "uid=0(root)" in await it.type(b"id\r")
    assert "COPYRIGHT" in await it.type(b"ls /\r")
    assert "inet 10.0.2.21" in await it.type(b"ifconfig vtnet0\r")
    assert "-sh (sh)" in await it.type(b"ps\r")
    assert "sshd is not running" in await it.type(b"service sshd status\r")
    assert "FreeBSD" in await it.type(b"uname -a\r")
    assert "nosuch: not found" in await it.type(b"nosuch\r")
    assert "simulated shell" in await it.type(b"help\r")
    assert "Syntax error" in await it.type(b"echo (\r")
    said = await it.type(b"cd /etc\r", b"pwd; echo $TERM\r")
    assert "/etc\r\nxterm-256color\r\n\rroot@www0:/etc # " in said


async def test_a_line_is_edited_and_remembered(it: Typist) -> None:
    assert "\nab\r\n" in await it.type(b"echo abX\x7f\r")
    assert "\nabcd\r\n" in await it.type(b"echo abd" + LEFT + b"c\r")
    assert "\nabcd\r\n" in await it.type(UP + b"\r")
    assert "\nab\r\n" in await it.type(UP + UP + b"\r")
    assert "\nend\r\n" in await it.type(b"rubbish" + b"\x15" + b"echo x\x17end\r")
    assert "\nx y\r\n" in await it.type(b"cho x y\x01e\r")
    assert "größe" in await it.type("echo größe\r".encode())
    assert "/COPYRIGHT" in await it.type(b"ls /COP\t\r")
    assert "\a" in await it.type(b"ls /nosuch\t")
    assert "^C" in await it.type(b"\x03")


async def test_a_shell_within_the_shell(it: Typist) -> None:
    await it.type(b"cd /etc\r", b"sh\r")
    assert "\n/etc\r\n" in await it.type(b"pwd\r")
    await it.type(b"cd /\r", b"exit\r")
    assert not it.over
    assert "\n/etc\r\n" in await it.type(b"pwd\r")


async def test_tab_shows_what_is_possible(it: Typist) -> None:
    said = await it.type(b"ls /l\t", b"\t")
    assert "lib  libexec" in said
    assert "ls /lib" in said


async def test_top_fills_the_screen_until_q(it: Typist) -> None:
    said = await it.type(b"top\r")
    assert said.count("\x1b[?1049h\x1b[?25l") == 1
    assert "last pid" in said
    assert "top" in said
    it.pty.resize(40, 6)
    for _ in range(60):
        await asyncio.sleep(0)
    again = it.said.decode().rpartition("\x1b[H")[2]
    lines = again.replace("\x1b[J", "").split("\r\n")
    assert len(lines) == 5
    assert all(len(line.replace("\x1b[K", "")) <= 40 for line in lines)
    assert (await it.type(b"q")).startswith("\x1b[?25h\x1b[?1049l")
    assert "www0" in await it.type(b"hostname\r")


async def test_ctrl_c_ends_what_would_never_end(it: Typist) -> None:
    said = await it.type(b"yes\r")
    assert "y\r\ny\r\n" in said
    assert "^C" in await it.type(b"\x03")
    assert "\n130\r\n" in await it.type(b"echo $?\r")


async def test_what_is_piped_has_no_terminal(it: Typist) -> None:
    assert "last pid" in await it.type(b"top | cat\r")
    assert "\x1b[?1049h" not in it.said.decode()
    assert "\na\r\n" in await it.type(b"echo a | cat\r")


@pytest.mark.parametrize("keys", [b"exit\r", b"exit 3\r", b"\x04"])
async def test_leaving(it: Typist, keys: bytes) -> None:
    await it.type(keys)
    assert it.over
    assert await it.pty.wait() == 0  # login(1) ends well (recording 12)
    assert not any(one.command == "-sh (sh)" for one in it.machine.state.processes.values())
    assert not it.pty.write(b"x")


async def test_a_jail_that_stops_takes_its_console_along(it: Typist) -> None:
    it.machine.now_run(("jail", "-f", "/etc/jail.conf.d/www0.conf", "-r", "www0"))
    for _ in range(60):
        await asyncio.sleep(0)
    assert it.over
    assert await it.pty.wait() == -9


async def test_a_shell_that_is_killed_ends_its_console(it: Typist) -> None:
    pid = next(pid for pid, one in it.machine.state.processes.items() if one.command == "-sh (sh)")
    it.machine.now_run(("kill", "-9", str(pid)))
    await it.type(b"x")
    assert it.over


async def test_hanging_up_leaves_no_process(it: Typist) -> None:
    await it.type(b"top\r")
    await it.pty.close()
    assert it.over
    assert not any(one.command == "-sh (sh)" for one in it.machine.state.processes.values())


async def test_what_nobody_reads_waits() -> None:
    it = await typist()
    it.tasks[0].cancel()
    await asyncio.wait(it.tasks)
    it.pty.write(b"yes\r")
    for _ in range(500):
        await asyncio.sleep(0)
    assert len(await it.pty.read(10**9)) < 200_000
    await it.host.close()


async def test_a_program_that_is_not_there() -> None:
    machine = scenarios.build("small")
    with pytest.raises(CommandMissing):
        await SimulatedHost(machine).open_pty(["nosuch"], (80, 24), "xterm")


async def test_nobody_else_gets_in() -> None:
    machine = scenarios.build("busy")
    jail = machine.jail_named("www0")
    assert jail is not None
    pty = await SimulatedHost(machine, user="guest1").open_pty(argv(jail.jid), (80, 24), "xterm")
    said = await pty.read(1000)
    assert re.search(rb"jail_attach\(\d+\): Operation not permitted\r\n", said)
    assert await pty.wait() == 1


def test_a_long_line_scrolls_sideways() -> None:
    editor = LineEditor(lambda _before: [])
    editor.begin("# ", 20)
    drawn = ""
    for key in Keys().of(b"abcdefghijklmnopqrstuvwxyz"):
        drawn = editor.press(key)
    assert drawn.startswith("\r# ")
    assert len(drawn.partition("\x1b")[0]) <= 20
    assert editor.press("enter") == "\n"
    assert editor.done == "abcdefghijklmnopqrstuvwxyz"
