from __future__ import annotations

import re
import tomllib
from pathlib import Path

from jailer_core.simulator.persist import dump
from jailer_core.simulator.scenarios import build

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")


BLOCKS = re.findall(r"```(?:sh|console)\n(.*?)\n```", TEXT, re.DOTALL)
DEMO = (
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/jailer-tui --demo"
)


def test_two_commands_try_it() -> None:
    assert BLOCKS[:2] == [DEMO, ".venv/bin/python -m pytest"]


def test_pictures_and_files_that_it_names_are_there() -> None:
    root = README.parent
    named = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert "screenshots/jails.png" in named
    assert [one for one in named if not (root / one).exists()] == []
    assert (root / ".ci/run").stat().st_mode & 0o100
    assert (root / "screenshots/make.py").exists()


def test_the_demo_is_the_same_every_time() -> None:
    assert dump(build("small")) == dump(build("small"))


def test_its_commands_fit_the_project() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert "dev" in project["project"]["optional-dependencies"]
    assert "jailer-tui" in project["project"]["scripts"]
    assert project["project"]["readme"] == "README.md"
