"""TOML with lines: a wrong statement costs itself, and no more is taken from what is left."""

from __future__ import annotations

import tomllib

from hypothesis import given, strategies as st

from jailer_core.settings.toml_lines import parse


def test_lines_of_keys() -> None:
    document = parse('a = 1\n[t]\n# b = 2\n"x y".z = 3\n[[c]]\nd = 4\n[[c]]\nd = 5\n')
    assert document.lines == {
        ("a",): 1,
        ("t",): 2,
        ("t", "x y", "z"): 4,
        ("c", 0): 5,
        ("c", 0, "d"): 6,
        ("c", 1): 7,
        ("c", 1, "d"): 8,
    }
    assert document.line(("t", "unknown")) == 2


def test_a_list_over_several_lines_is_left_out_as_a_whole() -> None:
    document = parse('a = 1\nnotify = ["one",\n  "two" "three",\n  "four"]\nb = 2\n')
    assert document.values == {"a": 1, "b": 2}
    assert document.errors[0][0] == 3


def test_what_is_below_a_wrong_header_is_left_out() -> None:
    document = parse('[keys]\nstart = "f7"\n[[command\nkey = "f6"\n[sort]\njails = "cpu"\n')
    assert document.values == {"keys": {"start": "f7"}, "sort": {"jails": "cpu"}}


@given(st.text(alphabet='ab=[]"\n# 1.,', max_size=60))
def test_any_text(text: str) -> None:
    document = parse(text)
    try:
        assert document.values == tomllib.loads(text)
        assert not document.errors
    except tomllib.TOMLDecodeError:
        assert document.errors
        assert all(1 <= line <= text.count("\n") + 1 for line, _ in document.errors)
