"""The processes of a jail as a table: pure, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jailer_core.model import Process
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import Column, Span, gap, natural, percent

USER = 10
COMMAND = 20
"""Least cells for the command; it gets all that is left."""

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
BY_KEY = {one.key: one for one in COLUMNS}


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns that fit in so many cells, without scrollbar."""
    between = gap(width)
    chosen = [one for one in COLUMNS if one.rank == 0]
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
        for one in COLUMNS
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


def cells(process: Process, columns: Sequence[Column]) -> tuple[Span, ...]:
    """The cells of a process."""
    return tuple(_CELLS[column.key](process) for column in columns)


_KEYS: dict[str, Callable[[Process], object]] = {
    "user": lambda one: natural(one.user),
    "cpu": lambda one: -one.cpu,
    "memory": lambda one: -one.memory,
    "age": lambda one: one.age,
    "state": lambda one: one.state,
    "parent": lambda one: one.parent,
    "command": lambda one: natural(one.command),
}


def in_order(found: Sequence[Process], key: str, *, reverse: bool) -> list[Process]:
    """Sorted by a column, then by pid."""
    by_pid = sorted(found, key=lambda one: one.pid)
    if key not in _KEYS:
        return by_pid[::-1] if reverse else by_pid
    value = _KEYS[key]
    return sorted(by_pid, key=value, reverse=reverse)  # type: ignore[arg-type]


def matches(process: Process, words: str) -> bool:
    """Whether every word is in its command, user, pid or state; `!word` must not be."""
    text = f"{sanitize(process.command)} {sanitize(process.user)} {process.pid} {process.state}"
    text = text.casefold()
    return all(
        word[1:] not in text if word.startswith("!") and len(word) > 1 else word in text
        for word in words.casefold().split()
    )
