"""What the keys that concern consoles do, wherever they are pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from jailer_core import pty
from jailer_core.errors import JailerError
from jailer_core.model import Jail
from jailer_core.text import visible
from jailer_tui.console.plain import whole
from jailer_tui.screens.console import ConsoleScreen

if TYPE_CHECKING:
    from jailer_tui.app import JailerApp


def open_console(app: JailerApp, jail: Jail) -> None:
    """In the tab, which is gone to; into the one that is open when there is one."""
    screen = app.screen
    if isinstance(screen, ConsoleScreen):
        screen.go_to(jail)
        return
    while len(app.screen_stack) > 1:
        app.pop_screen()
    app.push_screen(ConsoleScreen(app.view, jail))


def full_terminal(app: JailerApp, jail: Jail) -> None:
    """On the real terminal: the screen waits, with all that it would read meanwhile."""
    if app.jobs.running:
        app.say("something is being changed: wait for its end")
        return
    argv = pty.argv(jail.jid or 0)
    try:
        said = app.in_terminal(lambda: whole(app.reader.host, argv, visible(jail.name)))
    except JailerError as error:
        app.say(error.message, error.hint)
    except SuspendNotSupported:
        app.say("this terminal cannot be handed to a console")
    else:
        if said:
            app.say(f"{jail.name}: {said}")


async def may_leave(app: JailerApp) -> bool:
    """Whether the programs in open consoles may end with this one."""
    names = [one.label for one in app.consoles.alive]
    if not names:
        return True
    said = ["These consoles are open; what runs in them ends:", *(f"  {one}" for one in names)]
    return await app.ask("Leave?", said, "Leave")
