from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.textual_once import textual_once


@pytest.fixture(scope="session", autouse=True)
def _textual_once(exhaustive: bool) -> Iterator[None]:
    """With `--exhaustive` Textual is as it comes."""
    if exhaustive:
        yield
        return
    with textual_once():
        yield
