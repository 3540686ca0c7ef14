"""Actions on consoles, on every screen."""

from __future__ import annotations

from textual.app import SuspendNotSupported

from jailer_core import jail_console
from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.console.raw_terminal import whole
from jailer_tui.controllers.base import WorkContext
from jailer_tui.key_hints import told
from jailer_tui.screens.console import ConsoleScreen


def open_console(app: WorkContext, jail: Jail) -> None:
    """In the tab, which is gone to; into the one that is open when there is one."""
    screen = app.screen
    if isinstance(screen, ConsoleScreen):
        screen.go_to(jail)
        return
    while len(app.screen_stack) > 1:
        app.pop_screen()
    app.push_screen(ConsoleScreen(app.view, jail))


def full_terminal(app: WorkContext, jail: Jail) -> None:
    """On the real terminal: the screen waits, and all its readers with it."""
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
    """Whether the programs in open consoles may end with this one."""
    names = [console.label for console in app.session.consoles.alive]
    if not names:
        return True
    lines = [
        "These consoles are open; everything running in them will end:",
        *(f"  {name}" for name in names),
    ]
    return await app.ask("Leave?", lines, "Leave")
