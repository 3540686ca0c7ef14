"""Build jailer-tui.pyz: the program and everything it needs in one file.

    python packaging/zipapp/build.py [--site DIRECTORY] [OUTPUT]

The dependencies are those of requirements.txt, downloaded by pip and checked against the hashes
there; with --site they are taken from a directory of installed packages instead. The same
sources and the same packages give the same bytes.

Python reads the table of contents of an archive at every start, entry by entry. So all but
jailer_core is in an archive of its own inside it, which counts as one entry.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from email.parser import Parser
from importlib.metadata import Distribution, distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
WRITTEN = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold
CORE = "jailer_core"
PACKAGES = (CORE, "jailer_tui")
INNER = "packages.zip"
STORED = (INNER, "__main__.py")
LEFT_OUT = (".so", ".pyc", ".pyi", ".c", ".md.orig")
"""Compiled code is of one system and one Python; MarkupSafe's, the only one, is optional."""


def main() -> int:
    """Build the archive; 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", nargs="?", type=Path, default=PROJECT / "dist/jailer-tui.pyz")
    parser.add_argument("--site", type=Path, help="take the dependencies from there")
    given = parser.parse_args()
    if given.site is not None:
        files = gathered(given.site)
    else:
        with tempfile.TemporaryDirectory() as site:
            download(Path(site))
            files = gathered(Path(site))
    given.output.parent.mkdir(parents=True, exist_ok=True)
    write(files, given.output)
    sys.stdout.write(f"{given.output}: {given.output.stat().st_size / 1e6:.1f} MB\n")
    return 0


def download(site: Path) -> None:
    """Have pip put the dependencies into a directory."""
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    argv += ["--no-deps", "--no-compile", "--require-hashes", "--only-binary=:all:"]
    argv += ["--platform=manylinux2014_x86_64", "--python-version=3.11", "--implementation=cp"]
    argv += ["--target", str(site), "--requirement", str(HERE / "requirements.txt")]
    subprocess.run(argv, check=True)


def gathered(site: Path) -> dict[str, bytes]:
    """Every file of the archive but its start, by name."""
    files = {}
    for package in PACKAGES:
        files.update(_below(PROJECT / package, PROJECT))
    for distribution in _needed(site):
        files.update(_of(distribution))
    files[f"jailer_tui-{version()}.dist-info/METADATA"] = (
        f"Metadata-Version: 2.1\nName: jailer-tui\nVersion: {version()}\n".encode()
    )
    return files


def version() -> str:
    """The version that pyproject.toml says."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _below(directory: Path, base: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(directory.rglob("*")):
        if path.is_file() and _wanted(path.name) and "__pycache__" not in path.parts:
            yield path.relative_to(base).as_posix(), path.read_bytes()


def _wanted(name: str) -> bool:
    return not name.endswith(LEFT_OUT)


def _needed(site: Path) -> list[Distribution]:
    """The packages of requirements.txt, as they are installed there."""
    wanted = {
        line.split("==")[0].strip().lower().replace("_", "-")
        for line in (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    }
    installed = {
        distribution.metadata["Name"].lower().replace("_", "-"): distribution
        for distribution in distributions(path=[str(site)])
    }
    missing = sorted(wanted - installed.keys())
    if missing:
        sys.exit(f"not installed in {site}: {', '.join(missing)}")
    return [installed[name] for name in sorted(wanted)]


def _of(distribution: Distribution) -> Iterator[tuple[str, bytes]]:
    """A package's files; of its metadata only what tells its version and its licence."""
    for file in distribution.files or ():
        kept = not file.parts[0].endswith(".dist-info") or (
            file.name == "METADATA" or "licen" in str(file).lower()
        )
        if (
            kept
            and _wanted(file.name)
            and "__pycache__" not in file.parts
            and ".." not in file.parts
        ):
            yield file.as_posix(), _content(file.name, Path(str(file.locate())).read_bytes())


def _content(name: str, content: bytes) -> bytes:
    """Of METADATA only its head: the rest is the package's README."""
    if name != "METADATA":
        return content
    head = Parser().parsestr(content.decode(), headersonly=True)
    kept = ("Metadata-Version", "Name", "Version", "License", "License-Expression")
    return "".join(f"{key}: {value}\n" for key, value in head.items() if key in kept).encode()


def write(files: Mapping[str, bytes], output: Path) -> None:
    """Write the archive behind the script that starts it."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    start = (HERE / "__main__.py").read_text(encoding="utf-8")
    build = digest.hexdigest()[:32]
    outer = {name: content for name, content in files.items() if name.startswith(f"{CORE}/")}
    outer["__main__.py"] = start.replace("@BUILD@", build).encode()
    outer[INNER] = archived({name: files[name] for name in files.keys() - outer.keys()})
    output.write_bytes((HERE / "start.sh").read_bytes() + archived(outer))
    output.chmod(0o755)


def archived(files: Mapping[str, bytes]) -> bytes:
    """A zip archive in a fixed order, with fixed times."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WRITTEN)
            entry.compress_type = zipfile.ZIP_STORED if name in STORED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name], compresslevel=9)
    return raw.getvalue()


if __name__ == "__main__":
    sys.exit(main())
