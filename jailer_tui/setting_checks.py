"""Mistakes in settings that only the screen can find: names of keys, tables, columns, themes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from textual.theme import BUILTIN_THEMES

from jailer_core.settings import Mistake, Settings
from jailer_tui import theme
from jailer_tui.actions import BY_ID
from jailer_tui.chosen_keys import CHOSEN
from jailer_tui.presenters.tables import TABLES, columns_of


def mistakes(settings: Settings) -> tuple[Mistake, ...]:
    """All mistakes: first those of the files, then those that are found here."""
    return (
        *settings.mistakes,
        *_theme(settings),
        *_columns(settings),
        *_keys(settings),
    )


def _theme(settings: Settings) -> Iterable[Mistake]:
    known = (theme.AUTO, *theme.SHORT, *BUILTIN_THEMES)
    if settings.theme not in known:
        yield _unknown(settings, ("theme", ""), "theme", settings.theme, known)


def _columns(settings: Settings) -> Iterable[Mistake]:
    """Those of tables, and the one that each is sorted by."""
    shown = [("columns", table, names) for table, names in settings.columns.items()]
    sorts = [("sort", table, (name.removeprefix("-"),)) for table, name in settings.sort.items()]
    for setting, table, names in (*shown, *sorts):
        if table not in TABLES:
            yield _unknown(settings, (setting, table), "table", table, TABLES)
            continue
        known = [column.key for column in columns_of(table)]
        for name in names:
            if name not in known:
                yield _unknown(settings, (setting, table), "column", name, known)


def _keys(settings: Settings) -> Iterable[Mistake]:
    for (setting, entry), message in CHOSEN.wrong.items():
        yield settings.mistake(setting, entry, message, "The default stays.")
    for name in settings.keys:
        if name not in BY_ID:
            yield _unknown(settings, ("keys", name), "action", name, BY_ID)


def _unknown(
    settings: Settings, place: tuple[str, str], kind: str, name: str, known: Iterable[str]
) -> Mistake:
    """A name that does not exist, with those that may be meant, or are known."""
    names = list(known)
    near = get_close_matches(name, names, 3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(names[:12])}."
    return settings.mistake(*place, f"there is no {kind} {name}", hint)
