"""What all deeds stand on: the app, and the full screen in front."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from jailer_core.model import Jail
from jailer_tui.context import AppContext
from jailer_tui.screens.app_screen import AppScreen


class Controller:
    """The app, and what is in front."""

    def __init__(self, app: AppContext) -> None:
        self.app = app

    @property
    def face(self) -> AppScreen:
        """The full screen in front, below any dialog."""
        faces = [one for one in self.app.screen_stack if isinstance(one, AppScreen)]
        return faces[-1]

    def on_current(self, work: Callable[[Jail], Coroutine[Any, Any, object]], name: str) -> None:
        """Carry out for the jail under the cursor what `work` makes of it."""
        jail = self.face.current
        if jail is not None:
            self.app.start_task(work(jail), name)
