"""Words about snapshots and going back."""

from __future__ import annotations

from jailer_tui.commandline.word import Command

SNAP: tuple[Command, ...] = ()
