"""What can be done with snapshots, on their tab and from a jail."""

from __future__ import annotations

from jailer_tui.actions.action import Action

SNAPSHOTS: tuple[Action, ...] = ()
