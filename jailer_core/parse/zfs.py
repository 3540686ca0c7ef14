"""Datasets and pools: zfs and zpool.

`zfs list -Hp` and `zfs get -Hp`: tab separated, numbers exact, `-` for none.

`zpool list -Hp`.

`zpool status` as text: the JSON form needs OpenZFS 2.3.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator

from jailer_core.model import Dataset, Pool, Property, Snapshot, tags
from jailer_core.model.storage import Device, PoolStatus
from jailer_core.parse.base import (
    Parsed,
    dash,
    each,
    joined,
    lines,
    message,
    parsed,
    tabbed,
    truth,
    whole,
    wrong,
)

DATASETS = (
    *("name", "guid", "used", "available", "referenced", "origin", "creation", "mounted"),
    *("jailed", "mountpoint", "type", tags.PROPERTY),
)
"""The mount point and the tags may hold tabs and line feeds: root of a jail sets them on the
datasets that the jail has been given. The type after the mount point tells where it ends."""
_BEFORE = 9
_TYPE = "\tfilesystem\t"
SNAPSHOTS = (
    *("name", "guid", "used", "referenced", "creation", "createtxg", "clones", "userrefs"),
)
PROPERTIES = ("name", "property", "value", "source")


def datasets(text: str) -> Parsed[tuple[Dataset, ...]]:
    """`zfs list -Hp -o DATASETS -t filesystem`, parents before children as zfs sorts them.

    A mount point can be made to look like the row of another dataset. That one has its own row
    as well: of a name that comes twice nothing is known.
    """
    whole_rows = joined(
        lines(text),
        lambda row: row.count("\t") >= _BEFORE,
        lambda record: tags.LINE_END.search(record) is not None,
        again=True,
    )
    rows = each(_dataset, whole_rows)
    count = Counter(row.name for row in rows.value)
    twice = [name for name in count if count[name] > 1]
    problems = (message("zfs list", "two rows for one dataset", name) for name in twice)
    known = tuple(row for row in rows.value if count[row.name] == 1)
    return Parsed(known, (*rows.unread, *problems))


def _dataset(line: str) -> Dataset:
    row = line.split("\t", _BEFORE)
    if len(row) <= _BEFORE or _TYPE not in row[-1]:
        wrong("zfs list", "no dataset", line)
    name, guid, used, available, referenced, origin, creation, mounted, jailed, rest = row
    mountpoint, _, words = rest.rpartition(_TYPE)
    return Dataset(
        name=sys.intern(name),
        guid=str(whole("zfs list", guid)),
        used=whole("zfs list", used),
        available=whole("zfs list", available),
        referenced=whole("zfs list", referenced),
        mountpoint=sys.intern(mountpoint) if mountpoint.startswith("/") else "",
        origin=dash(origin),
        creation=whole("zfs list", creation),
        mounted=truth("zfs list", mounted),
        jailed=truth("zfs list", jailed),
        tags=tags.tags(words),
    )


def snapshots(text: str) -> Parsed[tuple[Snapshot, ...]]:
    """`zfs list -Hp -o SNAPSHOTS -t snapshot`, as recording 05 lines 17 and 18 show the columns."""
    return each(_snapshot, lines(text))


def _snapshot(line: str) -> Snapshot:
    row = tabbed("zfs list", line, len(SNAPSHOTS))
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


def properties(text: str) -> Parsed[tuple[Property, ...]]:
    """`zfs get -Hp -o name,property,value,source …` (recording 02 line 47, 11 line 18).

    A source is `local`, `received`, `default`, `-`, or `inherited from DATASET`. A value of a
    user property may hold tabs: then the columns in the middle belong to it.
    """
    return each(_property, lines(text))


def _property(line: str) -> Property | None:
    if not line:
        return None
    parts = line.split("\t")
    if len(parts) < len(PROPERTIES):
        wrong("zfs get", "too few columns", line)
    return Property(parts[0], parts[1], "\t".join(parts[2:-1]), parts[-1])


def own_properties(text: str) -> Parsed[tuple[Property, ...]]:
    """What is set on datasets themselves, of `zfs get -Hp` without a choice of sources.

    Every dataset has exactly one row for each property. A value with line feeds in it, which
    a jail with a delegated dataset may set, can look like the row of another one:
    then there are two, and nothing of all is known. Raises ParseError.
    """
    rows = properties(text).entire()
    if len({(row.dataset, row.name) for row in rows}) != len(rows):
        wrong("zfs get", "two rows for the same property of a dataset")
    return Parsed(tuple(row for row in rows if row.source in ("local", "received")))


def holds(text: str) -> Parsed[tuple[tuple[str, str, int], ...]]:
    """`zfs holds -Hp` (recording 05 line 23): snapshot, tag, seconds since 1970."""
    return each(_hold, lines(text))


def _hold(line: str) -> tuple[str, str, int]:
    name, _, rest = line.partition("\t")
    tag, tab, when = rest.rpartition("\t")
    if not tab:
        wrong("zfs holds", "too few columns", line)
    return name, tag, whole("zfs holds", when)


def reclaimed(text: str) -> Parsed[int]:
    """Bytes that would be freed according to `zfs destroy -nvp` (recording 11 line 30)."""
    return each(_reclaimed, lines(text)).map(sum)


def _reclaimed(line: str) -> int:
    word, tab, rest = line.partition("\t")
    if word == "reclaim":
        return whole("zfs destroy", rest)
    return 0 if word == "destroy" and tab else wrong("zfs destroy", "an unknown line", line)


POOL_COLUMNS = ("name", "size", "allocated", "free", "health")


def pools(text: str) -> Parsed[tuple[Pool, ...]]:
    """`zpool list -Hp -o name,size,allocated,free,health` (recording 01 line 8).

    A pool that is gone shows `-` for its numbers  # not recorded
    """
    return each(_pool, lines(text))


def _pool(line: str) -> Pool:
    name, *numbers, health = tabbed("zpool list", line, len(POOL_COLUMNS))
    size, allocated, free = (whole("zpool list", dash(number) or "0") for number in numbers)
    return Pool(name, size, allocated, free, health)


_BEGINS = re.compile(r"^(?= *pool: )", re.MULTILINE)
_FIELD = re.compile(
    r" *(pool|state|status|action|see|scan|config|errors|remove|checkpoint): ?(.*)\Z"
)
_PROGRESS = re.compile(r"(\d+(?:\.\d+)?)% done")


def pool_status(text: str) -> Parsed[tuple[PoolStatus, ...]]:
    """Every pool (recording 14). Raises ParseError when there is text, but no pool in it."""
    pools = tuple(_pool_of_status(lines(block)) for block in _BEGINS.split(text)[1:])
    rest = [] if pools or not text.strip() or "no pools available" in text else [text.strip()[:60]]
    return parsed(pools, rest, anything=bool(pools))


def _pool_of_status(rows: list[str]) -> PoolStatus:
    parts: dict[str, list[str]] = {}
    current = ""
    for row in rows:
        field = _FIELD.match(row) if not row.startswith("\t") else None
        if field is not None:
            current = field[1]
            parts.setdefault(current, []).append(field[2])
        elif current:
            parts[current].append(row)

    def words(name: str) -> str:
        return " ".join(" ".join(parts.get(name, [])).split())

    scan = words("scan")
    progress = _PROGRESS.search(scan)
    return PoolStatus(
        words("pool"),
        words("state"),
        words("status"),
        words("action"),
        scan,
        float(progress[1]) if progress else None,
        tuple(_devices(parts.get("config", []))),
        words("errors"),
    )


def _devices(rows: list[str]) -> Iterator[Device]:
    """The rows below the heading: indented by two more for each level."""
    for row in rows:
        text = row.lstrip("\t")
        words = text.split()
        if not words or words[0] == "NAME":
            continue
        depth = (len(text) - len(text.lstrip(" "))) // 2
        # a name alone starts a group: logs, cache, spares
        state = words[1] if len(words) > 1 else ""
        yield Device(words[0], depth, state, tuple(words[2:5]), " ".join(words[5:]))
