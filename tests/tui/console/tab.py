"""The tab of consoles, by keys."""

from __future__ import annotations

from jailer_tui.screens.console import ConsoleScreen
from tests.tui.harness import Stage

SHELL = "-sh (sh)"


def tab(it: Stage) -> ConsoleScreen:
    screen = next(one for one in it.app.screen_stack if isinstance(one, ConsoleScreen))
    assert isinstance(screen, ConsoleScreen)
    return screen


def shells(it: Stage) -> int:
    return sum(one.command == SHELL for one in it.machine.state.processes.values())


async def calm(it: Stage) -> None:
    """Until what was typed has been run and painted."""
    for _ in range(5):
        await it.settle()
        view = tab(it).terminal
        if view._due is not None:
            view._due.cancel()
            view._frame()
    await it.settle()


async def console(it: Stage, name: str = "www0") -> None:
    await it.go_to(name)
    await it.press("t")
    await it.until(lambda: shells(it) > 0, "a shell")
    await calm(it)
