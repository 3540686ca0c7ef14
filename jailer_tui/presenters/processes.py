"""The processes of a jail as a table: pure, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from jailer_core.model import Process
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import (
    Column,
    Span,
    affordable,
    gap,
    has_words,
    natural,
    percent,
    ranked,
    sized,
)

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
    """The columns that fit the width, without scrollbar; `jails`: with that of the jail."""
    between = gap(width)
    every = (JAIL, *COLUMNS) if jails else COLUMNS
    room = width - 1 - sum(column.width + between for column in every if not column.rank)
    keys, room = affordable(ranked(COLUMNS), room, between)
    chosen = [column for column in every if not column.rank or column.key in keys]
    return sized(chosen, {"command": COMMAND + max(room, 0)})


_CELLS: dict[str, Callable[[Process], Span]] = {
    "pid": lambda process: (str(process.pid), "text"),
    "user": lambda process: (sanitize(process.user), "text"),
    "cpu": lambda process: (percent(process.cpu), "text" if process.cpu >= 0.05 else "dim"),
    "memory": lambda process: (human_bytes(process.memory), "text"),
    "age": lambda process: (human_age(process.age), "text"),
    "state": lambda process: (
        sanitize(process.state),
        "warn" if process.state.startswith("T") else "dim",
    ),
    "parent": lambda process: (str(process.parent), "dim"),
    "command": lambda process: (sanitize(process.command), "strong"),
}


def cells(
    process: Process,
    columns: Sequence[Column],
    names: Mapping[int, str] = MappingProxyType({}),
    depth: int = 0,
) -> tuple[Span, ...]:
    """The cells of a process; `depth` is how far it is below the top of its tree."""
    spans: list[Span] = []
    for column in columns:
        if column.key == "jail":
            spans.append((sanitize(names.get(process.jid, "?")), "accent"))
            continue
        text, tone = _CELLS[column.key](process)
        spans.append(("  " * depth + text if column.key == "command" else text, tone))
    return tuple(spans)


def as_tree(processes: Sequence[Process]) -> list[tuple[Process, int]]:
    """The processes as a tree, with their depth; siblings keep their order."""
    known = {process.pid for process in processes}
    below: dict[int, list[Process]] = {}
    for process in processes:
        parent = process.parent if process.parent in known and process.parent != process.pid else 0
        below.setdefault(parent, []).append(process)
    rows: list[tuple[Process, int]] = []
    waiting = [(process, 0) for process in reversed(below.pop(0, []))]
    while waiting:
        process, depth = waiting.pop()
        rows.append((process, depth))
        waiting += [(child, depth + 1) for child in reversed(below.pop(process.pid, []))]
    # parents that go round in a circle cannot be, but what ps prints is read while things change
    return rows + [(process, 0) for rest in below.values() for process in rest]


_KEYS: dict[str, Callable[[Process], object]] = {
    "user": lambda process: natural(process.user),
    "cpu": lambda process: -process.cpu,
    "memory": lambda process: -process.memory,
    "age": lambda process: process.age,
    "state": lambda process: process.state,
    "parent": lambda process: process.parent,
    "command": lambda process: natural(process.command),
}


def in_order(
    processes: Sequence[Process],
    key: str,
    *,
    reverse: bool,
    names: Mapping[int, str] = MappingProxyType({}),
) -> list[Process]:
    """Sorted by a column, then by pid."""
    by_pid = sorted(processes, key=lambda process: process.pid)
    if key == "jail":
        return sorted(
            by_pid, key=lambda process: natural(names.get(process.jid, "")), reverse=reverse
        )
    if key not in _KEYS:
        return by_pid[::-1] if reverse else by_pid
    value = _KEYS[key]
    return sorted(by_pid, key=value, reverse=reverse)  # type: ignore[arg-type]


def matches(process: Process, words: str, jail: str = "") -> bool:
    """Whether command, user, pid, state and jail contain every word, and no `!word`."""
    parts = (process.command, process.user, str(process.pid), process.state, jail)
    text = " ".join(map(sanitize, parts)).casefold()
    return has_words(text, words)
