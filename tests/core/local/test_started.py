"""Which processes carry a command out is told right after they began, and before they end."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

import pytest

from jailer_core.host import StartedProcess
from jailer_core.host.local import LocalHost

pytestmark = [pytest.mark.processes(), pytest.mark.usefixtures("each_host")]


def py(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


async def heard(*commands: list[str], stdin: str | None = None) -> tuple[StartedProcess, ...]:
    found: list[StartedProcess] = []

    async def hear(processes: tuple[StartedProcess, ...]) -> None:
        for one in processes:
            with suppress(ProcessLookupError):  # a short one may have ended by now
                assert os.getpgid(one.pid) == one.pid
        found.extend(processes)

    result = await LocalHost().stream(
        commands, lambda _line, _error: None, stdin=stdin, started=hear
    )
    assert result.ok, result
    return tuple(found)


async def test_pid_time_and_command() -> None:
    before, began = time.time(), time.monotonic()
    (one,) = await heard(py("import sys; sys.stdin.read()"), stdin="x")
    assert before <= one.when <= time.time()
    assert began <= one.uptime <= time.monotonic()
    assert one.command.startswith(f"{sys.executable} -I -S -c ")


async def test_all_of_a_pipe() -> None:
    first, second = await heard(
        py("import sys; sys.stdout.write(sys.stdin.read())"),
        py("import sys; sys.exit(sys.stdin.read() != 'x')"),
        stdin="x",
    )
    assert first.pid != second.pid


async def test_who_hears_and_fails_leaves_no_process() -> None:
    pids: list[int] = []

    async def hear(processes: tuple[StartedProcess, ...]) -> None:
        pids.extend(one.pid for one in processes)
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        await LocalHost().stream(
            [py("import time; time.sleep(60)")], lambda _line, _error: None, started=hear
        )
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
