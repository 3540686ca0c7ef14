"""The log of a crash: below our own home or among temporary files, never in another user's home."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from jailer_core import settings
from jailer_tui import crash


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory, and another directory for temporary files."""
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "home"


def others(monkeypatch: pytest.MonkeyPatch) -> None:
    """This runs as another user than the one whose home it is."""
    uid = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: uid)


def logs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_it_is_written_below_our_own_home(home: Path) -> None:
    said = crash.report(ValueError("odd"))
    (log,) = logs(home)
    assert log.parent == home / ".local/state/jailer-tui"
    assert log.name in said
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_home_of_another_user_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others(monkeypatch)
    assert "details are in" in crash.report(ValueError("odd"))
    assert list(home.iterdir()) == []
    assert len(logs(home.parent / "tmp")) == 1


@pytest.mark.parametrize("place", [".local", ".local/state", ".local/state/jailer-tui"])
def test_no_link_is_followed(home: Path, place: str) -> None:
    target = home.parent / "target"
    target.mkdir()
    (home / place).parent.mkdir(parents=True, exist_ok=True)
    (home / place).symlink_to(target)
    crash.report(ValueError("odd"))
    assert logs(target) == []
    assert len(logs(home.parent / "tmp")) == 1


@pytest.mark.parametrize("home_is", ["", "relative", "/nonexistent/home"])
def test_without_a_home_it_goes_among_temporary_files(
    home: Path, monkeypatch: pytest.MonkeyPatch, home_is: str
) -> None:
    monkeypatch.setenv("HOME", home_is)
    crash.report(ValueError("odd"))
    assert len(logs(home.parent / "tmp")) == 1


def settings_of(home: Path) -> Path:
    path = home / ".config/jailer-tui/settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text("trash_days = 1\n", encoding="utf-8")
    path.chmod(0o644)
    return path


def test_settings_of_another_user_do_not_count(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_of(home)
    assert settings.load(os.environ).trash_days == 1
    others(monkeypatch)
    assert settings.load(os.environ).trash_days == 30


def test_settings_that_others_can_write_do_not_count(home: Path) -> None:
    path = settings_of(home)
    path.chmod(0o666)
    assert settings.load(os.environ).trash_days == 30


def test_settings_that_are_no_file_do_not_hang(home: Path) -> None:
    path = settings_of(home)
    path.unlink()
    os.mkfifo(path, 0o600)
    assert settings.load(os.environ).trash_days == 30
