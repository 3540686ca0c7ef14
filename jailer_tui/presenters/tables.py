"""Every table with columns that can be chosen, by the name that settings have for it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from jailer_core.settings import Settings
from jailer_tui.presenters import jails
from jailer_tui.presenters.jails import Column

TABLES: Mapping[str, Sequence[Column]] = {"jails": jails.SORTABLE}
"""The columns of each table that have a title; others are always shown."""


def order_in(settings: Settings, table: str, known: Container[str]) -> tuple[str, bool]:
    """By which column a table is sorted at first, and whether in reverse."""
    text = settings.sort.get(table, "name")
    key = text.removeprefix("-")
    return (key, text.startswith("-")) if key in known else ("name", False)


def named_filter(settings: Settings, words: str) -> str:
    """What is filtered by: `=NAME` is the filter that settings have under that name."""
    return settings.filters.get(words[1:], words) if words.startswith("=") else words


def as_setting(order: tuple[str, bool]) -> str:
    """An order as settings have it."""
    key, reverse = order
    return f"-{key}" if reverse else key
