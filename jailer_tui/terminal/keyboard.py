"""Handle keys one after the other: each takes effect once the one before has done its work.

A burst of keys (typed fast, pasted, or over a slow line) would otherwise be given to whatever has
the focus when it arrives: what is typed behind `/` would act instead of being searched for, and
an answer would reach a dialog that has not been drawn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from textual import events
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from jailer_tui.dialogs.base import Dialog
from jailer_tui.screens.app_screen import AppScreen

if TYPE_CHECKING:
    from textual.dom import DOMNode


PATIENCE = 0.5
"""Seconds to wait for a screen or a widget that does not answer."""
GIVE_UP = ("escape", "q", "ctrl+c")
"""Keys that end the preparation of what was asked for."""


class KeyReceiver(Protocol):
    """The program that keys are for."""

    preparing: Worker[object] | None

    @property
    def focused(self) -> Widget | None:
        """What has the focus."""

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""

    @property
    def screen(self) -> Screen[object]:
        """What is in front."""

    def call_later(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Call it when the present message has been handled."""

    async def deliver(self, event: events.Event) -> None:
        """Give a key to what has the focus."""

    def give_up(self) -> None:
        """Cancel what is being prepared."""


class Keyboard:
    """The app holds it, and gives it every key and every paste."""

    def __init__(self, app: KeyReceiver) -> None:
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
            screen = self.app.screen
            if isinstance(screen, AppScreen | Dialog):  # until it is known where keys go
                await _patiently(screen.drawn)
            screen = self.app.screen
            if isinstance(screen, Dialog) and not screen.takes(event):
                continue
            target = self.app.focused or screen
            await self.app.deliver(event)
            await self._passed(target)

    async def _passed(self, target: DOMNode) -> None:
        """Until the key has come from the target up to the app, and then what it brought about."""
        path: list[DOMNode | KeyReceiver] = [
            *target.ancestors_with_self,
            *target.ancestors_with_self,
            self.app,
        ]
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
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), PATIENCE)
