"""Jails as text in columns: pure, without a widget.

A `Span` is a text with a tone, a `Line` a row of spans, a cell of the table one span. Tones are
names that theme.py gives a style. Every text that comes from a host has been through
text.visible, and nothing here is ever read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size

from jailer_core.model import OURS, Address, Inventory, Jail, JailState, Network, Owner
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.key_hints import PLACE, key_for
from jailer_tui.theme import Glyphs

Span = tuple[str, str]
Line = tuple[Span, ...]
UNKNOWN: Span = ("?", "dim")
NOTHING: Span = ("-", "dim")
OWNER_LETTERS = {Owner.BY_HAND: "H", Owner.OCI: "O"}
GAP = 2
LEAST_NAME, MOST_NAME = 12, 16


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the jails table: `rank` says which go first when there is no room."""

    key: str
    label: str
    width: int
    rank: int
    right: bool = False
    title: str = ""


COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("name", "NAME", LEAST_NAME, 0, title="Name"),
    Column("state", "STATE", 7, 1, title="State"),
    Column("jid", "JID", 4, 3, right=True, title="Jail id"),
    Column("network", "NETWORK", 11, 10, title="Network type"),
    Column("address", "ADDRESS", 15, 2, title="First address"),
    Column("tags", "TAGS", 14, 6, title="Tags"),
    Column("cpu", "CPU", 5, 4, right=True, title="CPU use"),
    Column("memory", "MEM", 5, 5, right=True, title="Memory use"),
    Column("disk", "DISK", 5, 7, right=True, title="Disk use"),
    Column("release", "REL", 5, 8, title="Release"),
    Column("own", "O", 1, 9, title="Owner"),
    Column("age", "AGE", 7, 11, right=True, title="Time since its start"),
    Column("processes", "PROC", 4, 12, right=True, title="Number of processes"),
    Column("boots", "BOOT", 4, 13, title="Starts at boot"),
    Column("hostname", "HOSTNAME", 20, 14, title="Host name"),
    Column("userland", "USERLAND", 9, 15, title="Userland and patch level"),
)
BY_KEY = {column.key: column for column in COLUMNS}
SORTABLE = tuple(column for column in COLUMNS if column.title)


def gap(width: int) -> int:
    """How many cells lie between columns in that many cells, without scrollbar."""
    return GAP if width >= 72 else 1


def columns_for(
    width: int, longest: int, chosen: Sequence[str] = (), *, tagged: bool = False
) -> tuple[Column, ...]:
    """The columns that fit, in their order; the name gets what is left, as far as it needs it.

    `width` is in cells, without scrollbar; `longest` is the width of the longest name. `wanted`
    are the columns that a user chose, in their order: of those the last are dropped first.
    `tagged` tells whether any jail has tags.
    """
    need = max(LEAST_NAME, min(longest, MOST_NAME))
    fitting, room = affordable(_by_importance(chosen, tagged=tagged), width - 3 - need, gap(width))
    name = min(need + max(room, 0), max(longest, LEAST_NAME))
    shown = [column for column in _in_order(chosen) if column.key in {"glyph", "name", *fitting}]
    return sized(shown, {"name": max(name, 1)})


def ranked(columns: Iterable[Column]) -> list[Column]:
    """Those that may be left out, the most important first."""
    return sorted((column for column in columns if column.rank), key=lambda column: column.rank)


def affordable(columns: Iterable[Column], room: int, between: int) -> tuple[set[str], int]:
    """Keys of the columns for which there is room, one after the other, and what is left of it."""
    keys: set[str] = set()
    for column in columns:
        if room < column.width + between:
            break
        room -= column.width + between
        keys.add(column.key)
    return keys, room


def sized(columns: Iterable[Column], widths: Mapping[str, int]) -> tuple[Column, ...]:
    """The columns, some of them with another width."""
    return tuple(replace(column, width=widths.get(column.key, column.width)) for column in columns)


def _by_importance(chosen: Sequence[str], *, tagged: bool) -> list[Column]:
    """All columns but sign and name, those to show first first."""
    if chosen:
        return [BY_KEY[key] for key in chosen if key in BY_KEY and key not in ("glyph", "name")]
    return [column for column in ranked(COLUMNS) if tagged or column.key != "tags"]


def _in_order(chosen: Sequence[str]) -> list[Column]:
    """All columns in their order; sign and name are always there."""
    if not chosen:
        return list(COLUMNS)
    keys = list(dict.fromkeys(key for key in chosen if key in BY_KEY and key != "glyph"))
    return [BY_KEY[key] for key in ("glyph", *(() if "name" in keys else ("name",)), *keys)]


