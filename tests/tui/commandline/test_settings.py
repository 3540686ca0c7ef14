"""`settings`: what is set, where, and every mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jailer_tui.cli.main import main


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "jailer-tui"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return folder / "settings.toml"


def test_what_is_set_and_where(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '[sort]\njails = "cpu"\n[[command]]\nkey = "f6"\nlabel = "Disks"\nargv = ["gstat"]\n'
    path.write_text(text)
    assert main(["--demo", "small", "settings"]) == 0
    out = capsys.readouterr().out
    assert f'sort.jails = "cpu"  # {path}:2' in out
    assert f"command.f6 = Disks  # {path}:3" in out


def test_mistakes_are_errors(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text('[sort]\njails = "cpuu"\n')
    assert main(["--demo", "small", "settings"]) == 1
    assert f"{path}:2: there is no column cpuu" in capsys.readouterr().err
    assert main(["--demo", "small", "settings", "-j"]) == 1
    (mistake,) = json.loads(capsys.readouterr().out)["mistakes"]
    assert mistake["line"] == 2


def test_they_need_no_host_with_jails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jailer_tui.host_selection.is_freebsd", lambda: False)
    path.write_text('[sort]\njails = "cpu"\n')
    assert main(["settings"]) == 0
