"""Choices made inside the program, kept for the next start: theme, columns, order, keys.

A choice goes before the settings file, until that file is given another value for it: each choice
is kept with the value that it replaced.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jailer_core.settings import Settings, files, schema

NAME = "choices.json"
CHOSEN = ("theme", "columns", "sort", "keys")
"""The settings that can be chosen inside the program."""


def apply(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with what was chosen inside the program. Never raises."""
    chosen: dict[str, Any] = {}
    for setting, entry, value, over in _kept(environ):
        present = _present(settings, setting, entry)
        if _plain(present) != over:
            continue
        if entry:
            table = chosen.setdefault(setting, dict(getattr(settings, setting)))
            table[entry] = value
        else:
            chosen[setting] = value
    return replace(settings, **chosen)


def remember(
    environ: Mapping[str, str], settings: Settings, setting: str, entry: str, value: object
) -> str:
    """Keep a choice; None forgets it. `settings` are those of the files.

    Returns why it could not be kept, or "".
    """
    folder = files.folder_to_write(environ)
    if folder is None:
        return "every directory for your settings can be written by others"
    kept = {(name, part): (old, over) for name, part, old, over in _kept(environ)}
    if value is None:
        kept.pop((setting, entry), None)
    else:
        kept[setting, entry] = (_plain(value), _plain(_present(settings, setting, entry)))
    rows = [[*key, *values] for key, values in sorted(kept.items())]
    try:
        files.replace(folder / NAME, json.dumps(rows, indent=1) + "\n")
    except OSError as error:
        return f"{folder / NAME}: {error.strerror}"
    return ""


def _kept(environ: Mapping[str, str]) -> list[tuple[str, str, Any, Any]]:
    """The choices on disk that can be read: setting, entry, value, the value that it replaced."""
    folder = files.folder_to_write(environ)
    try:
        file = None if folder is None else files.read(folder / NAME)
        rows = json.loads(file.text) if file is not None else []
    except (OSError, ValueError, RecursionError):
        return []
    kept = []
    for row in rows if isinstance(rows, list) else []:
        match row:
            case [str(setting), str(entry), value, over] if setting in CHOSEN:
                with contextlib.suppress(ValueError):
                    kept.append((setting, entry, schema.BY_NAME[setting].read(value), over))
    return kept


def _present(settings: Settings, setting: str, entry: str) -> object:
    value = getattr(settings, setting)
    return value.get(entry) if entry else value


def _plain(value: object) -> object:
    """The value as JSON returns it."""
    return list(value) if isinstance(value, tuple) else value
