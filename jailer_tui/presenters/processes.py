"""The processes of a jail as a table: pure, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from jailer_core.model import Process
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import Column, Span, gap, natural, percent

USER = 10
COMMAND = 20
"""Least cells for the command; it gets all that is left."""

JAIL = Column("jail", "JAIL", 12, 0, title="Jail")
"""Only where the processes of several jails are shown."""
COLUMNS = (
    Column("pid", "PID", 6, 0, right=True, title="Process id"),
    Column("user", "USER", USER, 1, title="User"),
    Column("cpu", "CPU", 5, 0, right=True, title="CPU use"),
    Column("memory", "MEM", 5, 2, right=True, title="Memory use"),
    Column("age", "TIME", 7, 3, right=True, title="Time since its start"),
    Column("state", "STAT", 5, 4, title="State"),
    Column("parent", "PPID", 6, 5, right=True, title="Parent"),
    Column("command", "COMMAND", COMMAND, 0, title="Command"),
)
BY_KEY = {column.key: column for column in (JAIL, *COLUMNS)}


def columns_for(width: int, *, jails: bool = False) -> tuple[Column, ...]:
    """The columns that fit in so many cells, without scrollbar; `jails`: with that of the jail."""
    between = gap(width)
    every = (JAIL, *COLUMNS) if jails else COLUMNS
    chosen = [one for one in every if one.rank == 0]
    room = width - 1 - sum(one.width + between for one in chosen)
    for one in sorted((one for one in COLUMNS if one.rank), key=lambda column: column.rank):
        if room < one.width + between:
            break
        room -= one.width + between
        chosen.append(one)
    keys = {one.key for one in chosen}
    command = COMMAND + max(room, 0)
    return tuple(
        Column("command", "COMMAND", command, 0, title=one.title) if one.key == "command" else one
        for one in every
        if one.key in keys
    )


_CELLS: dict[str, Callable[[Process], Span]] = {
    "pid": lambda one: (str(one.pid), "text"),
    "user": lambda one: (sanitize(one.user), "text"),
    "cpu": lambda one: (percent(one.cpu), "text" if one.cpu >= 0.05 else "dim"),
    "memory": lambda one: (human_bytes(one.memory), "text"),
    "age": lambda one: (human_age(one.age), "text"),
    "state": lambda one: (sanitize(one.state), "warn" if one.state.startswith("T") else "dim"),
    "parent": lambda one: (str(one.parent), "dim"),
    "command": lambda one: (sanitize(one.command), "strong"),
}


def cells(
    process: Process,
    columns: Sequence[Column],
    names: Mapping[int, str] = MappingProxyType({}),
    depth: int = 0,
) -> tuple[Span, ...]:
    """The cells of a process; `depth` is how far it is below the top of its tree."""
    found: list[Span] = []
    for column in columns:
        if column.key == "jail":
            found.append((sanitize(names.get(process.jid, "?")), "accent"))
            continue
        text, tone = _CELLS[column.key](process)
        found.append(("  " * depth + text if column.key == "command" else text, tone))
    return tuple(found)


def as_tree(processes: Sequence[Process]) -> list[tuple[Process, int]]:
    """Each process below the one that started it, with its depth; siblings keep their order."""
    known = {process.pid for process in processes}
    below: dict[int, list[Process]] = {}
    for process in processes:
        parent = process.parent if process.parent in known and process.parent != process.pid else 0
        below.setdefault(parent, []).append(process)
    found: list[tuple[Process, int]] = []
    waiting = [(process, 0) for process in reversed(below.pop(0, []))]
    while waiting:
        process, depth = waiting.pop()
        found.append((process, depth))
        waiting += [(child, depth + 1) for child in reversed(below.pop(process.pid, []))]
    # parents that go round in a circle cannot be, but what ps prints is read while things change
    return found + [(process, 0) for rest in below.values() for process in rest]


_KEYS: dict[str, Callable[[Process], object]] = {
    "user": lambda one: natural(one.user),
    "cpu": lambda one: -one.cpu,
    "memory": lambda one: -one.memory,
    "age": lambda one: one.age,
    "state": lambda one: one.state,
    "parent": lambda one: one.parent,
    "command": lambda one: natural(one.command),
}


def in_order(
    found: Sequence[Process],
    key: str,
    *,
    reverse: bool,
    names: Mapping[int, str] = MappingProxyType({}),
) -> list[Process]:
    """Sorted by a column, then by pid."""
    by_pid = sorted(found, key=lambda one: one.pid)
    if key == "jail":
        return sorted(by_pid, key=lambda one: natural(names.get(one.jid, "")), reverse=reverse)
    if key not in _KEYS:
        return by_pid[::-1] if reverse else by_pid
    value = _KEYS[key]
    return sorted(by_pid, key=value, reverse=reverse)  # type: ignore[arg-type]


def matches(process: Process, words: str, jail: str = "") -> bool:
    """Whether every word is in its command, user, pid, state or jail; `!word` must not be."""
    parts = (process.command, process.user, str(process.pid), process.state, jail)
    text = " ".join(map(sanitize, parts)).casefold()
    return all(
        word[1:] not in text if word.startswith("!") and len(word) > 1 else word in text
        for word in words.casefold().split()
    )
