"""`zfs list` and `zfs get`: choosing, sorting, and printing as tabs, columns or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jailer_core.simulator.kernel.machine import Running, Say
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.state import SimDataset
from jailer_core.simulator.zfs.properties import (
    ALIASES,
    ALL,
    KNOWN,
    OF_KEYS,
    SNAPSHOT_ALL,
    is_user_property,
)
from jailer_core.simulator.zfs.store import Mark, Snap, Zfs, not_simulated
from jailer_core.simulator.zfs.values import Properties, Thing, Value, printed

TYPES = {"fs": "filesystem", "snap": "snapshot", "vol": "volume", "bookmark": "bookmark"}
LEFT = frozenset({"name", "mountpoint", "origin", "clones", "property", "value", "source"})
HEADINGS = {"available": "AVAIL", "referenced": "REFER", "compressratio": "RATIO"}


@dataclass
class Selection:
    """Which datasets and snapshots a command is about; `missing` are refusals to open."""

    zfs: Zfs
    types: frozenset[str]
    depth: int
    found: dict[str, Thing] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """A dataset or snapshot by name, with what lies below it as deep as asked."""
        zfs = self.zfs
        if "@" in name or "#" in name:
            thing = zfs.find_snapshot(name) if "@" in name else zfs.find_bookmark(name)
            if thing is None:
                self.missing.append(f"cannot open '{name}': dataset does not exist")
            else:
                self.found[name] = thing
            return
        if name not in zfs.state.datasets:
            self.missing.append(f"cannot open '{name}': dataset does not exist")
            return
        for dataset in zfs.below(name):
            level = dataset.name.count("/") - name.count("/")
            if level <= self.depth:
                self._take(dataset, snapshots=level < self.depth)

    def everything(self) -> None:
        """All that there is."""
        for dataset in self.zfs.state.datasets.values():
            self._take(dataset, snapshots=True)

    def _take(self, dataset: SimDataset, *, snapshots: bool) -> None:
        if ("volume" if dataset.volsize else "filesystem") in self.types:
            self.found[dataset.name] = dataset
        if "snapshot" in self.types and snapshots:
            for snapshot in dataset.snapshots:
                snap = Snap(dataset, snapshot)
                self.found[snap.name] = snap
        if "bookmark" in self.types and snapshots:
            for bookmark in dataset.bookmarks:
                mark = Mark(dataset, bookmark)
                self.found[mark.name] = mark

    def sorted(self) -> list[Thing]:
        """By dataset, snapshots after their dataset by age."""
        return sorted(self.found.values(), key=_order)


def _order(what: Thing) -> tuple[str, int]:
    """Snapshots were found oldest first, and sorting leaves them so; bookmarks follow them."""
    if isinstance(what, SimDataset):
        return what.name, 0
    return what.dataset.name, 1 if isinstance(what, Snap) else 2


def type_words(text: str, default: str) -> frozenset[str]:
    """The types of `-t`."""
    words = [TYPES.get(word, word) for word in (text or default).split(",")]
    if "all" in words:
        return frozenset(("filesystem", "snapshot", "volume", "bookmark"))
    return frozenset(words)


def _depth(options: Options, types: frozenset[str], names: Sequence[str]) -> int:
    if options.has("d"):
        return int(options.value("d"))
    if options.has("r") or not names:
        return 1 << 30
    return 1 if types <= {"snapshot", "bookmark"} else 0  # bookmark: not recorded


def columns(text: str) -> list[str]:
    """The properties of `-o`, their short names made long."""
    names = [ALIASES.get(word.lower(), word) for word in text.split(",")]
    bad = next((name for name in names if name not in KNOWN and not is_user_property(name)), None)
    if bad is not None:
        raise not_simulated(f"the property {bad}")
    return names


# --- list ------------------------------------------------------------------------------------


def list_command(zfs: Zfs, args: Sequence[str]) -> Running:
    """`zfs list`."""
    options = Options.parse(args, "Hprj", "otdsS", ("json-int",))
    types = type_words(options.value("t"), "filesystem,volume")
    names = options.rest
    chosen = Selection(zfs, types, _depth(options, types, names))
    for name in names:
        chosen.add(name)
    if not names:
        chosen.everything()
    for line in chosen.missing:
        yield Say(line + "\n", error=True)
    fields = columns(options.value("o") or "name,used,available,referenced,mountpoint")
    props = Properties(zfs)
    things = _sort(chosen.sorted(), options, props)
    if options.has("j"):
        yield Say(_json_of(things, fields, props, "zfs list", options))
    elif things:
        yield Say(_rows(things, fields, props, options))
    elif not names:  # not recorded
        yield Say("no datasets available\n", error=True)
    return 1 if chosen.missing else 0


def _sort(things: list[Thing], options: Options, props: Properties) -> list[Thing]:
    for flag in ("s", "S"):
        if options.has(flag):
            name = columns(options.value(flag))[0]
            things = sorted(
                things,
                key=lambda one: _sortable(props.value(one, name)[0]),
                reverse=flag == "S",
            )
    return things


def _sortable(value: Value) -> tuple[int, int, str]:
    return (0, value, "") if isinstance(value, int) else (1, 0, value)


def _rows(things: list[Thing], fields: list[str], props: Properties, options: Options) -> str:
    exact = options.has("p")
    table = [
        [printed(name, props.value(one, name)[0], exact=exact) for name in fields] for one in things
    ]
    if options.has("H"):
        return "".join("\t".join(row) + "\n" for row in table)
    heads = [HEADINGS.get(name, name.upper()) for name in fields]
    return aligned([heads, *table], [name in LEFT for name in fields])


def aligned(table: list[list[str]], left: list[bool]) -> str:
    """Columns two blanks apart; the last one is not padded when it is left-aligned."""
    widths = [max(len(row[index]) for row in table) for index in range(len(left))]
    lines = []
    for row in table:
        cells = [
            cell.ljust(width) if is_left else cell.rjust(width)
            for cell, width, is_left in zip(row, widths, left, strict=True)
        ]
        if left[-1]:
            cells[-1] = row[-1]
        lines.append("  ".join(cells) + "\n")
    return "".join(lines)


# --- JSON ------------------------------------------------------------------------------------


def _json_of(
    things: list[Thing], fields: Sequence[str], props: Properties, command: str, options: Options
) -> str:
    raw = options.has("json-int")
    datasets: dict[str, Any] = {}
    for one in things:
        names = [name for name in fields if name != "name"]
        datasets[one.name] = _head(one, raw=raw) | {
            "properties": {name: _json_value(props, one, name, options) for name in names}
        }
    return json_answer(command, {"datasets": datasets})


def json_answer(command: str, body: dict[str, Any]) -> str:
    """A JSON answer of zfs(8) or zpool(8), in one line."""
    head = {"output_version": {"command": command, "vers_major": 0, "vers_minor": 1}}
    return json.dumps(head | body, separators=(",", ":"), ensure_ascii=False) + "\n"


def _head(one: Thing, *, raw: bool) -> dict[str, Any]:
    if isinstance(one, Mark) or (isinstance(one, SimDataset) and one.volsize):
        raise not_simulated("JSON of volumes and bookmarks")
    snap = one if isinstance(one, Snap) else None
    txg = one.snapshot.createtxg if isinstance(one, Snap) else one.createtxg
    head: dict[str, Any] = {
        "name": one.name,
        "type": "SNAPSHOT" if snap else "FILESYSTEM",
        "pool": one.name.partition("/")[0].partition("@")[0],
        "createtxg": txg if raw else str(txg),
    }
    if snap is not None:
        head |= {"dataset": snap.dataset.name, "snapshot_name": snap.snapshot.name}
    return head


def _json_value(props: Properties, one: Thing, name: str, options: Options) -> dict[str, Any]:
    value, source = props.value(one, name)
    shown: Value = value
    if not options.has("json-int"):
        shown = printed(name, value, exact=options.has("p"))
    return {"value": shown, "source": _json_source(source)}


def _json_source(source: str) -> dict[str, str]:
    if source.startswith("inherited from "):
        return {"type": "INHERITED", "data": source.removeprefix("inherited from ")}
    return {"type": {"-": "NONE"}.get(source, source.upper()), "data": "-"}


# --- get -------------------------------------------------------------------------------------


def get_command(zfs: Zfs, args: Sequence[str]) -> Running:
    """`zfs get`."""
    options = Options.parse(args, "Hprj", "otds", ("json-int",))
    asked, *names = options.rest or [""]
    wanted = None if asked == "all" else columns(asked)
    types = type_words(options.value("t"), "filesystem,volume,snapshot")
    chosen = Selection(zfs, types, _depth(options, types, names))
    for name in names:
        chosen.add(name)
    if not names:
        chosen.everything()
    for line in chosen.missing:
        yield Say(line + "\n", error=True)
    props = Properties(zfs)
    things = chosen.sorted()
    if options.has("j"):
        fields = wanted if wanted is not None else list(ALL)
        yield Say(_json_of(things, fields, props, "zfs get", options))
    else:
        yield Say(_property_rows(list(_gotten(things, wanted, props, options)), options))
    return 1 if chosen.missing else 0


def _gotten(
    things: list[Thing], wanted: list[str] | None, props: Properties, options: Options
) -> Iterator[dict[str, str]]:
    sources = set(options.value("s").split(",")) if options.has("s") else None
    for one in things:
        for name in wanted if wanted is not None else _all_of(one, props):
            value, source = props.value(one, name)
            kind = {"-": "none"}.get(source, source.partition(" ")[0])
            if sources is not None and kind not in sources:
                continue
            text = printed(name, value, exact=options.has("p"))
            yield {
                "name": one.name,
                "property": name,
                "value": text,
                "received": "-",
                "source": source,
            }


def _all_of(one: Thing, props: Properties) -> Iterator[str]:
    if isinstance(one, Mark) or (isinstance(one, SimDataset) and one.volsize):
        raise not_simulated("all properties of a volume or bookmark")
    snap = isinstance(one, Snap)
    for name in SNAPSHOT_ALL if snap else ALL:
        if name == "createtxg" and not snap and props.value(one, "origin")[0] != "-":
            yield "origin"  # not recorded: where it is in the list
        yield name
        if name == "pbkdf2iters" and props.value(one, name)[0] != 0:
            yield from OF_KEYS  # not recorded: where they are in the list
    above = one.dataset.name if isinstance(one, Snap) else one.name
    names: set[str] = set()
    while above:
        names |= {name for name in props.zfs.state.datasets[above].props if ":" in name}
        above = above.rpartition("/")[0]
    yield from sorted(names)


def _property_rows(rows: list[dict[str, str]], options: Options) -> str:
    fields = (options.value("o") or "name,property,value,source").split(",")
    if fields == ["all"]:
        fields = ["name", "property", "value", "received", "source"]
    table = [[row[name] for name in fields] for row in rows]
    if options.has("H"):
        return "".join("\t".join(row) + "\n" for row in table)
    heads = [name.upper() for name in fields]
    return aligned([heads, *table], [True] * len(fields)) if table else ""
