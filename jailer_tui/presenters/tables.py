"""Every table with columns that can be chosen, by the name that settings have for it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from importlib import import_module

from jailer_core.settings import Settings
from jailer_tui.presenters.jails import Column

TABLES = ("jails", "images", "snapshots", "activity", "processes")
"""Each is also the module here that has its columns, imported when it is wanted."""
SORTED = ("jails", "processes")
"""Tables whose order can be chosen."""


def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table that can be chosen; one without a heading is always shown."""
    every: Sequence[Column] = import_module(f"{__package__}.{table}").COLUMNS
    return tuple(column for column in every if column.label)


def chosen_columns(settings: Settings, table: str, fitting: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of a table in the order that was chosen; else those that fit by themselves."""
    wanted = settings.columns.get(table, ())
    if not wanted:
        return tuple(fitting)
    known = {column.key: column for column in (*columns_of(table), *fitting)}
    head = tuple(column for column in fitting if not column.label)
    return (*head, *(known[key] for key in dict.fromkeys(wanted) if key in known))


def order_in(
    settings: Settings, table: str, known: Container[str], usual: str = "name"
) -> tuple[str, bool]:
    """By which column a table is sorted at first, and whether in reverse."""
    text = settings.sort.get(table, usual)
    key = text.removeprefix("-")
    return (key, text.startswith("-")) if key in known else (usual, False)


def named_filter(settings: Settings, words: str) -> str:
    """What is filtered by: `=NAME` is the filter that settings have under that name."""
    return settings.filters.get(words[1:], words) if words.startswith("=") else words


def as_setting(order: tuple[str, bool]) -> str:
    """An order as settings have it."""
    key, reverse = order
    return f"-{key}" if reverse else key
