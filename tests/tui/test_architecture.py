"""The architecture page shows the imports as they are, and names packages that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture import PAGE, made

ROOT = Path(__file__).parents[2]


def test_the_picture_is_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == made(text)


def test_every_package_that_is_named_exists() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("<!-- imports -->")[0]
    for name in re.findall(r"`(jailer_(?:core|tui)\.[a-z_.]+)`", text):
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
