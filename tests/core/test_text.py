"""Text for people: nothing in a name can act on a terminal or hide itself."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, strategies as st

from jailer_core.text import command_line, human_age, human_bytes, sanitize

ANY = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("web01", "web01"),
        ("has space", "has space"),
        ("größe 漢字", "größe 漢字"),
        ("[bold]x", "[bold]x"),
        ("a\x1b[2Jb", "a^[[2Jb"),
        ("tab\tand\nline", "tab^Iand^Jline"),
        ("\x7f", "^?"),
        ("\x9b", "\\x9b"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("\U000e0041", "\\U000e0041"),
        ("a\xa0b", "a\\xa0b"),
    ],
)
def test_visible_spells_out_what_could_act_or_deceive(raw: str, shown: str) -> None:
    assert sanitize(raw) == shown


@given(ANY)
def test_visible_text_is_harmless_and_encodable(text: str) -> None:
    shown = sanitize(text)
    assert shown.isprintable()
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode()
    assert sanitize(shown) == shown


def test_command_line_quotes_for_a_shell() -> None:
    said = command_line(["jail", "-r", "$(id); 'x'", "a b", "-rf", "\x1b[1m"])
    assert said == """jail -r '$(id); '"'"'x'"'"'' 'a b' -rf '^[[1m'"""


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (None, "?"),
        (0, "0B"),
        (512, "512B"),
        (1023, "1023B"),
        (1024, "1K"),
        (24576, "24K"),
        (300544, "294K"),
        (1_394_688, "1.33M"),
        (38_222_848, "36.5M"),
        (325_058_560, "310M"),
        (12_348_030_976, "11.5G"),
        (1023 * 1024 * 1024 + 1, "1023M"),
        (1 << 40, "1T"),
        (1 << 70, "1024E"),
        (-2048, "-2K"),
    ],
)
def test_bytes_read_as_zfs_writes_them(n: int | None, shown: str) -> None:
    assert human_bytes(n) == shown


@given(st.integers(0, (1 << 64) - 1))
def test_bytes_stay_narrow(n: int) -> None:
    assert len(human_bytes(n)) <= 5


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "?"),
        (-3, "0s"),
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (3900, "1h 5m"),
        (86400, "1d"),
        (273_600, "3d 4h"),
        (400 * 86400, "400d"),
    ],
)
def test_ages_have_two_units_at_most(seconds: int | None, shown: str) -> None:
    assert human_age(seconds) == shown
