"""Keys one after the other: each means what it means once the one before has done its work.

A burst of keys (typed fast, pasted, or over a slow line) would otherwise be given to whatever has
the focus when it arrives: what is typed behind `/` would act instead of being searched for, and
an answer would reach a dialog that nobody has seen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from jailer_tui.dialogs.base import Dialog

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from jailer_tui.app import JailerApp

PATIENCE = 0.5
"""Seconds after which a screen or a widget that does not answer is not waited for any more."""
GIVE_UP = ("escape", "q", "ctrl+c")
"""Keys that end the preparation of what was asked for."""


class Keyboard:
    """The app holds it, and gives it every key and every paste."""

    def __init__(self, app: JailerApp) -> None:
        self.app = app
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._task: asyncio.Task[None] | None = None

    def take(self, event: events.Key | events.Paste) -> None:
        """Deliver it when its turn has come."""
        self._waiting.append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._deliver_all())

    def stop(self) -> None:
        """The program ends."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _deliver_all(self) -> None:
        while self._waiting and self.app.is_running:
            event = self._waiting.popleft()
            preparing = self.app.preparing
            if preparing is not None:
                if isinstance(event, events.Key) and event.key in GIVE_UP:
                    self.app.give_up()
                continue
            await self._ready(self.app.screen)
            screen = self.app.screen
            if isinstance(screen, Dialog) and not screen.takes(event):
                continue
            target = self.app.focused or screen
            await self.app.deliver(event)
            await self._passed(target)

    async def _ready(self, screen: Screen[object]) -> None:
        """Until it has been drawn, and it is known where keys go."""
        drawn = getattr(screen, "drawn", None)
        if drawn is not None:
            await _patiently(drawn)

    async def _passed(self, target: DOMNode) -> None:
        """Until the key has come from the target up to the app, and then what it brought about."""
        path = [*target.ancestors_with_self, *target.ancestors_with_self, self.app]
        done = asyncio.Event()

        def step(index: int) -> None:
            while index < len(path):
                if path[index].call_later(step, index + 1):
                    return
                index += 1
            done.set()

        step(0)
        await _patiently(done)


async def _patiently(event: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(event.wait(), PATIENCE)
    except TimeoutError:
        return
