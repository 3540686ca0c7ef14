"""Choose one of a jail's logs: its console log, or a file in its /var/log."""

from __future__ import annotations

from jailer_core import logs
from jailer_core.logs import Place
from jailer_core.model import Jail
from jailer_core.text import human_bytes, sanitize
from jailer_tui.context import AppContext
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Row

CONSOLE = "\0console"
"""The key of its row: no file is called so."""
_FILES = (Column("name", "", 46, 0), Column("size", "", 8, 0, right=True))


async def choose_log(app: AppContext, jail: Jail, now: Place | None) -> Place | None:
    """Let the user choose a log; only from a worker."""
    console = logs.console_log(jail)
    files = None
    with app.telling(), app.busy():
        files = await logs.names(app.reader.host, jail)
    if files is None:
        return None
    rows = [Row(CONSOLE, (("console", "strong"), ("", "dim")))] if console else []
    rows += [
        Row(name, ((sanitize(name), "text"), (human_bytes(size), "dim"))) for name, size in files
    ]
    if not rows:
        app.notify_user(f"{jail.name} has no logs in {logs.FOLDER}")
        return None
    current = CONSOLE if now == console else now.title if now is not None else ""
    dialog = ChoiceDialog("Which log?", _FILES, rows, current)
    chosen = await app.push_screen_wait(dialog)
    if chosen == CONSOLE:
        return console
    return logs.inside_log(jail, chosen) if chosen else None
