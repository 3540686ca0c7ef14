"""A dialog that stays open until what it asks for runs, so that nothing must be filled in twice."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from jailer_core.errors import JailerError
from jailer_tui.dialogs.base import Dialog

A = TypeVar("A")


class FormDialogBase(Dialog[None], Generic[A]):
    """The code that opened it awaits one `answer` after another; None: it was left."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.busy = False
        self._answers: asyncio.Queue[A | None] = asyncio.Queue()

    async def answer(self) -> A | None:
        """What was filled in, once that is wanted; None when the dialog was left."""
        self.busy = False
        if self.is_open:
            self.draw()
        return await self._answers.get()

    def hand_in(self, answer: A) -> None:
        """Submit the input; ignore further submits until it has been handled."""
        if not self.busy:
            self.busy = True
            self.draw()
            self._answers.put_nowait(answer)

    def draw(self) -> None:
        """Show what is filled in, and whether the host is being asked about it."""

    def refuse(self, error: JailerError) -> None:
        """It cannot be done like that."""
        self.jailer.notify_user(error.message, error.hint)

    def on_unmount(self) -> None:
        """Wake what waits for an answer."""
        self._answers.put_nowait(None)
