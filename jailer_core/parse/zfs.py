"""`zfs list -Hp` and `zfs get -Hp`: tab separated, numbers exact, `-` for none."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.model import Dataset, Property, Snapshot
from jailer_core.parse.base import dash, lines, tabbed, truth, whole, wrong

DATASETS = (
    *("name", "guid", "used", "available", "referenced", "origin", "creation", "mounted"),
    *("jailed", "mountpoint"),
)
"""The mount point is last: it is the only one that may hold tabs and line feeds, and whoever
has a dataset of his own in a jail chooses it."""
SNAPSHOTS = (
    *("name", "guid", "used", "referenced", "creation", "createtxg", "clones", "userrefs"),
)
PROPERTIES = ("name", "property", "value", "source")


def table(text: str, columns: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Rows of `zfs list -Hp -o COLUMNS` or `zfs get -Hp -o COLUMNS` as they are."""
    return tuple(dict(zip(columns, row, strict=True)) for row in tabbed("zfs", text, len(columns)))


def datasets(text: str) -> tuple[Dataset, ...]:
    """`zfs list -Hp -o DATASETS -t filesystem`, parents before children as zfs sorts them."""
    rows: list[list[str]] = []
    for line in lines(text):
        row = line.split("\t", len(DATASETS) - 1)
        if len(row) == len(DATASETS):
            rows.append(row)
        elif rows:
            rows[-1][-1] += f"\n{line}"
        else:
            wrong("zfs list", f"{len(row)} columns instead of {len(DATASETS)}", line)
    return tuple(_dataset(row) for row in rows)


def _dataset(row: list[str]) -> Dataset:
    name, guid, used, available, referenced, origin, creation, mounted, jailed, mountpoint = row
    return Dataset(
        name=name,
        guid=str(whole("zfs list", guid)),
        used=whole("zfs list", used),
        available=whole("zfs list", available),
        referenced=whole("zfs list", referenced),
        mountpoint=mountpoint if mountpoint.startswith("/") else "",
        origin=dash(origin),
        creation=whole("zfs list", creation),
        mounted=truth("zfs list", mounted),
        jailed=truth("zfs list", jailed),
    )


def snapshots(text: str) -> tuple[Snapshot, ...]:
    """`zfs list -Hp -o SNAPSHOTS -t snapshot`, as recording 05 lines 17 and 18 show the columns."""
    return tuple(_snapshot(row) for row in tabbed("zfs list", text, len(SNAPSHOTS)))


def _snapshot(row: list[str]) -> Snapshot:
    name, guid, used, referenced, creation, createtxg, clones, holds = row
    dataset, at, short = name.partition("@")
    if not at:
        wrong("zfs list", "no snapshot", name)
    return Snapshot(
        dataset=dataset,
        name=short,
        guid=guid,
        used=whole("zfs list", used),
        referenced=whole("zfs list", referenced),
        creation=whole("zfs list", creation),
        createtxg=whole("zfs list", createtxg),
        clones=tuple(dash(clones).split(",")) if dash(clones) else (),
        holds=whole("zfs list", dash(holds) or "0"),
    )


def properties(text: str) -> tuple[Property, ...]:
    """`zfs get -Hp -o name,property,value,source …` (recording 02 line 47, 11 line 18).

    A source is `local`, `received`, `default`, `-`, or `inherited from DATASET`. A value of a
    user property may hold tabs: then the columns in the middle belong to it.
    """
    found = []
    for line in text.split("\n"):
        if not line:
            continue
        parts = line.split("\t")
        if len(parts) < len(PROPERTIES):
            wrong("zfs get", "too few columns", line)
        found.append(Property(parts[0], parts[1], "\t".join(parts[2:-1]), parts[-1]))
    return tuple(found)


def holds(text: str) -> tuple[tuple[str, str, int], ...]:
    """`zfs holds -Hp` (recording 05 line 23): snapshot, tag, seconds since 1970."""
    found = []
    for line in lines(text):
        name, _, rest = line.partition("\t")
        tag, tab, when = rest.rpartition("\t")
        if not tab:
            wrong("zfs holds", "too few columns", line)
        found.append((name, tag, whole("zfs holds", when)))
    return tuple(found)


def reclaimed(text: str) -> int:
    """Bytes that `zfs destroy -nvp` says would come back (recording 11 line 30, freebsd.md)."""
    total = 0
    for line in lines(text):
        word, _, number = line.partition("\t")
        if word == "reclaim":
            total += whole("zfs destroy", number)
    return total
