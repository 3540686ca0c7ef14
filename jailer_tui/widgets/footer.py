"""The keys at the bottom, from the table of actions: none that is refused now. A click works."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import Click, Resize

from jailer_tui.actions import Action, Situation, first_key
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.widgets.lines import Bar


class Footer(Bar):
    """As many actions as there is room for, the most important ones that are possible now."""

    DEFAULT_CSS = """
    Footer { dock: bottom; }
    """

    def __init__(self, actions: Sequence[Action], situation: Callable[[], Situation]) -> None:
        super().__init__(id="footer")
        self._actions = tuple(actions)
        self._situation = situation
        self._shown: tuple[Action, ...] = ()
        self._instead: Line = ()

    def on_mount(self) -> None:
        """Draw what is there from the start."""
        self.update()

    def on_resize(self, _event: Resize) -> None:
        """More room, more keys; textual calls the one of Lines as well."""
        self.update()

    def offer(self, actions: Sequence[Action]) -> None:
        """Show other actions than before."""
        self._actions = tuple(actions)
        self.update()

    def say(self, line: Line) -> None:
        """Show this in place of the keys; nothing: the keys again."""
        self._instead = line
        self.update()

    def update(self) -> None:
        """Something that decides what is possible has changed."""
        if self._instead:
            self.show(self._instead)
            return
        if not self._actions:
            return
        now = self._situation()
        self._shown = self._fitting([one for one in self._actions if not one.why_not(now)])
        spans: list[Span] = []
        for action in self._shown:
            spans += [(f" {first_key(action)}", "key"), (f" {action.label} ", "text")]
        self.show(tuple(spans))

    def _fitting(self, actions: Sequence[Action]) -> tuple[Action, ...]:
        """`Help` and the commands are always among them: with them one finds all others."""
        width = self.size.width or 80
        last = [action for action in actions if action.id in ("palette", "help", "leave")]
        room = width - sum(_width(action) for action in last)
        chosen = []
        for action in actions:
            if action in last:
                continue
            if _width(action) > room:
                break
            room -= _width(action)
            chosen.append(action)
        return (*chosen, *last)

    async def on_click(self, event: Click) -> None:
        """As if its key had been pressed."""
        x = 0
        for action in () if self._instead else self._shown:
            if x <= event.x < x + _width(action):
                await self.screen.run_action(action.binding.action)
                return
            x += _width(action)


def _width(action: Action) -> int:
    return len(first_key(action)) + len(action.label) + 3
