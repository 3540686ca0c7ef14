"""What was chosen inside the program holds until the settings file says something else."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from jailer_core.settings import Settings, choices


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").mkdir(mode=0o700)
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def kept(environ: dict[str, str]) -> Path:
    return Path(environ["XDG_CONFIG_HOME"]) / "jailer-tui" / choices.NAME


def test_choices_are_kept(environ: dict[str, str]) -> None:
    files = Settings(sort={"images": "name"})
    assert choices.remember(environ, files, "theme", "", "light") == ""
    assert choices.remember(environ, files, "sort", "jails", "-cpu") == ""
    assert choices.remember(environ, files, "columns", "jails", ("cpu", "name")) == ""
    settings = choices.apply(files, environ)
    assert settings.theme == "light"
    assert settings.sort == {"images": "name", "jails": "-cpu"}
    assert settings.columns == {"jails": ("cpu", "name")}
    assert kept(environ).stat().st_mode & 0o777 == 0o600


def test_a_new_value_in_the_file_goes_before_an_old_choice(environ: dict[str, str]) -> None:
    choices.remember(environ, Settings(), "theme", "", "light")
    assert choices.apply(Settings(theme="nord"), environ).theme == "nord"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[3]", '[["theme", "", 3, "auto"]]', '[["notify", "", ["sh"], []]]']
)
def test_what_cannot_be_read_is_no_choice(environ: dict[str, str], text: str) -> None:
    choices.remember(environ, Settings(), "theme", "", "light")
    kept(environ).write_text(text)
    assert choices.apply(Settings(), environ) == Settings()


def test_nothing_is_written_where_another_user_can_write(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Path(environ["XDG_CONFIG_HOME"]).chmod(0o777)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: _Entry(str(home)))
    assert choices.remember(environ, Settings(), "theme", "", "light") == ""
    assert not kept(environ).exists()
    assert choices.apply(Settings(), environ).theme == "light"
    home.chmod(0o777)
    assert "can be written by others" in choices.remember(environ, Settings(), "theme", "", "dark")


class _Entry:
    def __init__(self, home: str) -> None:
        self.pw_dir = home
