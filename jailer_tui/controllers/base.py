"""The base class of all controllers: the program, and handlers by action id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from jailer_core.plan import Request
from jailer_tui.actions import Selection
from jailer_tui.context import AppContext

if TYPE_CHECKING:
    from jailer_tui.operation_runner import OperationRunner


class WorkContext(AppContext, Protocol):
    """What controllers may use of the program: all of the runner of operations."""

    @property
    def runner(self) -> OperationRunner:
        """Runs requests."""


Handler = Callable[[Selection], object]


class Controller:
    """Performs actions; of a screen, its methods use only the selection."""

    def __init__(self, app: WorkContext) -> None:
        self.app = app

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action, by id."""
        raise NotImplementedError

    def run(self, request: Request, selection: Selection | None = None) -> None:
        """Preview a request and run it."""
        accepted = selection.accepted if selection is not None else None
        self.app.start_task(self.app.runner.run(request, accepted), request.op)
