"""The program as one file: packaging/zipapp."""

from __future__ import annotations

import importlib.util
import io
import os
import stat
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[3]
SITE = Path(sysconfig.get_paths()["purelib"])

pytestmark = pytest.mark.processes


def loaded(name: str) -> ModuleType:
    path = PROJECT / "packaging/zipapp" / name
    spec = importlib.util.spec_from_file_location(f"zipapp_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyz") / "jailer-tui.pyz"
    build = loaded("build.py")
    build.write(build.gathered(SITE), path)
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that starts as ours does, and holds next to nothing."""
    path = tmp_path_factory.mktemp("pyz") / "jailer-tui.pyz"
    program = b"def main():\n    print('jailer-tui small')\n    return 0\n"
    files = {"jailer_tui/__init__.py": b"", "jailer_tui/cli/__init__.py": b""}
    loaded("build.py").write({**files, "jailer_tui/cli/main.py": program}, path)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    path = tmp_path / "cache"
    path.mkdir(mode=0o700)
    return path


def run(archive: Path, cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(archive), *words]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    environment.pop("PYTHONPATH", None)
    temporary = cache.with_name(f"{cache.name}.temporary")
    if not temporary.exists():
        temporary.mkdir(mode=0o700)
    environment["TMPDIR"] = str(temporary)
    return subprocess.run(
        argv, check=False, capture_output=True, text=True, env=environment, cwd="/"
    )


def builds(cache: Path) -> list[Path]:
    return list((cache / "jailer-tui").iterdir()) if (cache / "jailer-tui").exists() else []


def test_the_whole_program_runs_from_it(archive: Path, cache: Path) -> None:
    done = run(archive, cache, "--demo", "small", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "www0" in done.stdout


def test_it_is_unpacked_once_and_only_for_its_user(small: Path, cache: Path) -> None:
    done = run(small, cache)
    assert (done.returncode, done.stdout) == (0, "jailer-tui small\n")
    (build,) = builds(cache)
    assert stat.S_IMODE(build.stat().st_mode) == 0o700
    (build / "jailer_tui/cli/main.py").write_text("def main(): return 7\n")
    assert run(small, cache, "--version").returncode == 7, "not run from what was unpacked"


@pytest.mark.parametrize("opened", ["jailer-tui", ""])
def test_what_others_can_write_to_is_not_run(small: Path, cache: Path, opened: str) -> None:
    run(small, cache, "--version")
    (build,) = builds(cache)
    (build / "jailer_tui/cli/main.py").write_text("def main(): return 7\n")
    (cache / opened).chmod(0o777)
    done = run(small, cache, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("jailer-tui ")


def test_a_link_in_place_of_the_build_is_not_followed(small: Path, cache: Path) -> None:
    run(small, cache, "--version")
    (build,) = builds(cache)
    build.rename(cache / "elsewhere")
    build.symlink_to(cache / "elsewhere")
    (cache / "elsewhere/jailer_tui/cli/main.py").write_text("def main(): return 7\n")
    assert run(small, cache, "--version").returncode == 0


def test_without_a_cache_it_runs_and_leaves_nothing_behind(small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(small, tmp_path / "file", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert list((tmp_path / "file.temporary").iterdir()) == []


def test_where_nothing_can_be_written_it_says_what_to_set(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_options: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(SystemExit, match=r"No space left.*set XDG_CACHE_HOME or TMPDIR"):
        loaded("__main__.py").for_this_run(str(small))


def test_what_outlives_the_program_runs_from_the_archive_alone(archive: Path) -> None:
    """The watchdog of a network change: without a cache, the other packages are gone by then."""
    code = "import jailer_core.watchdog as it; print(it.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(archive)}
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(archive))


def inside(archive: Path) -> dict[str, bytes]:
    """Every file of it, those of the archive in the archive as well."""
    with zipfile.ZipFile(archive) as outer:
        files = {name: outer.read(name) for name in outer.namelist()}
    with zipfile.ZipFile(io.BytesIO(files.pop("packages.zip"))) as inner:
        return files | {name: inner.read(name) for name in inner.namelist()}


def test_the_same_files_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    files = dict(reversed(inside(small).items()))
    del files["__main__.py"]
    loaded("build.py").write(files, tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == small.read_bytes()


def test_nothing_in_it_is_compiled(archive: Path) -> None:
    names = inside(archive).keys()
    assert not [name for name in names if name.endswith((".so", ".pyc"))]
    assert any(name.startswith("jailer_core/data/") for name in names)


def test_python_reads_few_entries_at_each_start(archive: Path) -> None:
    """All but jailer_core is one entry: Python reads the table of contents at every start."""
    with zipfile.ZipFile(archive) as outer:
        others = [name for name in outer.namelist() if not name.startswith("jailer_core/")]
    assert others == ["__main__.py", "packages.zip"]


def test_the_file_starts_by_itself_with_the_python_it_finds(small: Path, tmp_path: Path) -> None:
    """FreeBSD has python3.11 in /usr/local/bin and no python3."""
    (tmp_path / "python3.11").symlink_to(sys.executable)
    (tmp_path / "cache").mkdir(mode=0o700)
    environment = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    argv = [sys.executable, "-c", f"import os; os.execv({str(small)!r}, ['x', '--version'])"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("jailer-tui ")


def test_the_requirements_are_what_the_program_needs_and_each_has_a_hash() -> None:
    lines = (PROJECT / "packaging/zipapp/requirements.txt").read_text().splitlines()
    names = {line.split("==")[0] for line in lines if "==" in line}
    assert {"textual", "rich", "jinja2", "bittty"} <= names
    assert len(names) == sum("--hash=sha256:" in line for line in lines)
