"""Protocols for what screens, dialogs and controllers may use of the program.

This module imports none of them, and not the program: `JailerApp` implements `AppContext`, and
everything else is typed with it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.worker import Worker

    from jailer_core.model import Inventory, Jail
    from jailer_core.needs import Needs
    from jailer_core.plan import Request
    from jailer_tui.stores.fleet import Fleet
    from jailer_tui.stores.job import Job
    from jailer_tui.stores.jobs import Work
    from jailer_tui.stores.preferences import PreferencesStore
    from jailer_tui.stores.session import HostSession
    from jailer_tui.theme import Glyphs

from jailer_tui.stores.preferences import StoreOwner

T = TypeVar("T")


class Notifier(Protocol):
    """Asks the user, and gives them something."""

    async def ask(self, title: str, text: Sequence[str], verb: str, *, safe: bool = False) -> bool:
        """Ask a question; from within a worker."""

    def to_clipboard(self, text: str) -> None:
        """Give a text to the terminal's clipboard."""


class Navigator(Protocol):
    """The stack of screens."""

    @property
    def screen(self) -> Screen[object]:
        """The screen or dialog in front."""

    @property
    def screen_stack(self) -> Sequence[Screen[Any]]:
        """All open screens, the front one last."""

    def push_screen(
        self, screen: Screen[T], callback: Callable[[T | None], object] | None = None
    ) -> Any:
        """Open a screen or a dialog; `callback` gets its answer."""

    async def push_screen_wait(self, screen: Screen[T]) -> T | Any:
        """Open a dialog and wait for its answer; from within a worker."""

    def pop_screen(self) -> Any:
        """Close what is in front."""

    def open_jail(self, jail: Jail, part: str) -> None:
        """Show one jail on the whole screen."""

    def go_to_jail(self, name: str) -> None:
        """Move the cursor of the table to a jail."""

    def clear_marks(self) -> None:
        """Clear the marks in the table of jails."""

    def filter_jails(self, words: str) -> None:
        """Show only the jails that match in their table."""

    def jail_order(self) -> list[str]:
        """The keys of the jails in the order of the table."""

    def key_of(self, jail: Jail) -> str:
        """The key of a jail's row."""

    def show_work(self, work: Work) -> None:
        """Open the dialog of a job."""

    def leave_work(self, job: Job) -> None:
        """Close the dialog of a job when it is in front."""

    def is_shown(self, work: Work) -> bool:
        """Whether a dialog shows the job."""


class Session(StoreOwner, Protocol):
    """The host that is shown, its state, and its jobs."""

    glyphs: Glyphs
    preferences: PreferencesStore
    fleet: Fleet | None

    @property
    def session(self) -> HostSession:
        """The session of the host that is shown."""

    def show_host(self, session: HostSession) -> None:
        """Show another host."""


class Tasks(Protocol):
    """What runs outside the event loop."""

    def start_task(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run the task of a key; other keys wait until it shows something or ends."""

    def beside(self, work: Coroutine[Any, Any, object], name: str) -> Worker[object]:
        """Run a coroutine in the background."""

    def busy(self) -> AbstractContextManager[None]:
        """Show that the host is being read, when that takes long."""

    def telling(self) -> AbstractContextManager[None]:
        """Tell the user what fails, and go on after it."""

    async def gather(self, asked: Callable[[Inventory], Needs]) -> Inventory | None:
        """The host with what is asked for; None when it was not read, which is told."""

    def call_later(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Call a function after the current message is handled."""

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Other keys for bindings, by their ids."""

    def in_terminal(self, work: Callable[[], str]) -> str:
        """Hand the terminal over for a while."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report a fault in a background task."""


class Runner(Protocol):
    """Prepares, previews and runs requests."""

    async def run(self, request: Request, accepted: Callable[[], object] | None = None) -> None:
        """Prepare, show, ask, run; `accepted` is called before it runs."""

    async def keep(self, job: Job) -> None:
        """Give the confirmation that a job waits for."""


class Dispatcher(Protocol):
    """Performs the actions of keys."""

    async def perform(self, name: str) -> None:
        """Perform an action on the selection, or say why it is not possible."""


class AppContext(Notifier, Navigator, Session, Tasks, Protocol):
    """Everything of the program that its parts may use."""

    theme: str
    elevate_with: str

    @property
    def runner(self) -> Runner:
        """Runs requests."""

    @property
    def dispatcher(self) -> Dispatcher:
        """Does what keys mean."""

    def exit(self, result: int | None = None) -> None:
        """Leave the screen with an exit status."""

    def use_theme(self, name: str) -> None:
        """Show another theme."""

    def refresh(self, *, layout: bool = False) -> Any:
        """Redraw the screen."""

    def action_suspend_process(self) -> None:
        """Stop the program as ctrl-z does."""
