"""Snapshots as text in columns: pure, without a widget.

Snapshots of one name of a jail and of the datasets below it belong together: they are one row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.cells import cell_len

from jailer_core.model import Dataset, Inventory, Jail, Snapshot
from jailer_core.operations.snapshots.retention import KINDS
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import (
    NOTHING,
    Column,
    Line,
    Span,
    affordable,
    fit,
    gap,
    has_words,
    ranked,
    sized,
)
from jailer_tui.theme import Glyphs

COLUMNS = (
    Column("jail", "JAIL", 12, 0),
    Column("name", "SNAPSHOT", 20, 0),
    Column("age", "AGE", 7, 1, right=True),
    Column("used", "USED", 5, 2, right=True),
    Column("refer", "REFER", 5, 5, right=True),
    Column("ties", "DEPENDS", 12, 3),
    Column("made", "BY", 7, 4),
    Column("parts", "PARTS", 5, 6, right=True),
)
LEAST_JAIL, MOST_JAIL = 8, 18
LEAST_NAME, ENOUGH_NAME, MOST_NAME = 16, 26, 44
"""`auto-hourly-20261126T1300Z` is to be read before less important columns are shown."""
BROAD = 70
"""From that width several facts share a line."""
_AUTOMATIC = re.compile(rf"auto-({'|'.join(KINDS)})-\d")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: the snapshots of one name of a jail, or that of an image.

    `owner` is the jail's name or `image/VERSION`; `top` the dataset that it is about, and
    `parts` the snapshots: that of `top` first, where it has one. `below` counts the datasets
    that could have it, `trash` is where states lie that jails went back from.
    """

    owner: str
    jail: Jail | None
    top: str
    parts: tuple[Snapshot, ...]
    below: int
    trash: str = ""

    @property
    def key(self) -> str:
        """What tells it from others from one refresh to the next."""
        return f"{self.top}@{self.name}"

    @property
    def name(self) -> str:
        """The part after the @."""
        return self.parts[0].name

    @property
    def whole(self) -> bool:
        """Whether the jail itself has it, and not only something below."""
        return self.parts[0].dataset == self.top

    @property
    def creation(self) -> int:
        """When it was taken."""
        return self.parts[0].creation

    @property
    def used(self) -> int:
        """Bytes that only these snapshots use."""
        return sum(snapshot.used for snapshot in self.parts)

    @property
    def clones(self) -> tuple[str, ...]:
        """Datasets cloned from it."""
        return tuple(clone for snapshot in self.parts for clone in snapshot.clones)

    @property
    def away(self) -> tuple[str, ...]:
        """Those of its clones that lie in the trash: later states of the jail."""
        return tuple(
            clone for clone in self.clones if self.trash and clone.startswith(f"{self.trash}/")
        )

    @property
    def holds(self) -> int:
        """How many holds keep it."""
        return max(snapshot.holds for snapshot in self.parts)

    @property
    def made_by(self) -> str:
        """The kind of the policy that took it, by its name, or ""."""
        match = _AUTOMATIC.match(self.name)
        return match[1] if match else ""


def entries(inventory: Inventory, snapshots: Sequence[Snapshot]) -> list[Entry]:
    """All snapshots of jails and images, by owner, the newest first."""
    tops = _tops(inventory)
    groups: dict[tuple[str, str], list[Snapshot]] = {}
    for snapshot in snapshots:
        top = _top_of(snapshot.dataset, tops)
        if top is not None:
            groups.setdefault((top, snapshot.name), []).append(snapshot)
    below = Counter(_top_of(dataset.name, tops) for dataset in inventory.datasets or ())
    rows = []
    for (top, _), parts in groups.items():
        parts.sort(key=lambda snapshot: (snapshot.dataset != top, snapshot.dataset))
        rows.append(Entry(*tops[top], top, tuple(parts), below[top] or 1, inventory.layout.trash))
    return sorted(
        rows, key=lambda entry: (entry.jail is None, entry.owner, -entry.parts[0].createtxg)
    )


def _tops(inventory: Inventory) -> dict[str, tuple[str, Jail | None]]:
    """The datasets of jails and images, with whose they are."""
    owners: dict[str, tuple[str, Jail | None]] = {
        image.dataset: (f"image/{image.version}", None) for image in inventory.images
    }
    return owners | {jail.dataset: (jail.name, jail) for jail in inventory.jails if jail.dataset}


def _top_of(dataset: str, tops: dict[str, tuple[str, Jail | None]]) -> str | None:
    while dataset not in tops:
        dataset, sign, _ = dataset.rpartition("/")
        if not sign:
            return None
    return dataset


def matches(entry: Entry, words: str) -> bool:
    """Whether jail@snapshot, clones and policy contain every word, and no `!word`."""
    text = " ".join(
        (
            f"{sanitize(entry.owner)}@{sanitize(entry.name)}",
            *(sanitize(clone) for clone in entry.clones),
            "held" if entry.holds else "",
            "clones" if entry.clones else "",
            entry.made_by or "by hand",
        )
    ).casefold()
    return has_words(text, words)


# --- the table -------------------------------------------------------------------------------


def columns_for(width: int, shown: Sequence[Entry]) -> tuple[Column, ...]:
    """The columns that fit; names get as much width as they need, if possible."""
    between = gap(width)
    jail = _longest((entry.owner for entry in shown), LEAST_JAIL, MOST_JAIL)
    name = _longest((entry.name for entry in shown), LEAST_NAME, MOST_NAME)
    need = min(name, ENOUGH_NAME)
    room = width - 1 - jail - need - 2 * between
    keys, room = affordable(ranked(COLUMNS), room, between)
    chosen = [column for column in COLUMNS if not column.rank or column.key in keys]
    return sized(chosen, {"jail": jail, "name": min(name, need + max(room, 0))})


