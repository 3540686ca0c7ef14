"""Starting programs: cheaply where that works, in another way where it does not."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jailer_core.errors import CommandMissing, CommandTimedOut
from jailer_core.host.local import LocalHost, spawn
from tests.core.local.programs import py

pytestmark = pytest.mark.processes("/nowhere/program")

WHO = "import os; print(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())"


async def streamed(host: LocalHost, code: str) -> str:
    return (await host.stream([py(code)], lambda _line, _error: None)).stdout


async def test_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_args: object, **_options: object) -> None:
        raise AssertionError

    monkeypatch.setattr(subprocess, "Popen", forbidden)
    assert (await LocalHost().run(py(WHO))).stdout == "True True\n"
    assert await streamed(LocalHost(), WHO) == "True True\n"


def lacking(*names: str) -> Callable[..., int]:
    """A posix_spawn of a system that lacks these options."""
    start = os.posix_spawn

    def posix_spawn(path: str, argv: Any, env: Any, **options: Any) -> int:
        for name in names:
            if name in options:
                raise NotImplementedError(f"{name} unavailable on this platform")
        return start(path, argv, env, **options)

    return posix_spawn


async def test_without_sessions_what_asks_has_a_group_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on FreeBSD: what may run programs of a jail still gets no terminal of the host."""
    monkeypatch.setattr(os, "posix_spawn", lacking("setsid"))
    host = LocalHost()
    for _ in range(2):
        assert (await host.run(py(WHO))).stdout == "False True\n"
        assert await streamed(host, WHO) == "True True\n"


@pytest.mark.parametrize("missing", [("setsid", "setsigdef"), ("setsid", "setpgroup")])
async def test_with_even_less(monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    monkeypatch.setattr(os, "posix_spawn", lacking(*missing))
    host = LocalHost()
    for _ in range(2):
        assert (await host.run(py(WHO))).stdout.endswith("True\n")
        assert await streamed(host, WHO) == "True True\n"


async def test_a_group_that_was_only_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    start = os.posix_spawn

    def posix_spawn(path: str, argv: Any, env: Any, **options: Any) -> int:
        return start(path, argv, env, file_actions=options["file_actions"])

    monkeypatch.setattr(os, "posix_spawn", posix_spawn)
    host = LocalHost()
    with pytest.raises(CommandTimedOut):
        await host.run(py("import signal; signal.pause()"), timeout=0.2)
    for _ in range(4):
        last = (await host.run(py(WHO))).stdout
    assert last == "True True\n"


async def test_no_signal_stays_ignored() -> None:
    code = "print(next(line for line in open('/proc/self/status') if line.startswith('SigIgn')))"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        said = (await LocalHost().run(py(code))).stdout
    finally:
        signal.signal(signal.SIGHUP, before)
    ignored = int(said.removeprefix("SigIgn:").strip(), 16)
    assert not ignored & 1 << (signal.SIGHUP - 1)  # Python itself ignores two others


async def test_our_own_directory_and_umask_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o077)
    try:
        code = "import os; print(os.getcwd(), oct(os.umask(0)))"
        assert (await LocalHost().stream([py(code)], lambda *_: None)).stdout == "/ 0o22\n"
        with pytest.raises(CommandMissing):
            await LocalHost().run(["/nowhere/program"])
        assert Path.cwd() == tmp_path
        assert os.umask(0o077) == 0o077
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        assert (await LocalHost().stream([py(code)], lambda *_: None)).stdout == "/ 0o22\n"
    finally:
        os.umask(before)


def test_where_programs_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # without the guard of the tests
    monkeypatch.setattr(spawn, "PATH", f"{tmp_path}/a:{tmp_path}/b")
    for folder in "ab":
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "tool").write_text("not executable")
    with pytest.raises(PermissionError):
        spawn.program("tool")
    (tmp_path / "b" / "tool").touch(mode=0o755)
    assert spawn.program("tool") == f"{tmp_path}/b/tool"
    with pytest.raises(CommandMissing, match="nosuch: no such program on this host"):
        spawn.program("nosuch")
    (tmp_path / "a" / "folder").mkdir()
    with pytest.raises(PermissionError):
        spawn.program("folder")
    assert spawn.program("/any/where") == "/any/where"
