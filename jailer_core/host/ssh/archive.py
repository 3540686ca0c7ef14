"""The part of this program that is sent to a host: a zip archive that Python imports from.

The same sources give the same bytes, and so the same name. It is the core without the simulated
host, and jinja2 with markupsafe, which are plain Python too: the agent decides a plan again before
it runs it.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

PACKAGES = ("jailer_core", "jinja2", "markupsafe")
LEFT_OUT = frozenset({"jailer_core/simulator", "jailer_core/host/ssh"})
KINDS = (".py", ".j2", ".json", ".toml", ".txt")
DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Archive:
    """The bytes, and their SHA-256 in hexadecimal."""

    data: bytes
    name: str


@cache
def build() -> Archive:
    """The archive of this program."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for package in PACKAGES:
            for path, data in sorted(_files(resources.files(package), package)):
                made.writestr(zipfile.ZipInfo(path, DATE), data, zipfile.ZIP_DEFLATED)
    data = buffer.getvalue()
    return Archive(data, hashlib.sha256(data).hexdigest())


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for place in folder.iterdir():
        below = f"{path}/{place.name}"
        if place.is_dir():
            if place.name != "__pycache__" and below not in LEFT_OUT:
                yield from _files(place, below)
        elif place.name.endswith(KINDS):
            yield below, place.read_bytes()
