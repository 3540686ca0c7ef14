"""What the tab of the network offers."""

from __future__ import annotations

from jailer_tui.actions.action import Action

NETWORK: tuple[Action, ...] = ()
