"""Commands that may say anything for any time, through LocalHost: real processes of this Python."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jailer_core.errors import CommandMissing, CommandTimedOut
from jailer_core.host.local import LocalHost, processes
from tests.core.local.programs import STUBBORN, py, vanished

pytestmark = [
    pytest.mark.processes("/nowhere/program", "cat"),
    pytest.mark.usefixtures("each_host"),
]


class Heard:
    """What came, by stream."""

    def __init__(self) -> None:
        self.out, self.err = b"", b""
        self.came = asyncio.Event()

    def take(self, data: bytes, error: bool) -> None:
        if error:
            self.err += data
        else:
            self.out += data
        self.came.set()


async def test_both_streams_and_the_status_come() -> None:
    heard = Heard()
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    result = await LocalHost().attend(py(code), heard.take)
    assert (result.status, result.stdout, result.stderr) == (7, "", "")
    assert (heard.out, heard.err) == (b"out\n", b"err\n")


async def test_all_of_a_long_output_comes() -> None:
    heard = Heard()
    await LocalHost().attend(py("print('x' * 400_000)"), heard.take)
    assert len(heard.out) == 400_001


async def test_a_flood_waits_for_its_reader_and_ends_with_it() -> None:
    count = 0

    def take(data: bytes, _error: bool) -> None:
        nonlocal count
        count += len(data)
        enough.set()

    enough = asyncio.Event()
    host = LocalHost()
    code = "import sys\nwhile True: sys.stdout.write('y\\n' * 4096)"
    task = asyncio.create_task(host.attend(py(code), take))
    await enough.wait()
    turns = 0
    for _ in range(50):  # everything else gets its turn in between
        await asyncio.sleep(0)
        turns += 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert turns == 50
    assert not host._running


@pytest.mark.local_only  # it waits for seconds
async def test_cancelling_ends_even_what_ignores_sigterm() -> None:
    heard = Heard()
    host = LocalHost()
    task = asyncio.create_task(host.attend(py(STUBBORN), heard.take))
    while heard.out.count(b"\n") < 1:
        await heard.came.wait()
        heard.came.clear()
    pids = [int(word) for word in heard.out.split()]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(pids) == 2
    await vanished(pids)


async def test_its_time_may_be_limited() -> None:
    with pytest.raises(CommandTimedOut):
        await LocalHost().attend(py("import signal; signal.pause()"), Heard().take, timeout=0.2)
    with pytest.raises(CommandMissing):
        await LocalHost().attend(["/nowhere/program"], Heard().take)


LEAVES = (
    "import os,sys,time\n"
    "told, go = sys.argv[1:]\n"
    "if os.fork() == 0:\n"
    "    os.setsid()\n"
    "    while not os.path.exists(go): time.sleep(0.01)\n"
    "    try:\n"
    "        print('still here', flush=True)\n"
    "    except OSError:\n"
    "        told += '.dead'\n"
    "    os.rename(go, told)\n"
    "    os._exit(0)\n"
    "print('started', flush=True)\n"
)


async def test_what_it_leaves_running_may_go_on_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LINGER", 0.01)
    host, heard = LocalHost(), Heard()
    result = await host.attend(py(LEAVES, str(tmp_path / "told"), str(tmp_path / "go")), heard.take)
    assert result.ok
    assert heard.out == b"started\n"
    (tmp_path / "go").touch()
    while not list(tmp_path.glob("told*")):  # noqa: ASYNC110 - of another process
        await asyncio.sleep(0.01)
    assert [one.name for one in tmp_path.iterdir()] == ["told"]
    await host.close()
