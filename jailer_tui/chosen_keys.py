"""Keys and commands from the settings, for the table of actions.

Set before anything of the screen is imported: screens take their keys when they are imported, so
that footer, help and palette show the keys that really work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jailer_core.settings import Settings
from jailer_core.settings.schema import OwnCommand


@dataclass(slots=True)
class Chosen:
    """The chosen keys and commands; `wrong` says by setting and entry what is not used, and why."""

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commands: Sequence[OwnCommand] = ()
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)


CHOSEN = Chosen()
"""Those of this run of the program."""


def use(settings: Settings) -> None:
    """Use the keys and commands of these settings in this run."""
    CHOSEN.keys, CHOSEN.commands = settings.keys, settings.commands
