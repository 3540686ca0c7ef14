"""The keys at the bottom, from the table of actions: only those available now. Clickable.

Messages stand above them for a while, in rows of their own: they lie over nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import Click, Resize

from jailer_tui.actions import Action, Situation, first_key
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.presenters.messages import wrapped
from jailer_tui.widgets.lines import Bar, clicked

MOST = 5
"""Rows of messages."""


class Footer(Bar):
    """The footer: the most important actions that are possible now, as many as fit."""

    DEFAULT_CSS = """
    Footer { dock: bottom; height: auto; max-height: 6; }
    """

    def __init__(
        self,
        actions: Sequence[Action],
        situation: Callable[[], Situation],
        *,
        grows: bool = True,
    ) -> None:
        super().__init__(id="footer")
        self._actions = tuple(actions)
        self._situation = situation
        self._shown: tuple[Action, ...] = ()
        self._instead: Line = ()
        self._messages: tuple[Line, ...] = ()
        self._grows = grows
        self._covered = False

    def on_mount(self) -> None:
        """Draw the initial state."""
        self.update()

    def on_resize(self, _event: Resize) -> None:
        """Fit the new width; textual also calls the method of Lines."""
        self.update()

    def offer(self, actions: Sequence[Action]) -> None:
        """Show other actions than before."""
        self._actions = tuple(actions)
        self.update()

    def say(self, line: Line) -> None:
        """Show this line instead of the keys; () shows the keys again."""
        self._instead = line
        self.update()

    def cover(self, *, covered: bool) -> None:
        """Show no keys while a dialog is open above: only its own keys work then."""
        self._covered = covered
        self.update()

    def tell(self, messages: Sequence[Line]) -> None:
        """Show messages above the keys; if it cannot grow, the last one replaces the keys."""
        if tuple(messages) != self._messages:
            self._messages = tuple(messages)
            self.update()

    def show(self, line: Line) -> None:
        """Show this line below the messages."""
        width = self.size.width or 80
        if self._grows:
            told = [row for message in self._messages for row in wrapped(message, width)]
            self.set_lines([*told[-MOST:], line])
        else:
            self.set_lines([*self._messages[-1:], line][:1])

    def update(self) -> None:
        """Draw again: which actions are possible may have changed."""
        if self._covered or self._instead:
            self.show(() if self._covered else self._instead)
            return
        if not self._actions:
            return
        now = self._situation()
        self._shown = self._fitting([action for action in self._actions if not action.why_not(now)])
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
        """Act as if the clicked key had been pressed."""
        keys = not self._instead and event.y == len(self.lines) - 1
        shown = self._shown if keys else ()
        action = clicked(event.x, ((action, _width(action)) for action in shown))
        if action is not None:
            await self.screen.run_action(action.binding.action)


def _width(action: Action) -> int:
    return len(first_key(action)) + len(action.label) + 3
