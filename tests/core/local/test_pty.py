"""Programs on a pseudo-terminal: what they are told of it, what they say, how they end."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from jailer_core.errors import CommandMissing, HostError, UsageError
from jailer_core.host import Pty
from jailer_core.host.local import LocalHost
from jailer_core.jail_console import argv, bare, checked, lacks_login
from tests.core.local.programs import gone, py, vanished

pytestmark = [
    pytest.mark.processes("/nowhere/program", str(Path(__file__)), "pkill"),
    pytest.mark.usefixtures("each_host"),
]
SIZE = (100, 30)


async def printed(pty: Pty, until: bytes = b"\0") -> bytes:
    """Everything up to that text, or to the end."""
    said = b""
    async with asyncio.timeout(20):
        while until not in said and (data := await pty.read(65536)):
            said += data
    return said


async def opened(host: LocalHost, code: str) -> Pty:
    return await host.open_pty(py(code), SIZE, "xterm-256color")


async def test_it_knows_its_terminal_before_its_first_word() -> None:
    code = """
import fcntl, os, struct, termios
size = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))
print(size[:2], os.ttyname(0) == os.ttyname(1) == os.ttyname(2))
print(os.getsid(0) == os.getpid() == os.tcgetpgrp(0))
os.close(os.open("/dev/tty", os.O_RDWR))
print(sorted(os.environ), os.environ["TERM"], os.getcwd())
import sys; sys.exit(7)
"""
    host = LocalHost()
    pty = await opened(host, code)
    said = (await printed(pty)).decode().splitlines()
    assert said[:2] == ["(30, 100) True", "True"]
    assert "'TERM'" in said[2]
    assert said[2].endswith("] xterm-256color /")
    names = {word.strip("[]',") for word in said[2].partition("]")[0].split()}
    assert names <= {"HOME", "USER", "PATH", "TERM", "LC_ALL", "LC_CTYPE"}
    assert await pty.wait() == 7
    await pty.close()
    assert not host._terminals


async def test_what_is_typed_arrives_and_a_new_size_is_told() -> None:
    code = """
import os, signal
def told(*_): os.write(1, b"now %d\\n" % os.get_terminal_size(0).columns)
signal.signal(signal.SIGWINCH, told)
print("ready", flush=True)
while (line := input()) != "end": print("got", line, flush=True)
"""
    pty = await opened(LocalHost(), code)
    await printed(pty, b"ready")
    assert pty.write("größe\n".encode())
    assert "got größe".encode() in await printed(pty, b"got ")
    pty.resize(132, 43)
    assert b"now 132" in await printed(pty, b"132")
    pty.write(b"end\n")
    await printed(pty)
    assert await pty.wait() == 0


async def test_what_is_not_read_makes_it_wait_and_nothing_is_lost() -> None:
    pty = await opened(LocalHost(), "import os\nfor i in range(9000): print(i, 'x' * 50)")
    for _ in range(50):
        await asyncio.sleep(0)
    parts = []
    while data := await pty.read(5000):
        assert len(data) <= 5000
        parts.append(data)
    lines = b"".join(parts).splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(9000))
    assert await pty.wait() == 0


async def test_who_does_not_read_is_not_typed_to_for_ever() -> None:
    code = "import tty, time; tty.setraw(0); print('ready', flush=True); time.sleep(60)"
    host = LocalHost()
    pty = await opened(host, code)
    await printed(pty, b"ready")
    sent = 0
    while pty.write(b"x" * 100_000):
        sent += 1
        assert sent < 100
    assert 0 < pty.waiting <= 1 << 20
    await host.close()


@pytest.mark.local_only  # it waits for seconds
async def test_hanging_up_ends_it_and_what_it_runs_in_front() -> None:
    code = """
import os, signal
child = os.fork()
if child == 0: signal.pause()
signal.signal(signal.SIGHUP, signal.SIG_IGN)
print(os.getpid(), child, flush=True)
signal.pause()
"""
    host = LocalHost()
    pty = await opened(host, code)
    pids = [int(word) for word in (await printed(pty, b"\n")).split()]
    await host.close()
    await vanished(pids)
    assert await pty.read(10) == b""
    assert not pty.write(b"x")


async def test_a_reader_is_woken_by_the_end() -> None:
    pty = await opened(LocalHost(), "import signal; signal.pause()")
    reading = asyncio.create_task(pty.read(10))
    await asyncio.sleep(0)
    await pty.close()
    assert await reading == b""


@pytest.mark.parametrize(
    ("words", "kind"), [(["/nowhere/program"], CommandMissing), ([str(Path(__file__))], HostError)]
)
async def test_what_cannot_start_is_a_host_error(words: list[str], kind: type[HostError]) -> None:
    host = LocalHost()
    before = set(Path("/proc/self/fd").iterdir()) if sys.platform == "linux" else set()
    with pytest.raises(kind):
        await host.open_pty(words, SIZE, "xterm")
    assert not host._terminals
    if before:
        assert set(Path("/proc/self/fd").iterdir()) == before


async def test_when_we_are_killed_the_kernel_hangs_it_up() -> None:
    """A process of ours opens a terminal and is killed: nothing is left."""
    code = f"""
import asyncio, os, sys
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from jailer_core.host.local import LocalHost
async def main():
    pty = await LocalHost().open_pty(
        [sys.executable, "-c", "import os, signal; print(os.getpid(), flush=True); signal.pause()"],
        (80, 24), "xterm")
    print((await pty.read(100)).decode(), flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == -9
    await vanished([int(out)])
    assert gone(int(out))


def test_the_command_of_a_console() -> None:
    assert argv(7) == ("jexec", "-l", "7", "/usr/bin/login", "-f", "root")
    assert argv(7, "www")[-1] == "www"
    assert bare(7) == ("jexec", "-l", "7", "/bin/sh")
    missing = b"jexec: execvp: /usr/bin/login: No such file or directory\r\n"
    assert lacks_login(missing, 1)
    assert not lacks_login(missing, 0)
    assert not lacks_login(b"jexec: execvp: /bin/sh: No such file or directory", 1)
    for bad in ("-x", "", "a b", "root;id", "a" * 40, "\n"):
        with pytest.raises(UsageError):
            checked(bad)
