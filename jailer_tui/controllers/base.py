"""The base class of all controllers: the program, and handlers by action id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jailer_core.plan import Request
from jailer_tui.actions import Selection
from jailer_tui.context import AppContext

Handler = Callable[[Selection], object]


class Controller:
    """Does some actions; none of its methods asks a screen for anything but the selection."""

    def __init__(self, app: AppContext) -> None:
        self.app = app

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action, by its id."""
        raise NotImplementedError

    def run(self, request: Request, selection: Selection | None = None) -> None:
        """Preview a request and run it."""
        accepted = selection.accepted if selection is not None else None
        self.app.start_task(self.app.runner.run(request, accepted), request.op)
