"""`report`: what a bug report needs, without secrets."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from jailer_core.facts import Reader
from jailer_core.settings import files
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.scenarios import build
from jailer_tui import host_selection
from tests.tui.commandline.conftest import Ran, Run


def test_it_names_versions_terminal_and_host(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "tmux-256color")
    lines = [" ".join(line.split()) for line in run("report", "--demo=busy").lines]
    for expected in ("textual", "Python", "release 15.1-RELEASE-p1", "TERM tmux-256color"):
        assert any(line.startswith(expected) for line in lines), expected
    assert "managers bastille, by hand, jailer" in lines


def test_a_failed_change_is_in_it(on: Callable[..., Ran]) -> None:
    machine = build("small")
    machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("zfs", "snapshot")))
    assert on(machine, "snap", "-y", "www0@x").status == 1
    text = on(machine, "report").out
    assert "failed" in text.partition("Changes that failed")[2]
    assert "www0@x" in text.partition("Changes that failed")[2]


def test_secrets_of_the_settings_are_not(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "HOST", str(tmp_path / "jailer-tui.toml"))
    (tmp_path / "jailer-tui.toml").write_text(
        'theme = "light"\nmirror = "https://me:s3cret@mirror.ex"\nnotify = ["send", "s3cret"]\n'
    )
    text = run("report", "--demo=small").out
    assert "s3cret" not in text
    assert "mirror.ex" not in text
    assert "light" in text


def test_a_file_is_only_written_when_that_was_agreed_to(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    refused = run("report", "--demo=small", str(path))
    assert (refused.status, path.exists()) == (1, False)
    written = run("report", "--demo=small", "-y", str(path))
    assert written.status == 0
    assert path.read_text() == written.out.removesuffix(f"Written to {path}.\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_file_and_a_link_are_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "link"):
        assert run("report", "--demo=small", "-y", str(tmp_path / name)).status == 1
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "this is Linux, not FreeBSD"),
        (("--host=nosuch*",), "--host nosuch*: there is no such host"),
        (("--state=/etc/passwd",), "--state /etc/passwd: "),
    ],
    ids=["no FreeBSD", "no such host", "no such state"],
)
def test_a_host_that_cannot_be_opened_costs_only_itself(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], reason: str
) -> None:
    monkeypatch.setattr(host_selection, "is_freebsd", lambda: False)
    monkeypatch.setattr(host_selection, "system", lambda: "Linux")
    report = run("report", *words)
    assert (report.status, report.err) == (0, "")
    assert "Python" in report.out
    assert f"could not be read: {reason}" in report.out.partition("\nHost\n")[2]


def test_what_could_be_read_of_a_broken_host_is_in_it(
    on: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    machine = build("small")
    machine.faults.append(Fault("fail", lambda argv: argv[0] in ("jls", "zpool")))
    text = on(machine, "report").out
    assert "15.1-RELEASE" in text
    assert "jls: " in text.partition("What could not be read")[2]

    async def broken(_self: Reader) -> None:
        raise RuntimeError("password=hunter2 is odd")

    monkeypatch.setattr(Reader, "gather", broken)
    report = on(machine, "report")
    assert report.status == 0
    assert "internal error: RuntimeError" in report.out.partition("\nHost\n")[2]
    assert "hunter2" not in report.out
    (log,) = (tmp_path / "jailer-tui").iterdir()
    assert f"  {log}\n" in on(machine, "report").out.partition("Crash logs")[2]


def test_unreadable_settings_are_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "HOST", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    (tmp_path / "own/jailer-tui").mkdir(parents=True)
    (tmp_path / "own/jailer-tui/settings.toml").write_bytes(b'theme = "nosuch"\n\xff')
    report = run("report", "--demo=small")
    assert report.status == 0
    settings = report.out.partition("\nSettings\n")[2].partition("\n\n")[0]
    assert f"{tmp_path}: cannot be read: Is a directory\n" in settings
    assert "settings.toml:2: cannot be read: it is not UTF-8 text" in settings


def test_each_of_several_hosts_is_in_it(run: Run) -> None:
    report = run("report", "--host=demo:small", "--host=demo:fresh")
    assert report.status == 0
    assert report.out.count("Program\n") == 1
    for title in ("\nHost small\n", "\nHost fresh\n"):
        assert "release" in report.out.partition(title)[2]
