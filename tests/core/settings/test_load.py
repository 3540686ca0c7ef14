"""The user's settings over the host's; every mistake named with its line, the rest holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jailer_core import settings
from jailer_core.errors import UsageError
from jailer_core.settings import Settings, files
from jailer_core.settings.schema import SETTINGS, OwnCommand


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files, "HOST", str(tmp_path / "host.toml"))
    path = tmp_path / "config" / "jailer-tui" / "settings.toml"
    path.parent.mkdir(parents=True, mode=0o700)
    return path


def environ(own: Path, **more: str) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(own.parents[1]), **more}


def read(own: Path, text: str) -> Settings:
    own.write_text(text, encoding="utf-8")
    own.chmod(0o600)
    return settings.load(environ(own))


def test_nothing_set(own: Path) -> None:
    assert settings.load(environ(own)) == Settings()
    assert settings.load({}) == Settings()
    assert settings.load({"XDG_CONFIG_HOME": "relative"}) == Settings()


def test_the_users_file_goes_before_the_hosts(own: Path) -> None:
    Path(files.HOST).write_text('mirror = "https://host.example"\ntrash_days = 3\n')
    assert settings.mirror(environ(own)) == "https://host.example"
    loaded = read(own, 'mirror = "https://own.example"\n')
    assert (loaded.mirror, loaded.trash_days) == ("https://own.example", 3)


def test_tables_are_merged_entry_by_entry(own: Path) -> None:
    Path(files.HOST).write_text('[keys]\nstart = "f7"\nstop = "f8"\n')
    loaded = read(own, '[keys]\nstop = ["f9", "ctrl+x"]\n')
    assert loaded.keys == {"start": ("f7",), "stop": ("f9", "ctrl+x")}


def test_what_is_asked_for_goes_first(own: Path) -> None:
    read(own, 'mirror = "https://own.example"\n')
    given = environ(own, FreeBSD_mirror="https://variable.example")
    assert settings.mirror(given) == "https://variable.example"
    assert settings.mirror(given, "https://asked.example") == "https://asked.example"


GOOD = 'theme = "light"\n'


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("trash_days = \n", 2, "Invalid value"),
        ('miror = "https://x"\n', 2, "no setting miror"),
        ("mirror = 3\n", 2, "in quotes"),
        ("\nmouse = 1\n", 3, "true or false"),
        ("trash_days = true\n", 2, "number of days"),
        ("refresh = 0.1\n", 2, "seconds from 1 to 60"),
        ("refresh = true\n", 2, "seconds"),
        ('quiet_hours = "25:00-07:00"\n', 2, '"22:00-07:00"'),
        ('notify = "mail"\n', 2, "list of text"),
        ('notify = ["mail", "{jial}"]\n', 2, "no field {jial}"),
        ('[colours]\naccent = "teal"\nerror = "#ff0000"\n', 3, "colours.accent must be a colour"),
        ("[columns]\njails = []\n", 3, "must not be empty"),
        ("columns = 3\n", 2, "must be a table"),
        ('[keys]\nstart = ""\n', 3, "a key"),
        ('[[command]]\nkey = "f6"\nlabel = "Update"\n', 2, "command needs argv"),
        ('[[command]]\nkey = "f6"\nlabel = "U"\nargv = []\n', 2, "argv must not be empty"),
        ('[[command]]\nkey = "f6"\nlabel = "U"\nargv = ["{x}"]\n', 2, "no field {x}"),
        ('[[command]]\nkey = "f6"\nlabel = "U"\nargv = ["a"]\nwhere = "x"\n', 2, "where must be"),
        ('[[command]]\nkeys = "f6"\n', 2, "no part keys"),
        ("[keys]\n[keys]\n", 3, "Cannot declare"),
        ("[host]\nweb1 = 3\n", 3, "must be a table"),
        ('mirror = "\\u0007"\n', 2, "control characters"),
    ],
)
def test_a_mistake_has_its_line_and_costs_only_itself(
    own: Path, text: str, line: int, message: str
) -> None:
    loaded = read(own, GOOD + text)
    (mistake,) = loaded.mistakes
    assert (mistake.path, mistake.line) == (str(own), line)
    assert message in mistake.message
    assert loaded.theme == "light"
    if "error" in text:
        assert loaded.colours == {"error": "#ff0000"}


def test_two_own_commands_of_which_one_is_wrong(own: Path) -> None:
    text = (
        '[[command]]\nkey = "f6"\nlabel = "Disks"\nargv = ["gstat", "-b"]\n\n[[command]]\nkey = 1\n'
    )
    loaded = read(own, text)
    assert loaded.commands == (OwnCommand("f6", "Disks", ("gstat", "-b")),)
    assert [mistake.line for mistake in loaded.mistakes] == [6]


def test_a_command_relies_on_its_own_settings_alone(own: Path) -> None:
    read(own, 'trash_days = "x"\n')
    assert settings.require(environ(own), "journal_days").journal_days == 365
    with pytest.raises(UsageError, match=r"settings\.toml:1: trash_days must be"):
        settings.require(environ(own), "trash_days")


@pytest.mark.parametrize("text", ["[[[\n", "mirror = \n"])
def test_a_file_that_is_no_toml_may_concern_every_setting(own: Path, text: str) -> None:
    read(own, text)
    with pytest.raises(UsageError, match=str(own)):
        settings.require(environ(own), "journal_days")


def test_what_is_not_text_is_a_mistake(own: Path) -> None:
    own.write_bytes(b"\xff\xfe")
    (mistake,) = settings.load(environ(own)).mistakes
    assert "cannot be read" in mistake.message


RISKY = [setting.name for setting in SETTINGS if setting.risky]


def test_what_is_risky() -> None:
    assert {"mirror", "notify", "host", "trash_days", "journal_days"} == set(RISKY)


DANGEROUS = (
    'mirror = "https://x"\nnotify = ["sh"]\ntheme = "light"\n'
    '[[command]]\nkey = "f6"\nlabel = "U"\nargv = ["sh"]\n[host.web1]\nssh = "web1"\n'
)


def changeable(path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another user change the file in one of the ways there are."""
    if how == "file":
        path.chmod(0o666)
    elif how == "group":
        path.chmod(0o660)
        monkeypatch.setattr(os, "geteuid", lambda: 0)
    elif how == "folder":
        path.parent.chmod(0o777)
    elif how == "folder above":
        path.parents[1].chmod(0o777)
    elif how == "link":
        elsewhere = path.parents[2] / "elsewhere"
        elsewhere.mkdir()
        elsewhere.chmod(0o777)
        path.rename(elsewhere / "settings.toml")
        path.symlink_to(elsewhere / "settings.toml")
    elif how == "owner":
        status = path.stat().st_uid
        monkeypatch.setattr(os, "geteuid", lambda: status + 1)


@pytest.mark.parametrize("how", ["file", "group", "folder", "folder above", "link"])
def test_what_another_user_can_change_tells_root_nothing_to_run(
    own: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(own, DANGEROUS).commands
    changeable(own, how, monkeypatch)
    loaded = settings.load(environ(own))
    assert (loaded.mirror, loaded.notify, loaded.commands, loaded.hosts) == ("", (), (), {})
    assert loaded.theme == "light"
    assert [mistake.setting for mistake in loaded.mistakes] == [
        "mirror",
        "notify",
        "command",
        "host",
    ]
    assert settings.require(environ(own), "mirror").mirror == ""