def _longest(names: Iterable[str], least: int, most: int) -> int:
    longest = max((cell_len(sanitize(name)) for name in names), default=0)
    return max(least, min(longest, most))


def cells(entry: Entry, columns: Sequence[Column], now: float, *, first: bool) -> tuple[Span, ...]:
    """The cells of a row; the jail's name is strong in the `first` of its rows."""
    spans: dict[str, Span] = {
        "jail": (sanitize(entry.owner), "strong" if first else "dim"),
        "name": (sanitize(entry.name), "text" if entry.whole else "dim"),
        "age": (age(entry, now), "text"),
        "used": (human_bytes(entry.used), "text"),
        "refer": (human_bytes(sum(part.referenced for part in entry.parts)), "text"),
        "ties": _ties(entry),
        "made": (entry.made_by, "dim") if entry.made_by else NOTHING,
        "parts": _parts(entry),
    }
    return tuple(spans[column.key] for column in columns)


def age(entry: Entry, now: float) -> str:
    """How old it is."""
    return human_age(int(now - entry.creation))


def _ties(entry: Entry) -> Span:
    """What keeps it from being destroyed."""
    parts = []
    alive = len(entry.clones) - len(entry.away)
    if alive:
        parts.append(f"{alive} clone{'s' if alive > 1 else ''}")
    elif entry.away:
        parts.append("trash")
    if entry.holds:
        parts.append("held")
    return (" ".join(parts), "accent") if parts else NOTHING


def _parts(entry: Entry) -> Span:
    """How many of the jail's datasets have it."""
    if entry.below == 1:
        return NOTHING
    count = len(entry.parts)
    return f"{count}/{entry.below}", "text" if count == entry.below else "warn"


# --- the detail ------------------------------------------------------------------------------


def exact(seconds: int) -> str:
    """A moment in the terminal's own time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def detail(  # noqa: PLR0913, PLR0917 - all that is known of it
    entry: Entry,
    inventory: Inventory,
    later: int,
    tags: Sequence[str] | None,
    glyphs: Glyphs,
    width: int,
) -> list[Line]:
    """What is to be known of a snapshot before something is done with it.

    `later` are newer ones of the same jail; `tags` of its holds are None while they are not read.
    """
    room, short = max(width - 11, 12), width >= BROAD

    def fact(label: str, value: str, tone: str = "text") -> Line:
        return (
            (f"{label:<11}", "dim"),
            (fit(value, room, glyphs).rstrip() if short else value, tone),
        )

    taken = f"{exact(entry.creation)}, {age(entry, inventory.taken)} ago"
    keeps = f"{human_bytes(entry.used)} used by it alone"
    lines: list[Line] = [((sanitize(f"{entry.owner}@{entry.name}"), "title"),)]
    if short:
        lines.append(fact("Taken", f"{taken}; {keeps}"))
    else:
        lines += [fact("Taken", taken), fact("Space", keeps)]
    clones = [sanitize(clone) for clone in entry.clones if clone not in entry.away]
    if clones:
        lines.append(fact("Clones", ", ".join(clones), "accent"))
    if entry.away:
        leaves = ", ".join(sanitize(clone.rpartition("/")[2]) for clone in entry.away)
        lines.append(fact("In trash", leaves, "accent"))
    if entry.holds:
        text = "held" if tags is None else ", ".join(sanitize(tag) for tag in tags)
        lines.append(fact("Holds", text, "accent"))
    if entry.made_by:
        lines.append(fact("Taken by", f"the {entry.made_by} policy, which removes it later"))
    if entry.jail is not None:
        lines.append(fact("Roll back", _meaning(entry, later)))
        children = fates(inventory, entry.top, entry.name, entry.parts)[1:]
        if short and children:
            lines.append(fact("Below", ", ".join(_fate(entry, *child) for child in children)))
        else:
            lines += [_child(entry, glyphs, *child) for child in children]
    return lines


def _meaning(entry: Entry, later: int) -> str:
    if not entry.whole:
        return "not possible: the jail itself has no such snapshot"
    newer = f"; {later} newer go{'es' if later == 1 else ''} there with it" if later else ""
    return f"keeps the current state in the trash{newer}"


def fates(
    inventory: Inventory, top: str, name: str, snapshots: Sequence[Snapshot]
) -> list[tuple[Dataset, bool]]:
    """Each dataset of a jail, and whether it is rolled back."""
    having = {snapshot.dataset for snapshot in snapshots if snapshot.name == name}
    rows: list[tuple[Dataset, bool]] = []
    going: set[str] = set()
    for dataset in inventory.below(top):
        above = dataset.name.rpartition("/")[0]
        goes = dataset.name in having and (dataset.name == top or above in going)
        going |= {dataset.name} if goes else set()
        rows.append((dataset, goes))
    return rows


def _fate(entry: Entry, child: Dataset, goes: bool) -> str:
    name = sanitize(child.name[len(entry.top) + 1 :])
    return f"{name} is rolled back" if goes else f"{name} is unchanged"


def _child(entry: Entry, glyphs: Glyphs, child: Dataset, goes: bool) -> Line:
    sign: Span = (glyphs.done, "ok") if goes else (glyphs.dot, "warn")
    return (("  ", "text"), sign, (f" {_fate(entry, child, goes)}", "text" if goes else "warn"))


def full_names(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The full names for a request: of the top dataset, or else of each part."""
    return tuple(
        snapshot.full_name
        for entry in entries
        for snapshot in (entry.parts[:1] if entry.whole else entry.parts)
    )
