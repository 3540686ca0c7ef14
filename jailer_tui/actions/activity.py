"""What the tab of past and running changes offers."""

from __future__ import annotations

from jailer_tui.actions.action import Action

ACTIVITY: tuple[Action, ...] = ()
