"""Words about what was changed: `activity`, `undo`."""

from __future__ import annotations

from jailer_tui.commandline.word import Command

JOURNAL: tuple[Command, ...] = ()
