"""What is installed with the program: it must work on a host that has no compiler."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import jailer_core

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FREEBSD = {"sys_platform": "freebsd15", "platform_system": "FreeBSD", "os_name": "posix"}
COMPILED = (".so", ".pyd", ".dylib", ".dll", ".a", ".o")
OPTIONAL = {"markupsafe": "_speedups", "wcwidth": ""}
"""Packages with a compiled part that they do without: how the names of its files begin."""


def closure() -> dict[str, Distribution]:
    """All run-time dependencies as FreeBSD would install them, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    wanted = [(Requirement(one), "") for one in PROJECT["dependencies"]]
    while wanted:
        requirement, extra = wanted.pop()
        if requirement.marker and not requirement.marker.evaluate({**FREEBSD, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        found[name] = distribution(name)
        for more in ("", *requirement.extras):
            if (name, more) not in seen:
                seen.add((name, more))
                wanted += [(Requirement(one), more) for one in found[name].requires or ()]
    return found


def test_the_walk_finds_what_is_behind_the_dependencies() -> None:
    assert {"textual", "rich", "jinja2", "markupsafe", "pygments", "markdown-it-py"} <= set(
        closure()
    )


def test_no_run_time_dependency_needs_a_compiler() -> None:
    for name, package in closure().items():
        binary = [one.name for one in package.files or () if one.suffix in COMPILED]
        if name in OPTIONAL:
            assert all(file.startswith(OPTIONAL[name]) for file in binary), name
            continue
        assert binary == [], name
        wheel = package.read_text("WHEEL")
        assert wheel is None or "Root-Is-Purelib: true" in wheel, name


@pytest.mark.processes
def test_the_optional_compiled_parts_are_not_missed() -> None:
    """With every compiled module of the packages out of reach, screen and templates import."""
    code = """
import json, sys
from importlib.machinery import ExtensionFileLoader
load = ExtensionFileLoader.create_module
def create_module(self, spec):
    if "-packages" in spec.origin:
        raise ImportError(f"no compiled module here: {spec.name}")
    return load(self, spec)
ExtensionFileLoader.create_module = create_module
import jinja2, jailer_tui.app, jailer_tui.console.emulator
assert jinja2.Template("{{ x|e }}").render(x="<") == "&lt;"
files = [getattr(one, "__file__", None) or "" for one in list(sys.modules.values())]
print(json.dumps([one for one in files if "-packages" in one and one.endswith(".so")]))
"""
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_the_program_is_there() -> None:
    module, _, name = PROJECT["scripts"]["jailer-tui"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_the_words_of_the_project() -> None:
    assert PROJECT["name"] == "jailer-tui"
    assert PROJECT["requires-python"] == ">=3.11"
    assert PROJECT["license"] == "BSD-2-Clause"
    assert {Requirement(one).name for one in PROJECT["dependencies"]} == {
        "textual",
        "rich",
        "jinja2",
        "bittty",
    }


def test_types_and_the_api_are_public() -> None:
    for package in ("jailer_core", "jailer_tui"):
        assert (ROOT / package / "py.typed").exists()
    for name in jailer_core.__all__:
        assert getattr(jailer_core, name) is importlib.import_module(f"jailer_core.{name}")
        assert f"    {name} " in (jailer_core.__doc__ or "")
    with pytest.raises(AttributeError):
        _ = jailer_core.nothing


@pytest.mark.processes
def test_the_api_is_imported_when_it_is_wanted() -> None:
    code = (
        "import sys, jailer_core; print([m for m in sys.modules if m.startswith('jailer_core.')])"
    )
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_port_needs_what_the_project_needs() -> None:
    port = (ROOT / "packaging/freebsd/jailer-tui/Makefile").read_text(encoding="utf-8")
    assert f"DISTVERSION=\t{PROJECT['version']}\n" in port
    needed = re.findall(r"\$\{PYTHON_PKGNAMEPREFIX\}(\S+?)([><]\S+?):\S+@", port)
    port_needs = {name.lower(): SpecifierSet(_spaced(limits)) for name, limits in needed}
    for dependency in map(Requirement, PROJECT["dependencies"]):
        limits = port_needs.pop(dependency.name)
        oldest = next(limit.version for limit in limits if limit.operator == ">=")
        assert dependency.specifier.contains(oldest), dependency
        assert limits.contains("999") == dependency.specifier.contains("999"), dependency
    assert set(port_needs) == {"hatchling"}


def _spaced(limits: str) -> str:
    """Limits of a port (`>=8.2.5<9`), as Python writes them."""
    return limits.replace("<", ",<").removeprefix(",")
