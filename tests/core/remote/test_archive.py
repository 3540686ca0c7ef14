"""What is sent to a host is all that is needed there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jailer_core.host.ssh import archive

pytestmark = pytest.mark.processes()
IMPORT_ALL = """
import importlib, sys, zipfile
sys.path.insert(0, sys.argv[1])
sys.modules["ssl"] = None
for name in zipfile.ZipFile(sys.argv[1]).namelist():
    if name.startswith("jailer_core/") and name.endswith(".py") and "__main__" not in name:
        importlib.import_module(name[:-3].replace("/", ".").removesuffix(".__init__"))
import jinja2
from jailer_core import ssh_client, templates
assert templates._environment().get_template("jail.conf.j2")
assert sys.argv[1] in jinja2.__file__
environ = {"SSH_CONNECTION": "192.0.2.7 51022 192.0.2.1 22"}
print(*ssh_client.of(environ, local=True).reverter)
"""


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive").resolve() / "agent.zip"
    path.write_bytes(archive.build().data)
    return path


def test_all_of_it_can_be_imported_from_the_archive(archived: Path) -> None:
    """With nothing but the standard library beside it; the watchdog is started from it, too."""
    said = subprocess.run(
        (sys.executable, "-I", "-S", "-B", "-c", IMPORT_ALL, str(archived)),
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert said.stderr == ""
    words = said.stdout.split()
    assert words[:2] == ["env", f"PYTHONPATH={archived}"]
    assert words[-2:] == ["-m", "jailer_core.watchdog"]


def test_the_same_sources_give_the_same_bytes(archived: Path) -> None:
    archive.build.cache_clear()
    assert archive.build().data == archived.read_bytes()


def test_no_simulated_host_and_no_screen_is_sent(archived: Path) -> None:
    names = zipfile.ZipFile(archived).namelist()
    assert not [name for name in names if "simulator" in name or name.startswith("jailer_tui")]
    assert "jailer_core/agent/serve.py" in names
