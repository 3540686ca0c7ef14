"""`settings`: what is set, where, and what is wrong with it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

from jailer_core import settings
from jailer_core.settings import Settings
from jailer_core.text import sanitize
from jailer_tui import chosen_keys
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal


def show(invocation: Invocation, terminal: Terminal) -> int:
    """Run `settings`, which needs no host: 1 when there is a mistake in them."""
    loaded = settings.load(os.environ)
    chosen_keys.use(loaded)
    from jailer_tui.setting_checks import mistakes  # noqa: PLC0415 - imports textual

    wrong = mistakes(loaded)
    if invocation.flags.json:
        values = asdict(loaded) | {"mistakes": [asdict(mistake) for mistake in wrong]}
        values["files"] = [str(path) for path in settings.places(os.environ)]
        shown = {name: value for name, value in values.items() if name != "places"}
        terminal.json(shown)
        return 1 if wrong else 0
    for path in settings.places(os.environ):
        terminal.out(f"# {sanitize(str(path))}{'' if path.exists() else ' (does not exist)'}")
    for row in _rows(loaded):
        terminal.out(row)
    for mistake in wrong:
        terminal.fail(sanitize(str(mistake)), sanitize(mistake.hint))
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
