"""`settings`: what is set, where, and what is wrong with it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

from jailer_core import settings
from jailer_core.settings import Settings
from jailer_core.text import sanitize
from jailer_tui import chosen_keys
from jailer_tui.cli.session import Session


async def show(session: Session, _operands: tuple[str, ...]) -> int:
    """Run `settings`: 1 when there is a mistake in them."""
    loaded = settings.load(os.environ)
    chosen_keys.use(loaded)
    from jailer_tui.setting_checks import mistakes  # noqa: PLC0415 - imports textual

    wrong = mistakes(loaded)
    if session.flags.json:
        values = asdict(loaded) | {"mistakes": [asdict(mistake) for mistake in wrong]}
        values["files"] = [str(path) for path in settings.places(os.environ)]
        session.json({name: value for name, value in values.items() if name != "places"})
        return 1 if wrong else 0
    for path in settings.places(os.environ):
        session.terminal.out(
            f"# {sanitize(str(path))}{'' if path.exists() else ' (does not exist)'}"
        )
    for row in _rows(loaded):
        session.terminal.out(row)
    for mistake in wrong:
        session.terminal.fail(sanitize(str(mistake)), sanitize(mistake.hint))
    return 1 if wrong else 0


def _rows(loaded: Settings) -> list[str]:
    """Each setting that is set, with its place."""
    rows = []
    for path, (file, line) in loaded.places.items():
        if path[0] == "command":
            shown = next(own.label for own in loaded.commands if own.key == path[1])
        elif path[0] == "host":
            shown = "{…}"
        else:
            value = getattr(loaded, path[0])
            shown = json.dumps(value[path[1]] if len(path) > 1 else value, ensure_ascii=False)
        rows.append(
            f"{'.'.join(map(sanitize, path))} = {sanitize(shown)}  # {sanitize(file)}:{line}"
        )
    return rows
