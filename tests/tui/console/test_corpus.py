"""What real programs draw looks here as it does in tmux, cell by cell, with resizes in between."""

from __future__ import annotations

import pytest

from jailer_tui.console.consoles import new_core
from tests.tui.console.screens import CORPUS, differences, session

NAMES = sorted(path.stem for path in CORPUS.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_as_in_tmux(name: str, exhaustive: bool) -> None:
    """With `--exhaustive` in small pieces as well: test_fuzz.py has those of some streams."""
    for piece in (1_000_000, 7) if exhaustive else (1_000_000,):
        looks_the_same(name, piece)


def looks_the_same(name: str, piece: int) -> None:
    (first, *events) = session(name)
    core = new_core(*first["size"])
    shots = 0
    for number, one in enumerate(events):
        if "out" in one:
            data = one["out"].encode("latin-1")
            for start in range(0, len(data), piece):
                core.feed(data[start : start + piece])
        elif "resize" in one:
            core.resize(*one["resize"])
        else:
            shots += 1
            wrong = differences(core, one)
            assert wrong == [], f"{name}, event {number}, shot {shots}: {len(wrong)} differences"
    assert shots > 3


def test_there_are_sessions_of_each_kind() -> None:
    assert set(NAMES) >= {"vi", "less", "top", "tmux", "shell"}
