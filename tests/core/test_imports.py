"""Imports go one way, those for types included; the layers are contracts in pyproject.toml."""

import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.bench import canned


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


_FIRST_TABLE = """
import asyncio, json, sys
from pathlib import Path
from jailer_core import lean_asyncio
lean_asyncio.load()
from jailer_tui.app import JailerApp
from tests.bench.canned import Canned

class Watched(JailerApp):
    imported = ()
    def set_view(self, view):
        super().set_view(view)
        if view.full and not self.imported:
            self.imported = [name for name in sys.modules if name.startswith("jailer_")]

async def main():
    app = Watched(Canned(json.loads(Path(sys.argv[1]).read_text())))
    async with app.run_test(size=(80, 24)) as pilot:
        while not app.imported:
            await pilot.pause()
        print(*app.imported)

asyncio.run(main())
"""
_LIST = """
import sys
from jailer_core import lean_asyncio
lean_asyncio.load()
from jailer_tui.cli import jail_list, session
import jailer_core.host.local
heavy = ("textual", "rich", "jinja2", "ssl", "jailer_core.plan", "jailer_core.operations.registry")
print(*(name for name in heavy if name in sys.modules))
"""


@pytest.mark.processes
def test_what_a_list_does_without() -> None:
    done = subprocess.run([sys.executable, "-c", _LIST], check=True, capture_output=True, text=True)
    assert done.stdout == "\n"


NOT_FOR_THE_FIRST_TABLE = (
    "jailer_core.execution",
    "jailer_core.facts.network_state",
    "jailer_core.facts.setup_facts",
    "jailer_core.facts.vitals",
    "jailer_core.host.ssh",
    "jailer_core.journal",
    "jailer_core.logs",
    "jailer_core.operations.registry",
    "jailer_core.operations.undo.entry",
    "jailer_core.plan",
    "jailer_core.settings.toml_lines",
    "jailer_core.templates",
    "jailer_core.topology",
    "jailer_tui.cli",
    "jailer_tui.console.consoles",
    "jailer_tui.controllers",
    "jailer_tui.forms",
    "jailer_tui.operation_runner",
    "jailer_tui.presenters.activity",
    "jailer_tui.stores.fleet",
    "jailer_tui.stores.job",
)
MOST_MODULES = 165
"""Of ours, until the first table is drawn. More make the start slower: see tests/bench, ready."""


@pytest.mark.processes
def test_the_first_table_does_without_what_is_not_on_it(tmp_path: Path) -> None:
    canned.record("small", tmp_path / "host.json")
    argv = [sys.executable, "-c", _FIRST_TABLE, str(tmp_path / "host.json")]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    imported = done.stdout.split()
    early = [
        name
        for name in imported
        if any(f"{name}.".startswith(f"{late}.") for late in NOT_FOR_THE_FIRST_TABLE)
    ]
    assert early == []
    assert len(imported) <= MOST_MODULES, f"{len(imported)} modules: {' '.join(imported)}"
