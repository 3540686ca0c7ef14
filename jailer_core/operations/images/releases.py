"""Versions of FreeBSD: how they are written, which is newer, which has reached its end of life."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from importlib.resources import files

from jailer_core.errors import UsageError
from jailer_core.text import sanitize

_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(-RELEASE)?(?:-p\d+)?", re.IGNORECASE)


def version(value: str) -> str:
    """`15.1`, `15.1-RELEASE` and `15.1-RELEASE-p3` all mean 15.1-RELEASE. Raises UsageError."""
    match = _VERSION.fullmatch(value.strip())
    if match is None:
        raise UsageError(
            f"'{sanitize(value)}' is not a version of FreeBSD", "For example: 15.1-RELEASE"
        )
    return f"{int(match[1])}.{int(match[2])}-RELEASE"


def number(text: str) -> tuple[int, int] | None:
    """Major and minor number of a release, None when it does not begin with them."""
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def level(text: str) -> tuple[int, int, int] | None:
    """Major, minor and patch level of `15.1-RELEASE-p3`; None for anything but a release."""
    match = re.fullmatch(r"(\d{1,3})\.(\d{1,3})-RELEASE(?:-p(\d{1,4}))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def newer(version: str, host: str) -> bool:
    """Whether a release is newer than the host's kernel, so that its programs may not run."""
    left, right = number(version), number(host)
    return left is not None and right is not None and left > right


@cache
def _table() -> dict[str, date]:
    text = (files("jailer_core") / "data" / "eol.json").read_text(encoding="utf-8")
    releases = json.loads(text)["releases"]
    return {key: date.fromisoformat(line["ends"]) for key, line in releases.items()}


def end_of_life(release: str) -> date | None:
    """The day on which its support ends or ended (data/eol.json), or None."""
    parsed = number(release)
    return _table().get(f"{parsed[0]}.{parsed[1]}") if parsed else None
