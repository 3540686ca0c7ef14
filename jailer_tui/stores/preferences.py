"""The settings in force, and what is chosen inside the program: kept, and shown at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jailer_core.settings import Settings, choices
from jailer_tui.stores.owner import StoreOwner


@dataclass(frozen=True, slots=True)
class Preferences:
    """The settings of the files, and where choices are kept; `environ` None: nowhere."""

    settings: Settings = Settings()  # noqa: RUF009 - frozen
    environ: Mapping[str, str] | None = None


class PreferencesStore:
    """The app holds it."""

    def __init__(self, app: StoreOwner, preferences: Preferences) -> None:
        self.app = app
        self._files = preferences.settings
        self._environ = preferences.environ
        self.settings = self._files
        if self._environ is not None:
            self.settings = choices.apply(self._files, self._environ)

    def choose(self, setting: str, entry: str, value: object) -> None:
        """Use this from now on, here and after a restart."""
        present = getattr(self.settings, setting)
        changes: dict[str, Any] = {setting: {**present, entry: value} if entry else value}
        self.settings = replace(self.settings, **changes)
        self.app.set_view(replace(self.app.view, settings=self.settings))
        if self._environ is not None:
            why = choices.remember(self._environ, self._files, setting, entry, value)
            if why:
                self.app.notify_user("this choice is not kept", why)