def fit(text: str, width: int, glyphs: Glyphs, *, right: bool = False) -> str:
    """The text in exactly that many cells; a text that is too long ends in …."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, max(width - 1, 0)) + glyphs.more if width > 0 else ""
    return " " * (width - size) + text if right else text + " " * (width - size)


def keyed(text: str, tone: str) -> Line:
    """A text with `{action}` in it, with the keys in their places and in their own tone."""
    parts = enumerate(PLACE.split(text))
    return tuple((key_for(part), "key") if index % 2 else (part, tone) for index, part in parts)


def width_of(spans: Iterable[Span]) -> int:
    """How many cells they take."""
    return sum(cell_len(text) for text, _ in spans)


def beside(left: Sequence[Span], right: Sequence[Span], width: int) -> Line:
    """One line: this at its left end, that at its right end, one cell before its last."""
    space = width - width_of(left) - width_of(right) - 1
    return (*left, (" " * max(1, space), "text"), *right)


# --- one jail --------------------------------------------------------------------------------


def state_sign(jail: Jail, glyphs: Glyphs) -> Span:
    """The symbol of its state, or of its problem."""
    if jail.problems:
        return glyphs.broken, "bad"
    match jail.state:
        case JailState.RUNNING:
            return glyphs.running, "ok"
        case JailState.DYING:
            return glyphs.dying, "warn"
        case JailState.STOPPED:
            return glyphs.stopped, "dim"


def state_word(jail: Jail) -> Span:
    """Its state, in the tone of its sign."""
    word = jail.state.value
    return word, {"running": "ok", "dying": "warn"}.get(word, "dim")


def percent(cpu: float | None) -> str:
    """CPU use in at most five cells."""
    if cpu is None:
        return "?"
    return f"{cpu:.1f}%" if cpu < 99.95 else f"{cpu:.0f}%"


def short_release(release: str) -> str:
    """`15.1` of `15.1-RELEASE-p1`; other branches keep a letter (`16.0C`)."""
    match = re.match(r"(\d+\.\d+)(?:-([A-Z])[A-Z]*)?", release)
    if match is None:
        return sanitize(release)
    return match[1] + (match[2] if match[2] and match[2] != "R" else "")


def patch_level(release: str) -> str:
    """`15.1-p3` of `15.1-RELEASE-p3`."""
    return sanitize(release.replace("-RELEASE", "", 1))


def owner_letter(owner: Owner) -> str:
    """The letter of its owner; "" for our own jails."""
    return "" if owner in OURS else OWNER_LETTERS.get(owner, owner.value[0].upper())


def addresses(addresses: tuple[Address, ...] | None) -> Span:
    """The first address, and how many more there are."""
    if addresses is None:
        return UNKNOWN
    if not addresses:
        return NOTHING
    more = f" +{len(addresses) - 1}" if len(addresses) > 1 else ""
    return sanitize(addresses[0].address) + more, "text"


def _used(jail: Jail, text: str, *, known: bool) -> Span:
    """Only something that runs can use something."""
    if jail.state is JailState.STOPPED:
        return NOTHING
    return (text, "text") if known else UNKNOWN


def tags(jail: Jail) -> Span:
    """Its tags in a line."""
    return UNKNOWN if jail.tags is None else (" ".join(jail.tags), "accent")


_CELLS: dict[str, Callable[[Jail], Span]] = {
    "name": lambda jail: (sanitize(jail.name), "strong" if jail.running else "text"),
    "state": state_word,
    "jid": lambda jail: NOTHING if jail.jid is None else (str(jail.jid), "text"),
    "network": lambda jail: (jail.network.words, "text"),
    "address": lambda jail: (
        addresses(jail.addresses) if jail.network is not Network.INHERIT else ("host's", "dim")
    ),
    "tags": tags,
    "cpu": lambda jail: _used(jail, percent(jail.cpu), known=jail.cpu is not None),
    "memory": lambda jail: _used(jail, human_bytes(jail.memory), known=jail.memory is not None),
    "disk": lambda jail: NOTHING if jail.disk is None else (human_bytes(jail.disk), "text"),
    "release": lambda jail: (
        (short_release(jail.userland or jail.release), "text")
        if jail.userland or jail.release
        else UNKNOWN
    ),
    "own": lambda jail: (owner_letter(jail.owner), "accent"),
    "age": lambda jail: _used(jail, human_age(jail.age), known=jail.age is not None),
    "processes": lambda jail: (
        _used(jail, str(jail.processes), known=jail.processes is not None)
        if jail.running
        else NOTHING
    ),
    "boots": lambda jail: {True: ("yes", "text"), False: ("no", "dim"), None: UNKNOWN}[jail.boots],
    "hostname": lambda jail: (sanitize(jail.hostname), "text") if jail.hostname else NOTHING,
    "userland": lambda jail: (patch_level(jail.userland), "text") if jail.userland else UNKNOWN,
}


def cells(jail: Jail, columns: Sequence[Column], glyphs: Glyphs) -> tuple[Span, ...]:
    """The cells of a jail for these columns, before truncation."""
    return tuple(
        state_sign(jail, glyphs) if column.key == "glyph" else _CELLS[column.key](jail)
        for column in columns
    )


# --- order and choice ------------------------------------------------------------------------

_STATES = {JailState.RUNNING: 0, JailState.DYING: 1, JailState.STOPPED: 2}


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """`web2` before `web10`."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts if part)


