"""A jail's configuration in the user's editor: on a copy, written only by a plan."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from textual.app import SuspendNotSupported

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.facts import jail_details
from jailer_core.model import Jail
from jailer_core.operations.jails.requests import Edit
from jailer_core.text import sanitize
from jailer_tui.controllers.base import WorkContext


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """$VISUAL, $EDITOR, else vi, as arguments; both may hold flags of their own."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(name, ""))
        except ValueError:
            continue
        if words:
            return words
    return ["vi"]


def edited(text: str, name: str = "jail.conf") -> str:
    """The text as the editor left it; the terminal belongs to the editor until then.

    Editors go by the name of a file.

    Raises OSError when it cannot be started, and ValueError when it ends with an error.
    """
    command = editor_command(os.environ)
    with tempfile.TemporaryDirectory(prefix="jailer-tui-") as folder:
        copy = Path(folder) / name
        copy.touch(mode=0o600)
        copy.write_bytes(text.encode(errors="surrogateescape"))
        status = subprocess.run([*command, str(copy)], check=False).returncode
        if status:
            raise ValueError(f"{command[0]} ended with status {status}: nothing was changed")
        return copy.read_bytes().decode(errors="surrogateescape")


@contextmanager
def editing(app: WorkContext, about: str = "") -> Iterator[None]:
    """Tell the user when the editor fails, with `about` before the reason."""
    try:
        yield
    except (OSError, ValueError) as error:
        app.notify_user(f"{about}{error}")
    except SuspendNotSupported:
        app.notify_user("this terminal cannot be used for an editor")


async def edit(app: WorkContext, jail: Jail | None) -> None:
    """Edit, check, show the difference, write; what cannot be written can be edited again."""
    if jail is None:
        return
    with app.telling(), editing(app):
        old = text = await jail_details.config_text(app.reader.host, jail)
        if not text:
            app.notify_user("it has no configuration file")
            return
        written = False
        while not written:
            text = app.in_terminal(partial(edited, text))
            if text == old:
                app.notify_user("nothing was changed", bad=False)
                return
            written = await _written(app, jail, text)


async def _written(app: WorkContext, jail: Jail, text: str) -> bool:
    """Whether that was it; else the text is to be edited again, and is not lost."""
    try:
        plan = await prepare(app.reader, Edit(jail.name, text))
    except JailerError as error:
        lines = [sanitize(error.message), sanitize(error.hint)]
        return not await app.ask("This cannot be saved", lines, "Edit again", safe=True)
    job = await app.runner.show_and_run(plan)
    if job is None:
        return not await app.ask("Nothing was saved", ["Your text is kept."], "Edit again")
    if job.outcome is None or job.outcome.ok:
        return True
    lines = [sanitize(job.outcome.message), sanitize(job.outcome.hint)]
    if not await app.ask("It was not saved", lines, "Edit again", safe=True):
        return True
    app.leave_work(job)
    return False
