"""Commands, packages, services, processes and logs of jails."""

from __future__ import annotations

from jailer_tui.actions.action import Action

RUNNING: tuple[Action, ...] = ()
