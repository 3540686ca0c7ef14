"""Imports go one way, those for types included; the layers are contracts in pyproject.toml."""

import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph(
        "jailer_core", "jailer_tui", exclude_type_checking_imports=False, cache_dir=None
    )
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle = " is imported by ".join(error.args[1])
        raise AssertionError(circle) from None


_TESTS_IMPORT = re.compile(r"^\s*(?:from|import) tests\b(?:[^(\n]*\([^)]*\)|.*)", re.MULTILINE)


def test_no_test_module_is_imported_by_another() -> None:
    """What tests of several modules share is in modules without tests, or in a conftest.py."""
    tests = Path(__file__).parents[1]
    for path in tests.rglob("*.py"):
        for statement in _TESTS_IMPORT.findall(path.read_text(encoding="utf-8")):
            assert not re.search(r"\btest_", statement), f"{path.relative_to(tests)}: {statement}"


_DISABLED = """
import sys
from jailer_core.model import HostFacts, Inventory, Layout
from jailer_core.operations.catalog import by_op
from jailer_core.operations.registry import why_not
inventory = Inventory(host=HostFacts(uid=0), layout=Layout())
for op in ("create", "start", "stop", "destroy", "edit", "snap", "undo", "init"):
    assert op in by_op(), op
    why_not(inventory, op, None)
heavy = ("jailer_core.execution", "jailer_core.topology", "jailer_core.templates", "jinja2")
print(*(name for name in heavy if name in sys.modules))
"""


@pytest.mark.processes
def test_why_an_action_is_disabled_needs_no_plan() -> None:
    """The first screen asks for the keys of its footer: plans are long to import, and large."""
    done = subprocess.run(
        [sys.executable, "-c", _DISABLED], check=True, capture_output=True, text=True
    )
    assert done.stdout == "\n"


_LEAN = """
import sys
from jailer_core import lean_asyncio
lean_asyncio.load()
import jailer_tui.app
heavy = ("ssl", "hashlib", "zipfile", "jinja2", "jailer_core.execution", "jailer_core.host.remote")
print(*(name for name in heavy if name in sys.modules))
import ssl
print(ssl.HAS_SNI)
"""


@pytest.mark.processes
def test_what_the_screen_does_without() -> None:
    """OpenSSL, plans and connections to other hosts: each is imported when it is wanted."""
    done = subprocess.run([sys.executable, "-c", _LEAN], check=True, capture_output=True, text=True)
    assert done.stdout == "\nTrue\n"
