from __future__ import annotations

import re
import tomllib

import pytest

from jailer_core.simulator.persist import dump
from jailer_core.simulator.scenarios import build
from jailer_tui import host_selection
from jailer_tui.cli.main import main
from tests.tui.readme import README, made

TEXT = README.read_text(encoding="utf-8")


def test_keys_and_commands_are_those_of_the_program() -> None:
    assert made(TEXT) == TEXT, "run: python -m tests.tui.readme"
    assert "| `q` | Quit |" in TEXT
    assert "  destroy NAME..." in TEXT


def test_pictures_and_files_that_it_names_are_there() -> None:
    root = README.parent
    named = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert "screenshots/jails.png" in named
    assert [one for one in named if not (root / one).exists()] == []
    assert (root / ".ci/run").stat().st_mode & 0o100
    assert (root / "screenshots/make.py").exists()


def test_the_example_is_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_selection, "PACE", 0.0)
    command, _, shown = TEXT.partition("$ jailer-tui ")[2].partition("\n")
    assert main(command.split()) == 0
    assert capsys.readouterr().out == shown.partition("```")[0]


def test_the_demo_is_the_same_every_time() -> None:
    assert dump(build("small")) == dump(build("small"))


def test_its_commands_fit_the_project() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert "dev" in project["project"]["optional-dependencies"]
    assert "jailer-tui" in project["project"]["scripts"]
    assert project["project"]["readme"] == "README.md"
