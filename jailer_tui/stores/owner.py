"""The protocol of the program that owns the stores."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from jailer_core.facts import Reader
from jailer_tui.state import AppState
from jailer_tui.stores.jobs import Jobs


class Speaker(Protocol):
    """The program, as far as stores need it: it tells the user something, and reads for them."""

    def notify_user(self, message: str, hint: str = "", *, bad: bool = True) -> None:
        """Show a message for a few seconds."""

    def run_worker(
        self,
        work: Coroutine[Any, Any, Any],
        *,
        group: str = "default",
        exclusive: bool = False,
        exit_on_error: bool = True,
    ) -> object:
        """Run in the background."""

    def ring_bell(self) -> None:
        """Ring the bell, at most once a second."""

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence to the terminal."""


class StoreOwner(Speaker, Protocol):
    """The owner of a store: holds the state, and runs the store's readings."""

    @property
    def reader(self) -> Reader:
        """Reads the host."""

    @property
    def jobs(self) -> Jobs:
        """The jobs of the host."""

    @property
    def view(self) -> AppState:
        """The state to show."""

    def set_view(self, view: AppState) -> None:
        """Show another state."""
