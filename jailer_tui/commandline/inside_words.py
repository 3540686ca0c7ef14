"""Words about what is inside jails: console, exec, packages, services, logs."""

from __future__ import annotations

from jailer_tui.commandline.word import Command

INSIDE: tuple[Command, ...] = ()
