"""What consoles offer, and how they are opened."""

from __future__ import annotations

from jailer_tui.actions.action import Action

CONSOLE: tuple[Action, ...] = ()
