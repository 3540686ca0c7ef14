from __future__ import annotations

from jailer_tui.cli.terminal import cells, table


def test_wide_characters_take_two_cells_and_accents_none() -> None:
    assert cells("web01") == 5
    assert cells("監獄") == 4
    assert cells("e\u0301") == 1
    assert cells("über") == 4


def test_columns_stay_aligned_behind_wide_names() -> None:
    lines = table([("NAME", "JID", "X"), ("監獄", "1", "a"), ("web01", "22", "b")]).splitlines()
    assert lines == ["NAME   JID  X", "監獄   1    a", "web01  22   b"]


def test_nothing_stands_behind_the_last_column() -> None:
    assert table([("A", "LONG"), ("b", "c")]).splitlines()[1] == "b  c"
