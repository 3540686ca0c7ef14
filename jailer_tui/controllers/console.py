"""Actions on consoles, the user's editor, and commands of the user's own.

Actions on consoles, on every screen.

Commands of the user's own, run through the same preview as everything else.

A jail's configuration in the user's editor: on a copy, written only by a plan.
"""

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

from jailer_core import jail_console
from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.facts import on_demand
from jailer_core.model import Jail
from jailer_core.operations.in_jail.requests import RunOwnCommand
from jailer_core.operations.jails.requests import Edit
from jailer_core.operations.registry import decide
from jailer_core.settings.schema import OwnCommand
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.actions.chosen import OWN
from jailer_tui.chosen_keys import CHOSEN
from jailer_tui.console.raw_terminal import whole
from jailer_tui.controllers.base import Controller, Handler, WorkContext
from jailer_tui.key_hints import told
from jailer_tui.screens.console import ConsoleScreen
from jailer_tui.stores.events import fill


def open_console(app: WorkContext, jail: Jail) -> None:
    """Open a console in the tab, or go to the one that is open."""
    screen = app.screen
    if isinstance(screen, ConsoleScreen):
        screen.go_to(jail)
        return
    while len(app.screen_stack) > 1:
        app.pop_screen()
    app.push_screen(ConsoleScreen(app.view, jail))


def full_terminal(app: WorkContext, jail: Jail) -> None:
    """Open a console on the real terminal; the screen and its readers wait."""
    if app.jobs.running:
        app.notify_user(told("a change is in progress; {work} shows it"))
        return
    argv = jail_console.argv(jail.jid or 0)
    try:
        with app.telling():
            complaint = app.in_terminal(lambda: whole(app.reader.host, argv, sanitize(jail.name)))
            if complaint:
                app.notify_user(f"{jail.name}: {complaint}")
    except SuspendNotSupported:
        app.notify_user("this terminal cannot be used for a console")


async def may_leave(app: WorkContext) -> bool:
    """Ask whether the programs in open consoles may be ended."""
    names = [console.label for console in app.session.consoles.alive]
    if not names:
        return True
    lines = [
        "These consoles are open; everything running in them will end:",
        *(f"  {name}" for name in names),
    ]
    return await app.ask("Leave?", lines, "Leave")


class OwnCommandController(Controller):
    """Actions from the settings."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each command."""
        return {
            OWN.format(number): partial(self._handle, command)
            for number, command in enumerate(CHOSEN.commands)
        }

    def _handle(self, command: OwnCommand, selection: Selection) -> None:
        about = command.where == "jail" or any("{jail}" in word for word in command.argv)
        jail = selection.jail if about else None
        name = jail.name if jail is not None else ""
        argv = fill(command.argv, {"jail": name, "host": self.app.view.name})
        request = RunOwnCommand(command.label, argv, name, inside=command.where == "jail")
        if command.confirm:
            self.run(request, selection)
        else:
            self.app.start_task(self._at_once(request), request.op)

    async def _at_once(self, request: RunOwnCommand) -> None:
        plan = decide(await self.app.reader.gather(), request)
        await self.app.runner.show_and_run(plan, shown=True)


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """$VISUAL, $EDITOR or vi as an argument list; the variables may contain flags."""
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
    """Edit, check, show the diff, and write; an invalid text can be edited again."""
    if jail is None:
        return
    with app.telling(), editing(app):
        old = text = await on_demand.config_text(app.reader.host, jail)
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
