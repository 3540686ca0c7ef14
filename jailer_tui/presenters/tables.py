"""Every table with columns that can be chosen, by the name that settings have for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, TypeVar

from jailer_core.settings import Settings
from jailer_tui.presenters.jails import Column, Span, descends, natural

TABLES = ("jails", "images", "snapshots", "activity", "processes", "storage")
"""Each is also the module here that has its columns, imported when it is wanted."""


def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table that can be chosen; one without a heading is always shown."""
    every: Sequence[Column] = import_module(f"{__package__}.{table}").COLUMNS
    return tuple(column for column in every if column.label)


def chosen_columns(settings: Settings, table: str, fitting: Sequence[Column]) -> tuple[Column, ...]:
    """The chosen columns of a table in order, else the default ones."""
    chosen = settings.columns.get(table, ())
    if not chosen:
        return tuple(fitting)
    known = {column.key: column for column in (*columns_of(table), *fitting)}
    head = tuple(column for column in fitting if not column.label)
    return (*head, *(known[key] for key in dict.fromkeys(chosen) if key in known))


def order_in(settings: Settings, table: str, usual: tuple[str, bool]) -> tuple[str, bool]:
    """The initial sort column of a table, and whether in reverse."""
    text = settings.sort.get(table, "")
    key = text.removeprefix("-")
    known = any(column.key == key for column in columns_of(table))
    return (key, text.startswith("-")) if known else usual


def named_filter(settings: Settings, words: str) -> str:
    """The filter; `=NAME` is the named filter of the settings."""
    return settings.filters.get(words[1:], words) if words.startswith("=") else words


# --- the order of any table ------------------------------------------------------------------


class Cells(Protocol):
    """A row, as far as its order goes."""

    @property
    def cells(self) -> tuple[Span, ...]:
        """Texts in columns."""


R = TypeVar("R", bound=Cells)
_AMOUNT = re.compile(r"(-?[0-9.]+) ?([BKMGTP]|%|ms|[smhdwy])?(?:\b.*)?$")
_UNITS = {unit: 1024**power for power, unit in enumerate("BKMGTP")} | {
    "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000
}  # fmt: skip


def in_order(rows: Sequence[R], columns: Sequence[Column], key: str, reverse: bool) -> Sequence[R]:
    """The rows sorted by that column, if any."""
    place = next((index for index, column in enumerate(columns) if column.key == key), None)
    if place is None:
        return rows
    down = descends(key, reverse=reverse)
    known = [row for row in rows if row.cells[place][0] not in ("", "-", "?")]
    rest = [row for row in rows if row.cells[place][0] in ("", "-", "?")]
    return [*sorted(known, key=lambda row: _value(row.cells[place][0]), reverse=down), *rest]


def _value(text: str) -> tuple[int, float, object]:
    """Amounts by their size, everything else by its words, numbers in them as numbers."""
    amount = _AMOUNT.match(text.strip())
    if amount is None or text.count(".") > 1:
        return (1, 0.0, natural(text))
    try:
        return (0, float(amount[1]) * _UNITS.get(amount[2] or "", 1), natural(text))
    except ValueError:
        return (1, 0.0, natural(text))
