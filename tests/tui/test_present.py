"""From jails to words: columns, cells, order, choice. No widget."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from jailer_core.model import (
    Address,
    HostFacts,
    Inventory,
    Jail,
    JailState,
    Network,
    Owner,
    Pool,
    Problem,
)
from jailer_tui.presenters import host as present_host
from jailer_tui.presenters.jails import (
    COLUMNS,
    SORTABLE,
    addresses,
    behind,
    cells,
    columns_for,
    fit,
    in_order,
    matches,
    natural,
    owner_letter,
    percent,
    short_release,
)
from jailer_tui.presenters.messages import wrapped
from jailer_tui.state import AppState, row_keys
from jailer_tui.theme import ASCII, UNICODE
from jailer_tui.widgets.lines import _difference


def jail(name: str = "web", state: JailState = JailState.RUNNING, **settings: object) -> Jail:
    return Jail(name, state, Owner.NATIVE, **settings)  # type: ignore[arg-type]


def shown(one: Jail, key: str) -> tuple[str, str]:
    (column,) = (column for column in COLUMNS if column.key == key)
    return cells(one, (column,), UNICODE)[0]


def test_what_is_not_known_is_not_zero() -> None:
    unknown = jail(cpu=None, memory=None, addresses=None, network=Network.SHARED, boots=None)
    for key in ("cpu", "memory", "address", "boots", "release", "processes", "age"):
        assert shown(unknown, key)[0] == "?", key
    assert shown(jail(cpu=0.0, memory=0), "cpu")[0] == "0.0%"
    assert shown(jail(cpu=0.0, memory=0), "memory")[0] == "0B"


def test_what_does_not_apply_is_a_dash() -> None:
    stopped = jail(state=JailState.STOPPED, cpu=0.0, memory=0, network=Network.SHARED)
    for key in ("cpu", "memory", "jid", "disk", "age", "processes", "address", "hostname"):
        assert shown(stopped, key)[0] == "-", key


@pytest.mark.parametrize(
    ("state", "sign"),
    [(JailState.RUNNING, "●"), (JailState.DYING, "◐"), (JailState.STOPPED, "○")],
)
def test_state_has_a_sign_and_a_word(state: JailState, sign: str) -> None:
    assert shown(jail(state=state), "glyph")[0] == sign
    assert shown(jail(state=state), "state")[0] == state.value
    broken = jail(state=state, problems=(Problem("x", "y"),))
    assert shown(broken, "glyph") == ("!", "bad")


@pytest.mark.parametrize(
    ("cpu", "text"),
    [(None, "?"), (0.0, "0.0%"), (99.94, "99.9%"), (99.96, "100%"), (6400, "6400%")],
)
def test_cpu_fits_its_column(cpu: float | None, text: str) -> None:
    assert percent(cpu) == text
    assert len(text) <= 5


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ("15.1-RELEASE-p1", "15.1"),
        ("14.3-RELEASE", "14.3"),
        ("16.0-CURRENT", "16.0C"),
        ("13.2", "13.2"),
        ("odd\x1b", "odd^["),
    ],
)
def test_releases_in_short(release: str, text: str) -> None:
    assert short_release(release) == text


def test_addresses_in_short() -> None:
    many = (Address("10.0.0.1", 24), Address("fd00::1", 64))
    assert addresses(many) == ("10.0.0.1 +1", "text")
    assert addresses(many[:1])[0] == "10.0.0.1"


def test_only_foreign_owners_have_a_letter() -> None:
    assert [owner_letter(one) for one in (Owner.NATIVE, Owner.JAILER)] == ["", ""]
    letters = [owner_letter(one) for one in Owner if one not in (Owner.NATIVE, Owner.JAILER)]
    assert all(letters)
    assert len(set(letters)) >= len(letters) - 1


def test_columns_fit_every_width() -> None:
    for width, longest in product(range(20, 200, 7), (3, 14, 255)):
        chosen = columns_for(width, longest)
        assert chosen[1].key == "name", (width, longest)
        gap = 2 if width >= 72 else 1
        total = 1 + sum(column.width + gap for column in chosen) - (gap - 1) - gap
        assert total <= max(width, 16), (width, longest)


def test_at_home_everything_important_is_there() -> None:
    keys = [one.key for one in columns_for(79, 13)]
    assert keys == [
        "glyph", "name", "state", "jid", "address", "cpu", "memory", "disk", "release", "own",
    ]  # fmt: skip


@given(st.text(max_size=30), st.integers(min_value=1, max_value=40), st.booleans())
def test_fit_is_exact(text: str, width: int, right: bool) -> None:
    plain = "".join(one for one in text if one.isprintable())
    assert cell_len(fit(plain, width, UNICODE, right=right)) == width


@given(st.lists(st.text("ab \t漢é", min_size=0, max_size=20), max_size=4), st.integers(4, 40))
def test_wrapping_loses_nothing_and_fits(texts: list[str], width: int) -> None:
    line = tuple((text.replace("\t", " "), "text") for text in texts)
    rows = wrapped(line, width)
    for row in rows:
        assert cell_len("".join(text for text, _ in row).rstrip()) <= width
    joined = "".join(text for row in rows for text, _ in row)
    assert joined.replace(" ", "") == "".join(text for text, _ in line).replace(" ", "")


@given(st.text("ab漢", max_size=12), st.text("ab漢", max_size=12))
def test_only_what_differs_is_drawn(old: str, new: str) -> None:
    start, end = _difference(((old, "text"),), ((new, "text"),))
    assert 0 <= start <= end <= max(cell_len(old), cell_len(new))
    if old == new:
        assert start == end
    else:
        assert end > start


def test_names_in_natural_order() -> None:
    names = ["web10", "web2", "Web1", "a"]
    assert sorted(names, key=natural) == ["a", "Web1", "web2", "web10"]


def test_unknown_comes_last_either_way() -> None:
    jails = [
        jail("a", jid=None, cpu=None, memory=None, disk=None, processes=None, addresses=None),
        jail("b", jid=3, cpu=1.0, memory=5, disk=7, processes=1, age=9, boots=True,
             addresses=(Address("10.0.0.2"),), hostname="h", release="14.3"),
        jail("c", jid=4, cpu=2.0, memory=6, disk=8, processes=2, age=10, boots=False,
             addresses=(Address("10.0.0.10"),), hostname="i", release="15.1"),
    ]  # fmt: skip
    known = ("name", "state", "network", "own", "tags", "userland")
    for column, reverse in product(SORTABLE, (False, True)):
        names = [jail.name for jail in in_order(jails, column.key, reverse=reverse)]
        assert sorted(names) == ["a", "b", "c"], (column.key, reverse)
        if column.key not in known:
            assert names[-1] == "a", (column.key, reverse)


def test_the_busiest_come_first() -> None:
    jails = [jail("a", cpu=1.0), jail("b", cpu=9.0)]
    assert [one.name for one in in_order(jails, "cpu", reverse=False)] == ["b", "a"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", True),
        ("web", True),
        ("WEB run", True),
        ("10.0", True),
        ("!stopped", True),
        ("!web", False),
        ("native", True),
        ("mail", False),
        ("!", False),
        ("[bold]", False),
    ],
)
def test_filter(words: str, found: bool) -> None:
    one = jail("web01", addresses=(Address("10.0.0.1"),), hostname="x.example.org")
    assert matches(one, words) is found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("behind", ["old", "ended"]),
        ("!behind", ["new", "unknown"]),
        ("Behind run", ["old"]),
        ("new", ["new"]),
    ],
)
def test_jails_that_are_behind(words: str, names: list[str]) -> None:
    jails = (
        jail("old", userland="15.1-RELEASE"),
        jail("new", userland="15.1-RELEASE-p1"),
        jail("ended", JailState.STOPPED, userland="13.2-RELEASE-p9"),
        jail("unknown"),
    )
    host = HostFacts("armbsd15", "15.1-RELEASE-p1")
    inventory = Inventory(host=host, jails=jails, taken=1.8e9)
    late = behind(inventory, words)
    assert [one.name for one in jails if matches(one, words, late)] == names


def test_nothing_is_judged_without_the_word() -> None:
    inventory = Inventory(host=HostFacts("h", "15.1-RELEASE-p1"), jails=(jail("a"),))
    assert behind(inventory, "!behin web") == behind(None, "behind") == frozenset()


def test_a_dying_jail_beside_a_running_one_of_its_name() -> None:
    jails = [
        jail("a", JailState.DYING, jid=4),
        jail("a", jid=7),
        jail("b", JailState.DYING, jid=5),
        jail("b", JailState.DYING, jid=6),
    ]
    keys = row_keys(jails)
    assert keys[1] == "a"
    assert keys[2] == "b"
    assert len(set(keys)) == 4


@given(st.integers(min_value=10, max_value=200), st.integers(min_value=0, max_value=3))
def test_the_header_fits(width: int, pools: int) -> None:
    host = HostFacts("armbsd15", "15.1-RELEASE-p1", memory=2**32, memory_free=2**30, load=(1, 1, 1))
    found = tuple(Pool(f"tank{one}", 2**40, 2**30, 2**39, "ONLINE") for one in range(pools))
    line = present_host.header(AppState("x", Inventory(host=host, pools=found)), width)
    text = "".join(text for text, _ in line)
    assert text.startswith(" armbsd15")
    if width > 45:
        assert cell_len(text) == width
        assert "0/0 running" in text


def test_a_sick_pool_is_said_even_where_there_is_little_room() -> None:
    sick = Pool("tank", 2**40, 2**30, 2**39, "DEGRADED")
    line = present_host.header(AppState("host", Inventory(pools=(sick,))), 80)
    assert (" DEGRADED", "bad") in line


def test_a_pool_that_gets_sick_does_not_vanish_from_a_full_header() -> None:
    host = HostFacts("armbsd15", "15.1-RELEASE-p1", memory=2**32, memory_free=2**30, load=(1, 1, 1))
    well = Pool("zroot", 246 * 2**20, 206 * 2**20, 40 * 2**20, "ONLINE")
    sick = Pool("tank", 246 * 2**20, 206 * 2**20, 40 * 2**20, "DEGRADED")
    for width in range(56, 90):
        line = present_host.header(AppState("x", Inventory(host=host, pools=(well, sick))), width)
        assert (" DEGRADED", "bad") in line
        assert cell_len("".join(text for text, _ in line)) == width


@given(st.lists(st.floats(0, 1e6), max_size=80), st.integers(1, 40))
def test_sparklines_are_as_wide_as_they_should(samples: list[float], width: int) -> None:
    for glyphs in (UNICODE, ASCII):
        assert len(present_host.spark(samples, width, 1.0, glyphs)) == width