_KEYS: dict[str, Callable[[Jail], object]] = {
    "state": lambda jail: _STATES[jail.state],
    "jid": lambda jail: jail.jid,
    "network": lambda jail: jail.network.words,
    "address": lambda jail: natural(jail.addresses[0].address) if jail.addresses else None,
    "tags": lambda jail: jail.tags or None,
    "cpu": lambda jail: None if jail.cpu is None else -jail.cpu,
    "memory": lambda jail: None if jail.memory is None else -jail.memory,
    "disk": lambda jail: None if jail.disk is None else -jail.disk,
    "release": lambda jail: natural(jail.userland or jail.release) or None,
    "own": lambda jail: owner_letter(jail.owner),
    "age": lambda jail: jail.age,
    "processes": lambda jail: None if jail.processes is None else -jail.processes,
    "boots": lambda jail: None if jail.boots is None else not jail.boots,
    "hostname": lambda jail: jail.hostname.casefold() or None,
    "userland": lambda jail: natural(jail.userland) or None,
}


def in_order(jails: Sequence[Jail], key: str, *, reverse: bool) -> list[Jail]:
    """Sorted by a column, then by name; unknown values come last in both directions."""
    by_name = sorted(jails, key=lambda jail: (natural(jail.name), jail.jid or 0))
    if key not in _KEYS:
        return by_name[::-1] if reverse else by_name
    value = _KEYS[key]
    known = [(value(jail), index) for index, jail in enumerate(by_name)]
    pairs = [pair for pair in known if pair[0] is not None]
    pairs.sort(key=lambda pair: pair[0], reverse=reverse)  # type: ignore[arg-type, return-value]
    order = [index for _, index in pairs] + [index for number, index in known if number is None]
    return [by_name[index] for index in order]


_USED = {"cpu", "memory", "disk", "processes"} | {
    "total", "live", "children", "reserved", "shared", "alone", "older"
}  # fmt: skip
"""Columns that tell how much is used, of jails and of storage."""


def descends(key: str, *, reverse: bool) -> bool:
    """Whether the column is sorted in descending order, as usage is."""
    return (key in _USED) is not reverse


def order_sign(by: tuple[str, bool], glyphs: Glyphs) -> str:
    """The arrow of an order: a column, and whether in reverse."""
    key, reverse = by
    return glyphs.down if descends(key, reverse=reverse) else glyphs.up


BEHIND = "behind"


def behind(inventory: Inventory | None, words: str) -> frozenset[str]:
    """The jails that should be updated, if the filter asks for them."""
    if inventory is None or BEHIND not in {word.lstrip("!") for word in words.casefold().split()}:
        return frozenset()
    from jailer_core.operations.updates.standing import (  # noqa: PLC0415 - only with that word
        Subject,
        standings,
    )

    return frozenset(
        standing.name
        for standing in standings(inventory)
        if standing.subject is Subject.JAIL and standing.behind
    )


def has_words(text: str, words: str) -> bool:
    """Whether a text, in lower case, has all words of a filter, and none that has a ! before it."""
    return _all_words(words, text.__contains__)


def _all_words(words: str, has: Callable[[str], bool]) -> bool:
    return all(
        not has(word[1:]) if word.startswith("!") and len(word) > 1 else has(word)
        for word in words.casefold().split()
    )


def matches(jail: Jail, words: str, behind: Container[str] = ()) -> bool:
    """Whether every word is in its name, state, addresses, owner…; `!word` must not be.

    `@tag` is one of its tags. `behind` are the names of jails that the word `behind` finds.
    """
    if not words:
        return True
    texts = [sanitize(address.address) for address in jail.addresses or ()]
    text = " ".join(
        (
            sanitize(jail.name),
            jail.state.value,
            jail.network.value,
            jail.network.words,
            jail.owner.value,
            sanitize(jail.hostname),
            jail.release,
            jail.userland.casefold(),
            "problem" if jail.problems else "",
            BEHIND if jail.name in behind else "",
            *texts,
        )
    ).casefold()
    tags_of_it = {tag.casefold() for tag in jail.tags or ()}

    def has(word: str) -> bool:
        return word[1:] in tags_of_it if word.startswith("@") and len(word) > 1 else word in text

    return _all_words(words, has)
