"""The settings in force, and choices made inside the program: saved, and applied at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jailer_core.settings import Settings, choices, load
from jailer_tui.stores.owner import StoreOwner


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
