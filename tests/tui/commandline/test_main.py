from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from jailer_core.text import sanitize
from jailer_tui import __version__, crash, host_selection
from jailer_tui.cli import launch, session
from jailer_tui.cli.commands import Flags
from jailer_tui.cli.main import main
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Run

ROOT = Path(__file__).parents[3]
HEAVY = ("textual", "rich", "jinja2", "ssl")


@pytest.mark.processes
@pytest.mark.parametrize(
    ("argv", "heavy"),
    [
        ("--version", (*HEAVY, "asyncio", "jailer_core.host", "jailer_core.model")),
        ("help", (*HEAVY, "asyncio", "jailer_core.host", "jailer_core.model")),
        ("--demo small list", (*HEAVY, "jailer_core.execution", "jailer_core.operations.registry")),
        ("--demo small info www0 -j", (*HEAVY, "jailer_core.execution")),
        ("--demo small stop www0 -D", HEAVY),
    ],
)
def test_nothing_heavy_is_imported(argv: str, heavy: tuple[str, ...]) -> None:
    code = (
        "import json, sys\n"
        "from jailer_tui.cli.main import main\n"
        f"status = main({argv.split()!r})\n"
        "sys.stderr.write(json.dumps([status, sorted(sys.modules)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    status, modules = json.loads(done.stderr)
    assert status == 0
    assert [name for name in heavy if name in modules] == []


@pytest.mark.processes
def test_the_module_runs_as_a_program() -> None:
    argv = [sys.executable, "-m", "jailer_tui", "version"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"jailer-tui {__version__}\n"


@pytest.mark.processes
def test_a_reader_that_leaves_is_no_crash() -> None:
    argv = [sys.executable, "-m", "jailer_tui", "--demo", "small", "list", "-j"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(argv, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.processes
def test_the_screen_refuses_a_pipe() -> None:
    argv = [sys.executable, "-m", "jailer_tui", "--demo"]
    done = subprocess.run(
        argv, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"jailer-tui: the screen needs a terminal")
    assert done.stdout == b""


@pytest.mark.processes
def test_names_outlive_a_latin_terminal() -> None:
    argv = [sys.executable, "-m", "jailer_tui", "info", "--demo", "small", "w\u76e3"]
    env = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, env=env, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"jailer-tui: there is no jail w\\u76e3")


def test_the_exit_status(run: Run) -> None:
    assert run("version").status == 0
    assert run("--demo", "small", "info", "nope").status == 1
    assert run("nonsense").status == 2
    assert run("help", "nonsense").status == 2
    assert run("help", "trash", "restore").out.startswith("Usage: jailer-tui trash restore")


def test_no_demo_is_taken_for_a_host(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_selection, "is_freebsd", lambda: False)
    monkeypatch.setattr(host_selection, "system", lambda: "Linux")
    ran = run("list")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == (
        "jailer-tui: this is Linux, not FreeBSD: there are no jails here\n"
        "  Add --demo to work on a simulated host.\n"
    )


def test_where_the_screen_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_selection, "is_freebsd", lambda: True)
    assert launch.where("") == ("", "")
    monkeypatch.setattr(host_selection, "is_freebsd", lambda: False)
    monkeypatch.setattr(host_selection, "system", lambda: "Linux")
    scenario, banner = launch.where("")
    assert scenario == host_selection.DEFAULT
    assert "Linux, not FreeBSD" in banner
    assert "simulated" in launch.where("small")[1]


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "[1]", '{"version": 1}'])
def test_a_state_file_that_is_none_is_named(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "state"
    file.write_text(text)
    ran = run("--state", str(file), "list")
    assert ran.status == 2
    assert ran.err.startswith(f"jailer-tui: --state {file}: ")
    assert file.read_text() == text


def test_a_state_file_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "no" / "folder"
    ran = run("--demo", "small", "--state", str(file), "stop", "www0")
    assert ran.status == 2
    assert "No such file or directory" in ran.err


def test_a_crash_is_one_line_and_a_log_for_its_user(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        secret = "local value"  # noqa: F841, S105
        raise RuntimeError("bad\x1b[31m password=hunter2 thing\nsecond line")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(session, "table", broken)
    ran = run("--demo", "small", "list")
    assert ran.status == 1
    line, hint = ran.err.splitlines()
    assert line.startswith(
        "jailer-tui: internal error: RuntimeError: bad^[[31m password=[redacted]"
    )
    assert "Traceback" not in ran.err
    assert hint.strip() == crash.HINT
    (log,) = (tmp_path / "jailer-tui").iterdir()
    assert str(log) in line
    assert log.stat().st_mode & 0o777 == 0o600
    text = log.read_text()
    assert "in broken" in text
    assert "\x1b" not in text
    assert "hunter2" not in text
    assert "local value" not in text.replace('secret = "local value"', "")


def test_a_crash_without_room_for_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(file))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(file))
    assert "no log could be written" in crash.report(ValueError("x"))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("token: abc", "token: [redacted]"),
        ("PASSWORD='a b' x", "PASSWORD=[redacted] x"),
        ("https://me:pw@host/x", "https://[redacted]@host/x"),
        ("jail www0", "jail www0"),
    ],
)
def test_secrets_are_blanked(text: str, safe: str) -> None:
    assert crash.redacted(text) == safe


def test_a_version_for_all(run: Run) -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert f'\nversion = "{__version__}"\n' in project
    assert run("--version").out == f"jailer-tui {__version__}\n"


def test_what_is_printed_is_harmless(run: Run) -> None:
    ran = run("--demo", "small", "stop", "\x1b]0;x\x07\u202e")
    assert sanitize("\x1b]0;x\x07\u202e") in ran.err
    assert "\x1b" not in ran.err
    assert main(["--demo", "small", "info", "\udcff"]) == 1


def test_flags_have_sound_defaults() -> None:
    assert Flags().mouse
    assert not Flags().yes


def test_a_name_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.fail("there is no jail a", name="a")
    terminal.fail("cannot start", name="t")
    terminal.fail("a-b is busy", name="a")
    assert capsys.readouterr().err.splitlines() == [
        "jailer-tui: there is no jail a",
        "jailer-tui: t: cannot start",
        "jailer-tui: a: a-b is busy",
    ]
