"""Real processes of this Python through LocalHost: what they print, when they end, who is left."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from pathlib import Path

import pytest

from jailer_core.errors import CommandMissing, CommandTimedOut, HostError, OutputTooLong
from jailer_core.host.local import LocalHost, processes, spawn
from tests.core.local.programs import STUBBORN, py, vanished

pytestmark = [
    pytest.mark.processes(
        "/nowhere/program", str(Path(__file__)), "with\0zero", "lone\ud800", "cat"
    ),
    pytest.mark.usefixtures("each_host"),
]


async def test_outputs_and_status() -> None:
    result = await LocalHost().run(
        py("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    )
    assert (result.status, result.stdout, result.stderr) == (7, "out\n", "err\n")
    assert not result.ok
    assert result.seconds > 0


async def test_arguments_arrive_as_they_are() -> None:
    hostile = ["-rf", "a b", "$(id)", ";", "'\"", "[bold]", "\t\n", "größe", "\udcff"]
    code = "import os,sys; sys.stdout.buffer.write(os.fsencode('|'.join(sys.argv[1:])))"
    assert (await LocalHost().run(py(code, *hostile))).stdout == "|".join(hostile)


async def test_bytes_survive_both_ways() -> None:
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    result = await LocalHost().run(py(code), stdin="a\udcff\udc80b\n")
    assert result.stdout == "a\udcff\udc80b\n"


async def test_without_input_it_reads_nothing() -> None:
    assert (await LocalHost().run(py("import sys; print(len(sys.stdin.read()))"))).stdout == "0\n"


async def test_input_that_nobody_reads_is_no_error() -> None:
    result = await LocalHost().run(py("pass"), stdin="x" * 1_000_000)
    assert result.ok


async def test_environment_is_small_and_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "x")
    monkeypatch.setenv("https_proxy", "http://proxy")
    code = "import os; print(*sorted(os.environ.items()), os.getcwd(), oct(os.umask(0)))"
    said = (await LocalHost().stream([py(code)], lambda *_: None)).stdout
    assert "EDITOR" not in said
    assert "('https_proxy', 'http://proxy')" in said
    assert f"('PATH', '{spawn.PATH}')" in said
    assert "('LC_ALL', 'C.UTF-8')" in said
    assert said.endswith(" / 0o22\n")


async def test_own_session_and_group() -> None:
    code = "import os; print(os.getsid(0) == os.getpgid(0) == os.getpid())"
    assert (await LocalHost().run(py(code))).stdout == "True\n"


@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 300_000)",
        "import sys; sys.stderr.write('x' * 300_000)",
        "while True: print('more')",
        "import signal; signal.signal(15, signal.SIG_IGN)\nwhile True: print('more')",
        "print('ö' * 240)",  # as text it may take four times as much
    ],
)
async def test_more_output_than_may_be_kept_is_an_error(code: str) -> None:
    host = LocalHost()
    with pytest.raises(OutputTooLong, match="printed more than 1000 bytes and was terminated"):
        await host.run(py(code), limit=1000)
    assert not host._running


async def test_as_much_as_may_be_kept_comes_whole() -> None:
    result = await LocalHost().run(py("print('x' * 999)"), limit=1000)
    assert result.stdout == "x" * 999 + "\n"
    assert not result.cut


async def test_death_by_signal_is_a_negative_status() -> None:
    result = await LocalHost().run(py("import os; os.kill(os.getpid(), 9)"))
    assert result.status == -9


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (["/nowhere/program"], CommandMissing),
        ([str(Path(__file__))], HostError),
        (["with\0zero"], HostError),
        (["lone\ud800"], HostError),
    ],
)
async def test_what_cannot_start_is_a_host_error(argv: list[str], kind: type[HostError]) -> None:
    host = LocalHost()
    with pytest.raises(kind):
        await host.run(argv)
    assert not host._running


async def started(host: LocalHost, code: str) -> tuple[asyncio.Task[object], list[int]]:
    """A running command, and the pids that its first line names."""
    first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def line(text: str, _error: bool) -> None:
        if not first.done():
            first.set_result(text)

    task: asyncio.Task[object] = asyncio.create_task(host.stream([py(code)], line))
    return task, [int(one) for one in (await first).split()]


async def test_cancelling_ends_the_whole_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.05)
    host = LocalHost()
    task, pids = await started(host, STUBBORN)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await vanished(pids)
    assert not host._running


@pytest.mark.local_only  # the client is closed: its agent ends on its own
async def test_closing_the_host_ends_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.05)
    host = LocalHost()
    task, pids = await started(host, STUBBORN)
    await host.close()
    await task
    await vanished(pids)


async def test_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.05)
    with pytest.raises(CommandTimedOut, match=r"took longer than 0\.05 s"):
        await LocalHost().run(py("import signal; signal.pause()"), timeout=0.05)


async def test_sigterm_comes_first() -> None:
    code = (
        "import os,signal\n"
        "signal.signal(signal.SIGTERM, lambda *_: os.write(1, b'bye\\n') and os._exit(0))\n"
        "print(os.getpid(), flush=True)\n"
        "while True: signal.pause()\n"
    )
    said: list[str] = []
    host = LocalHost()
    ready = asyncio.Event()

    def line(text: str, _error: bool) -> None:
        said.append(text)
        ready.set()

    task = asyncio.create_task(host.stream([py(code)], line))
    await ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert said[1:] in ([], ["bye"])  # its last word may be lost, but it had the time for one


async def test_a_daemon_that_keeps_the_pipe_does_not_hold_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "LINGER", 0.01)
    code = (
        "import os,signal\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.setsid(); signal.alarm(30); signal.pause()\n"
        "print(child)\n"
    )
    result = await LocalHost().run(py(code))
    os.kill(int(result.stdout), signal.SIGKILL)
    assert result.ok


async def test_what_a_command_leaves_running_may_go_on_talking(tmp_path: Path) -> None:
    go, back = tmp_path / "go", tmp_path / "back"
    os.mkfifo(go)
    os.mkfifo(back)
    code = (
        "import os,sys\n"
        "print('started', flush=True)\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "open(sys.argv[1]).read()\n"
        "back = open(sys.argv[2], 'w')\n"
        "print('a word', flush=True)\n"
        "back.write('alive')\n"
    )
    said: list[str] = []
    result = await LocalHost().stream(
        [py(code, str(go), str(back))], lambda text, _error: said.append(text)
    )
    assert (result.status, said) == (0, ["started"])
    await asyncio.to_thread(go.write_text, "")
    assert await asyncio.to_thread(back.read_text) == "alive"


async def test_lines_come_as_they_are_printed() -> None:
    code = (
        "import sys\n"
        "sys.stdout.write('one\\ntwo\\nthr'); sys.stdout.flush()\n"
        "sys.stderr.write('bad\\n'); sys.stderr.flush()\n"
        "sys.stdout.write('ee'); sys.exit(3)\n"
    )
    said: list[tuple[str, bool]] = []
    result = await LocalHost().stream([py(code)], lambda text, error: said.append((text, error)))
    assert [text for text, error in said if not error] == ["one", "two", "three"]
    assert [text for text, error in said if error] == ["bad"]
    assert (result.status, result.stdout, result.stderr) == (3, "one\ntwo\nthree", "bad\n")


async def test_a_pipe_without_a_shell() -> None:
    upper = "import sys; sys.stdout.write(sys.stdin.read().upper())"
    said: list[str] = []
    result = await LocalHost().stream(
        [py("print('a' * 200_000)"), py(upper), py(upper)], lambda text, _error: said.append(text)
    )
    assert result.ok
    assert "".join(said) == "A" * 200_000
    assert result.stdout == "A" * 200_000 + "\n"


@pytest.mark.parametrize(("first", "last", "status"), [(3, 0, 3), (0, 4, 4), (3, 4, 4), (0, 0, 0)])
async def test_the_last_failure_of_a_pipe_counts(first: int, last: int, status: int) -> None:
    code = "import sys; sys.stdin.read(); print(sys.argv[1], file=sys.stderr); sys.exit({})"
    result = await LocalHost().stream(
        [py(code.format(first), "f"), py(code.format(last), "l")], lambda _text, _error: None
    )
    assert result.status == status
    assert sorted(result.stderr.split()) == ["f", "l"]


async def test_a_pipe_whose_second_command_is_missing_leaves_nobody() -> None:
    host = LocalHost()
    with pytest.raises(CommandMissing):
        await host.stream(
            [py("import signal; signal.pause()"), ["/nowhere/program"]], lambda _text, _error: None
        )
    assert not host._running


def descriptors() -> int:
    return sum(1 for one in range(256) if is_open(one))


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@pytest.mark.local_only  # the pipes of the agent have none, but their tasks hold results
async def test_no_descriptor_is_left_open() -> None:
    host = LocalHost()
    await host.run(py("pass"))
    gc.collect()  # the queues of the loops of other tests
    before = descriptors()
    for _ in range(3):
        await host.stream([py("print(1)"), py("print(2)")], lambda _text, _error: None, stdin="x")
        with pytest.raises(CommandMissing):
            await host.run(["/nowhere/program"])
    await asyncio.sleep(0)
    assert descriptors() == before
