"""The protocol of the program that owns the stores.

The settings in force, and choices made inside the program: saved, and applied at once.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from jailer_core.facts import Reader
from jailer_core.settings import Settings, choices, load
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


@dataclass(frozen=True, slots=True)
class Preferences:
    """The settings, and the place of choices; `environ` None: choices are not kept."""

    settings: Settings = Settings()  # noqa: RUF009 - frozen
    environ: Mapping[str, str] | None = None


class PreferencesStore:
    """The settings in use, with the choices made inside the program."""

    def __init__(self, app: StoreOwner, preferences: Preferences) -> None:
        self.app = app
        self._files = preferences.settings
        self.environ = preferences.environ
        self.settings = self._files
        if self.environ is not None:
            self.settings = choices.apply(self._files, self.environ)

    def choose(self, setting: str, entry: str, value: object) -> None:
        """Use this value now and after a restart; None: the value of the settings."""
        chosen = value
        if value is None:
            value = getattr(self._files, setting).get(entry)
        present = getattr(self.settings, setting)
        changes: dict[str, Any] = {setting: {**present, entry: value} if entry else value}
        if value is None:
            changes[setting].pop(entry)
        self._use(replace(self.settings, **changes))
        if self.environ is not None:
            why = choices.remember(self.environ, self._files, setting, entry, chosen)
            if why:
                self.app.notify_user("this choice is not kept", why)

    def renew(self) -> None:
        """Read the files again."""
        if self.environ is not None:
            self._files = load(self.environ)
            self._use(choices.apply(self._files, self.environ))

    def _use(self, settings: Settings) -> None:
        self.settings = settings
        self.app.set_view(replace(self.app.view, settings=settings))
